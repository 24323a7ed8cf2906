/**
 * The device's half as a process, for the differential test (tests/engine/stretches): a line in is a list of runs
 * {machine, steps}, a line out what became of each step. A step is {start, values} or {address, values, state}, where
 * `state` is what the engine exports before it. The device does each step from that and, unless the server had to go on
 * before, from its own state as well; `drifted` says where the two lead to different places.
 */
import { createInterface } from "node:readline";

import { type Exact, fromExact } from "../exact.ts";
import type { Address, Machine, State, Step } from "../machine.ts";
import { begin, complete } from "../running.ts";

interface Asked {
  readonly start?: string;
  readonly address?: Address;
  readonly values: Exact;
  readonly state?: State;
  /** What is not shown here happens after it. */
  readonly ends?: boolean;
}

interface Run {
  readonly machine: Machine;
  readonly steps: readonly Asked[];
}

function localsOf(state: State, key: string | null): Record<string, Exact> {
  const frame = key === null ? undefined : state.frames[key];
  return frame === undefined ? {} : { ...localsOf(state, frame.outer), ...frame.values };
}

const byPlace = (a: readonly unknown[], b: readonly unknown[]): number =>
  JSON.stringify(a.slice(0, 3)) < JSON.stringify(b.slice(0, 3)) ? -1 : 1;

function shown({ state, opened, server, finished }: Step) {
  const open = state.open.map(({ activity, visit, index, frame }) => [
    activity,
    visit,
    index,
    localsOf(state, frame),
  ]);
  return { open: open.sort(byPlace), opened, variables: sorted(state.variables), server, finished };
}

/** With keys in order, so that texts can be compared. */
function sorted(value: Exact): Exact {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Exact[]).map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function answer({ machine, steps }: Run): unknown[] {
  let own: State | null = null;
  return steps.map((asked) => {
    try {
      const values = fromExact(asked.values) as Record<string, unknown>;
      const before = own;
      if (asked.start !== undefined) {
        const step = begin(machine, asked.start, values);
        own = step.server || asked.ends ? null : step.state;
        return { ...shown(step), drifted: null };
      }
      const address = asked.address as Address;
      const step = complete(machine, asked.state as State, address, values);
      const said = shown(step);
      let drifted: unknown = null;
      own = null;
      if (before !== null) {
        const mine = complete(machine, before, address, values);
        const differs = JSON.stringify(normal(shown(mine))) !== JSON.stringify(normal(said));
        // What the device does not know yet, the engine has told: it may go further.
        if (differs && !mine.server && !JSON.stringify(before).includes('{"":null}')) drifted = shown(mine);
        if (!mine.server) own = mine.state;
      }
      if (before === null && !step.server) own = step.state;
      if (asked.ends) own = null;
      return { ...said, drifted };
    } catch (error) {
      own = null;
      return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  });
}

/** Numbers without zeros at their end. */
function normal(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(normal);
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, normal(item)]);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "" && typeof first[1] === "string") {
    return { "": first[1].includes(".") ? first[1].replace(/\.?0+$/, "") : first[1] };
  }
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify((JSON.parse(line) as readonly Run[]).map(answer))}\n`);
}

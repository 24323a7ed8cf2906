/**
 * Where an instance stands when all that was done on this device is counted: the state of the pack, and on it, in
 * order, what the outbox holds of it. Nothing of this is kept: it is worked out anew from what the server signed and
 * what was signed here, so it cannot say more than these.
 */
import {
  begin,
  complete,
  foretold,
  type Machine,
  NotOpen,
  type Open,
  type State,
  type Step,
  variablesOf,
} from "../ahead_of_server/index.ts";
import { Decimal } from "../feel/decimal.ts";
import { record, type Shape, WireMismatch } from "../api/shapes.ts";
import type { DeviceRecord } from "../device/envelope.ts";
import type { Boxed } from "../device/outbox.ts";
import type { Subject } from "../device/record.ts";
import type { KeptReceipt } from "../device/store.ts";
import { type ClientForm, loadModel } from "../forms/model.ts";
import { examine } from "../forms/validation.ts";
import { partOf } from "./reading.ts";
import type { Cut } from "./store.ts";

/** Something that was done here, as the outbox holds it. */
export type Act = Pick<Subject, "kind" | "target" | "definition" | "data"> & {
  readonly by: string;
  readonly at: string;
};

/** An instance as this device sees it. */
export interface Instance {
  readonly id: string;
  readonly machine: Machine;
  readonly process: string;
  readonly definition: string;
  readonly state: State;
  /** The open steps of the pack: what is open beside them is ahead of the server. */
  readonly known: readonly Open[];
  /** What was done last of it on this device. */
  readonly since: string;
}

// What the pack holds is written by the deployment of this very version; its form is the interpreter's matter.
const whole = (value: unknown, path: string): unknown => record(value, path);
const machineShape: Shape<Machine> = (value, path) => versioned(whole(value, path), path) as Machine;
const stateShape: Shape<State> = (value, path) => versioned(whole(value, path), path) as State;
const formShape: Shape<ClientForm> = (value, path) => whole(value, path) as ClientForm;

function versioned(value: unknown, path: string): unknown {
  const { v } = value as { readonly v?: unknown };
  if (v !== "1") throw new WireMismatch(path, "version 1", v);
  return value;
}

/** What was done of each instance, in order. */
export function actsByInstance(
  boxed: readonly Boxed[],
): ReadonlyMap<string, readonly [Act, KeptReceipt | null][]> {
  const found = new Map<string, [Act, KeptReceipt | null][]>();
  for (const { entry, receipt } of boxed) {
    const { record: made } = JSON.parse(entry.envelope) as { readonly record: DeviceRecord };
    if (made.kind !== "work_item.complete" && made.kind !== "process_instance.start") continue;
    const { kind, target, data } = made;
    const definition = made.definition as Subject["definition"];
    const acts = found.get(entry.instance) ?? [];
    acts.push([{ kind, target, definition, data, by: made.actor, at: entry.made_at }, receipt]);
    found.set(entry.instance, acts);
  }
  return found;
}

/** The machine of a diagram; null where the pack has none. */
export function machineOf(person: string, definition: string): Promise<Machine | null> {
  return partOf(person, `stretch/${definition}`, machineShape);
}

/** Where the instance stands; null where only the server can say. */
export async function standing(
  cut: Cut,
  id: string,
  acts: readonly (readonly [Act, KeptReceipt | null])[],
): Promise<Instance | null> {
  const [first] = acts;
  if (first === undefined) return null;
  const { process, hash: definition } = first[0].definition;
  const machine = await machineOf(cut.person, definition);
  if (machine === null) return null;
  let state = await partOf(cut.person, `state/${id}`, stateShape);
  const known = state?.open ?? [];
  let since = "";
  for (const [act, receipt] of acts) {
    if (isOver(receipt, cut)) continue;
    if (!stands(receipt)) return null;
    const step = await stepOf(cut, machine, state, act);
    if (step === null) return null;
    state = step === "done" ? state : step.state;
    since = act.at;
  }
  return state && { id, machine, process, definition, state, known, since };
}

/** What a person's step would open, for its record; null where the server goes on, or nothing can be said here. */
export async function foreseen(
  cut: Cut,
  id: string,
  acts: readonly (readonly [Act, KeptReceipt | null])[],
  act: Act,
): Promise<readonly string[] | null> {
  const machine = await machineOf(cut.person, act.definition.hash);
  if (machine === null) return null;
  const before = acts.length === 0 ? null : await standing(cut, id, acts);
  if (acts.length > 0 && before === null) return null;
  const state = before?.state ?? (await partOf(cut.person, `state/${id}`, stateShape));
  const step = await stepOf(cut, machine, state, act);
  return step === null || step === "done" ? null : foretold(step);
}

/** Whether the server has said its last word and the pack is younger: what it says counts, whatever it said. */
function isOver(receipt: KeptReceipt | null, cut: Cut): boolean {
  return receipt?.final === true && Date.parse(receipt.at) < Date.parse(cut.made_at) && !stands(receipt);
}

/** Whether a step went as it was done here, or may still. */
function stands(receipt: KeptReceipt | null): boolean {
  if (receipt === null) return true;
  const flags = receipt.result["flags"];
  switch (receipt.outcome) {
    case "accepted":
    case "held":
      return true;
    case "flagged":
      return receipt.reason !== "diverged" && !(Array.isArray(flags) && flags.includes("diverged"));
    // What is decided by a person, or was done by another, goes on as the server says.
    case "merged":
    case "superseded":
    case "parked":
    case "quarantined":
    case "refused":
      return false;
  }
}

/** One act: the step after it, "done" when the state holds it already, null when it cannot be said. */
async function stepOf(
  cut: Cut,
  machine: Machine,
  state: State | null,
  act: Act,
): Promise<Step | "done" | null> {
  if (act.kind === "process_instance.start") {
    if (state !== null) return "done";
    const start = startOf(machine, act.definition.form);
    const values = start === null ? null : await valuesOf(cut, act, {});
    return start === null || values === null ? null : begin(machine, start, values);
  }
  if (state === null) return null;
  const { activity, visit, index } = act.target;
  const address = {
    activity: activity ?? "",
    visit: Number(visit ?? "1"),
    index: index == null ? null : Number(index),
  };
  const open = state.open.find(
    (one) => one.activity === address.activity && one.visit === address.visit && one.index === address.index,
  );
  if (open === undefined) return "done";
  const values = await valuesOf(cut, act, seenAt(state, open));
  if (values === null) return null;
  try {
    return complete(machine, state, address, values);
  } catch (error) {
    if (error instanceof NotOpen) return "done";
    throw error;
  }
}

/** The start event that a person uses; null where the diagram lets no device start it. */
export function startOf(machine: Machine, form: string | null): string | null {
  const starts = Object.entries(machine.starts ?? {});
  return starts.find(([, start]) => (start.hash ?? null) === form)?.[0] ?? null;
}

/** What the fields of a step are to expressions: numbers as numbers, what was left empty as null. */
async function valuesOf(
  cut: Cut,
  { definition, data, at }: Act,
  context: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>> | null> {
  if (definition.form === null) return {};
  const form = await partOf(cut.person, `form/${definition.form}`, formShape);
  if (form === null) return null;
  const { decided } = examine(loadModel(form), data, { context, now: at, onScreen: false });
  return decided?.values ?? null;
}

/** The variables that a step sees, as the server would have sent them. */
export function seenAt(state: State, open: Open): Record<string, unknown> {
  return asSent(variablesOf(state, open)) as Record<string, unknown>;
}

function asSent(value: unknown): unknown {
  if (Decimal.isDecimal(value)) return Number(value.toFixed());
  if (Array.isArray(value)) return value.map(asSent);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asSent(member)]));
}

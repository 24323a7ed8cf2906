/**
 * Runs a process ahead of the server, as far as its machine goes: no engine, only what decides the next step of a
 * person. The server replays every step and decides; what is said here is a prediction.
 *
 * Tokens wait their turn as on the server (engine/execution/workflow.py): what a token leads to goes to the front,
 * the instances of a loop to the back. So visits are counted alike.
 */
import { Decimal, evaluate, FeelLimitExceeded, FeelValueRefused, toJson } from "../feel/index.ts";
import { type Exact, fromExact, isKnown, LATER, toExact } from "./exact.ts";
import type {
  Address,
  Frame,
  Instances,
  Loop,
  Machine,
  Open,
  Rounds,
  Run,
  State,
  Step,
  Target,
} from "./machine.ts";

/** A step is not open here; the device has to ask the server. */
export class NotOpen extends Error {}

/** Only the server can say: an answer is missing, or an expression cannot be evaluated here. */
class ServerGoesOn extends Error {}

interface Token {
  readonly to: Target;
  readonly frame: string | null;
  /** One instance of the loop that `to` is. */
  readonly run?: string;
}

const MAX_MOVES = 10_000;
const MAX_INSTANCES = 10_000;

/** Start an instance at a start event that the diagram lets a device use; `values` are those of its form. */
export function begin(machine: Machine, start: string, values: Readonly<Record<string, unknown>>): Step {
  const event = machine.starts?.[start];
  if (event === undefined) throw new NotOpen(start);
  const state: State = { v: "1", variables: {}, visits: {}, open: [], frames: {}, runs: {}, away: false };
  const walk = new Walk(machine, state);
  walk.take(null, event.result, values);
  return walk.on({ to: event.to, frame: null });
}

/** Complete an open step with the values of its form. `state` stays as it is. */
export function complete(
  machine: Machine,
  state: State,
  address: Address,
  values: Readonly<Record<string, unknown>>,
): Step {
  const walk = new Walk(machine, copied(state));
  const done = walk.close(address);
  const task = machine.nodes[done.activity];
  const known = task?.k === "u" ? task : undefined;
  walk.take(done.frame, known?.result, values);
  if (known === undefined) return walk.on({ to: null, frame: null });
  const frame = done.frame === null ? undefined : walk.state.frames[done.frame];
  const inLoop = frame !== undefined && walk.state.runs[frame.run]?.loop === done.activity;
  if (!inLoop) return walk.on({ to: known.to, frame: done.frame });
  return walk.afterInstance(done.frame as string);
}

/** A state of its own to write in; the values themselves are never changed, so both may hold them. */
function copied(state: State): State {
  const { variables, visits, frames, runs } = state;
  return {
    ...state,
    variables: { ...variables },
    visits: { ...visits },
    frames: each(frames, (frame) => ({ ...frame, values: { ...frame.values } })),
    runs: each(runs, (run) => ({ ...run, results: { ...run.results } })),
  };
}

const each = <T>(of: Readonly<Record<string, T>>, copy: (one: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([key, one]) => [key, copy(one)]));

/** What a record says will come next (`next`): the activities that a step opened; null where the server goes on. */
export function foretold(step: Step): readonly string[] | null {
  return step.server ? null : step.opened.map(({ activity }) => activity);
}

/** The variables that an open step sees, the innermost first, as its form wants them. */
export function variablesOf(state: State, open: Open): Record<string, unknown> {
  const seen = { ...state.variables };
  const around: Frame[] = [];
  for (let key = open.frame; key !== null;) {
    const frame = state.frames[key];
    if (frame === undefined) break;
    around.unshift(frame);
    key = frame.outer;
  }
  for (const frame of around) Object.assign(seen, frame.values);
  return Object.fromEntries(Object.entries(seen).map(([name, value]) => [name, fromExact(value)]));
}

class Walk {
  readonly state: State;
  readonly #machine: Machine;
  readonly #agenda: Token[] = [];
  readonly #opened: Open[] = [];
  /** Loops that began in this step. */
  readonly #fresh = new Set<string>();
  #server = false;

  constructor(machine: Machine, state: State) {
    this.#machine = machine;
    this.state = state;
  }

  close({ activity, visit, index }: Address): Open {
    const { state } = this;
    const found = state.open.find(
      (open) => open.activity === activity && open.visit === visit && open.index === index,
    );
    if (found === undefined) throw new NotOpen(`${activity} ${visit}`);
    state.open = state.open.filter((open) => open !== found);
    return found;
  }

  /** Put an answer into the variables: under the result's name, else each by its name. */
  take(frame: string | null, result: string | undefined, values: Readonly<Record<string, unknown>>): void {
    if (result !== undefined) this.#assign(frame, result, toExact(values));
    else for (const [name, value] of Object.entries(values)) this.#assign(frame, name, toExact(value));
  }

  afterInstance(key: string): Step {
    this.#guarded(() => this.#instanceDone(key));
    return this.#run();
  }

  on(token: Token): Step {
    this.#agenda.push(token);
    return this.#run();
  }

  #run(): Step {
    for (let moves = 0; this.#agenda.length > 0; moves++) {
      const token = this.#agenda.shift() as Token;
      this.#guarded(() => {
        if (moves > MAX_MOVES) throw new ServerGoesOn();
        this.#enter(token);
      });
    }
    if (this.#server) this.state.away = true;
    const { state } = this;
    const isOpen = new Set(state.open);
    return {
      state,
      opened: this.#opened
        .filter((open) => isOpen.has(open))
        .map(({ activity, visit, index }) => ({ activity, visit, index })),
      server: this.#server,
      finished: state.open.length === 0 && !state.away,
    };
  }

  /** Let a token go to the server where only the server can say what comes next. */
  #guarded(move: () => void): void {
    try {
      move();
    } catch (error) {
      const isOurs =
        error instanceof ServerGoesOn ||
        error instanceof FeelLimitExceeded ||
        error instanceof FeelValueRefused;
      if (!isOurs) throw error;
      this.#server = true;
    }
  }

  #enter({ to, frame, run }: Token): void {
    const node = to === null ? undefined : this.#machine.nodes[to];
    if (to === null || node === undefined) throw new ServerGoesOn();
    switch (node.k) {
      case "u":
        if (run !== undefined) this.#open(to, frame, this.#runOf(run).visit, this.#frameOf(frame).index);
        else if (node.loop !== undefined) this.#beginLoop(to, node.loop, frame);
        else this.#open(to, frame, this.#visit(to), null);
        return;
      case "x":
        this.#agenda.unshift({ to: this.#way(node.ways, node.else, frame), frame });
        return;
      case "p":
        this.#agenda.unshift(...node.ways.map((way) => ({ to: way, frame })));
        return;
      case "s":
        this.#set(node.set, frame);
        this.#agenda.unshift({ to: node.to, frame });
        return;
      case "l":
        this.#assign(frame, node.result, LATER);
        this.#agenda.unshift({ to: node.to, frame });
        return;
      case "b":
        if (run === undefined && node.loop !== undefined) this.#beginLoop(to, node.loop, frame);
        else this.#agenda.unshift({ to: node.in, frame });
        return;
      case "e":
        if (node.of !== "") this.#leave(node.of, frame);
    }
  }

  #visit(activity: string): number {
    const { visits } = this.state;
    return (visits[activity] = (visits[activity] ?? 0) + 1);
  }

  #open(activity: string, frame: string | null, visit: number, index: number | null): void {
    const task = this.#machine.nodes[activity];
    const reads = task?.k === "u" ? (task.reads ?? []) : [];
    if (!this.#isNumberingSure(frame) || !this.#isHeld(reads, frame)) throw new ServerGoesOn();
    const open: Open = { activity, visit, index, frame };
    this.#opened.push(open);
    this.state.open = [...this.state.open, open];
  }

  /**
   * Whether the visit counted here is the one the server counts. In a loop whose instances go on side by side another
   * device may open the same step first, and an answer would go to the wrong instance.
   */
  #isNumberingSure(frame: string | null): boolean {
    for (let key = frame; key !== null; key = this.#frameOf(key).outer) {
      const { run } = this.#frameOf(key);
      const loop = this.#loopOf(this.#runOf(run).loop);
      if (loop !== undefined && "seq" in loop && !loop.seq && !this.#fresh.has(run)) return false;
    }
    return true;
  }

  #isHeld(names: readonly string[], frame: string | null): boolean {
    return names.every((name) =>
      name === "context"
        ? Object.values(this.state.variables).every(isKnown)
        : isKnown(this.#read(frame, name)),
    );
  }

  #way(
    ways: readonly (readonly [number, Target])[],
    otherwise: Target | undefined,
    frame: string | null,
  ): Target {
    const taken = ways.find(([condition]) => this.#value(condition, frame) === true);
    if (taken !== undefined) return taken[1];
    if (otherwise === undefined) throw new ServerGoesOn();
    return otherwise;
  }

  #set(script: number, frame: string | null): void {
    const values = this.#value(script, frame);
    if (typeof values !== "object" || values === null || Array.isArray(values)) throw new ServerGoesOn();
    for (const [name, value] of Object.entries(values)) this.#assign(frame, name, toExact(value));
  }

  #leave(scope: string, frame: string | null): void {
    const node = this.#machine.nodes[scope];
    if (node?.k !== "b") throw new ServerGoesOn();
    if (node.loop !== undefined && frame !== null) this.#instanceDone(frame);
    else this.#agenda.unshift({ to: node.to, frame });
  }

  // loops

  #beginLoop(activity: string, loop: Loop, frame: string | null): void {
    const visit = this.#visit(activity);
    const elements = "over" in loop ? this.#elements(loop.over, frame) : [];
    const total = "over" in loop ? elements.length : "times" in loop ? this.#times(loop.times, frame) : 0;
    if ("max" in loop && loop.first && !this.#goesOn(loop, frame, 0)) {
      this.#agenda.unshift({ to: this.#after(activity), frame });
      return;
    }
    const key = this.#newKey(this.state.runs);
    const run: Run = { loop: activity, visit, frame, total, done: 0, elements, results: {} };
    this.state.runs[key] = run;
    this.#fresh.add(key);
    if ("max" in loop) this.#beginInstance(key, run, 0, loop);
    else if (total === 0) this.#endLoop(key, run, loop);
    else for (let at = 0; at < (loop.seq ? 1 : total); at++) this.#beginInstance(key, run, at, loop);
  }

  #elements(over: number, frame: string | null): readonly Exact[] {
    const found = this.#value(over, frame);
    if (!Array.isArray(found) || found.length > MAX_INSTANCES) throw new ServerGoesOn();
    return found.map(toExact);
  }

  #times(times: number, frame: string | null): number {
    const found = this.#value(times, frame);
    const count = Decimal.isDecimal(found) && found.isInteger() ? Number(found.toFixed()) : -1;
    if (count < 0 || count > MAX_INSTANCES) throw new ServerGoesOn();
    return count;
  }

  #beginInstance(key: string, run: Run, index: number, loop: Loop): void {
    const values: Record<string, Exact> = {};
    if ("as" in loop && run.elements.length > 0) values[loop.as] = run.elements[index] ?? null;
    values["loopCounter"] = toExact(index + 1);
    const frame = this.#newKey(this.state.frames);
    this.state.frames[frame] = { outer: run.frame, run: key, index, values, keeps: "into" in loop };
    this.#agenda.push({ to: run.loop, frame, run: key });
  }

  #instanceDone(key: string): void {
    const frame = this.#frameOf(key);
    const run = this.#runOf(frame.run);
    const loop = this.#loopOf(run.loop);
    if (loop === undefined) throw new ServerGoesOn();
    run.done++;
    if ("max" in loop) this.#roundDone(key, run, loop);
    else this.#oneOfManyDone(key, run, loop);
  }

  #roundDone(key: string, run: Run, loop: Rounds): void {
    const runKey = this.#forget(key);
    if (this.#goesOn(loop, run.frame, run.done)) this.#beginInstance(runKey, run, run.done, loop);
    else this.#endLoop(runKey, run, loop);
  }

  #oneOfManyDone(key: string, run: Run, loop: Instances): void {
    const frame = this.#frameOf(key);
    if ("into" in loop) run.results[frame.index] = this.#resultOf(key, frame, loop);
    const until = loop.until === undefined ? null : this.#value(loop.until, key, this.#counters(run, loop));
    const runKey = this.#forget(key);
    if (until === true) this.#cancelIn(runKey);
    if (until === true || run.done === run.total) this.#endLoop(runKey, run, loop);
    else if (loop.seq) this.#beginInstance(runKey, run, run.done, loop);
  }

  #resultOf(key: string, frame: Frame, loop: Instances): Exact {
    if (loop.out !== undefined) return toExact(this.#value(loop.out, key));
    const own = Object.entries(frame.values).filter(([name]) => name !== loop.as && name !== "loopCounter");
    return Object.fromEntries(own);
  }

  #counters(run: Run, loop: Instances): Record<string, number> {
    return {
      numberOfInstances: run.total,
      numberOfActiveInstances: loop.seq ? 0 : run.total - run.done,
      numberOfCompletedInstances: run.done,
      numberOfTerminatedInstances: 0,
    };
  }

  #goesOn(loop: Rounds, frame: string | null, done: number): boolean {
    if (loop.max > 0 && done >= loop.max) return false;
    return loop.again === undefined || this.#value(loop.again, frame, { loopCounter: done }) === true;
  }

  #endLoop(key: string, run: Run, loop: Loop): void {
    if ("into" in loop) {
      const order = Object.keys(run.results).sort((a, b) => Number(a) - Number(b));
      const gathered = order.map((index) => run.results[index] as Exact);
      this.#assign(run.frame, loop.into, gathered);
    }
    Reflect.deleteProperty(this.state.runs, key);
    this.#agenda.unshift({ to: this.#after(run.loop), frame: run.frame });
  }

  #cancelIn(run: string): void {
    const isInside = (key: string | null): boolean => {
      for (let at = key; at !== null; at = this.#frameOf(at).outer) {
        if (this.#frameOf(at).run === run) return true;
      }
      return false;
    };
    this.state.open = this.state.open.filter((open) => !isInside(open.frame));
    const rest = this.#agenda.filter((token) => !isInside(token.frame));
    this.#agenda.splice(0, this.#agenda.length, ...rest);
  }

  /** Drop the variables of an instance that is done; gives its loop's key. */
  #forget(key: string): string {
    const { run } = this.#frameOf(key);
    Reflect.deleteProperty(this.state.frames, key);
    return run;
  }

  #after(activity: string): Target {
    const node = this.#machine.nodes[activity];
    return node?.k === "u" || node?.k === "b" ? node.to : null;
  }

  #loopOf(activity: string): Loop | undefined {
    const node = this.#machine.nodes[activity];
    return node?.k === "u" || node?.k === "b" ? node.loop : undefined;
  }

  #runOf(key: string): Run {
    const run = this.state.runs[key];
    if (run === undefined) throw new ServerGoesOn();
    return run;
  }

  #frameOf(key: string | null): Frame {
    const frame = key === null ? undefined : this.state.frames[key];
    if (frame === undefined) throw new ServerGoesOn();
    return frame;
  }

  #newKey(taken: Readonly<Record<string, unknown>>): string {
    let number = Object.keys(taken).length + 1;
    while (`d${number}` in taken) number++;
    return `d${number}`;
  }

  // variables

  #value(position: number, frame: string | null, more: Readonly<Record<string, number>> = {}): unknown {
    const [tree, reads] = this.#machine.feel[position] as Machine["feel"][number];
    const scope: Record<string, unknown> = {};
    for (const name of reads) {
      const value = this.#read(frame, name);
      if (!(name in more) && !isKnown(value)) throw new ServerGoesOn();
      scope[name] = fromExact(value);
    }
    return toJson(evaluate(tree, { ...scope, ...more }));
  }

  #read(frame: string | null, name: string): Exact {
    for (let key = frame; key !== null;) {
      const { values, outer } = this.#frameOf(key);
      if (Object.hasOwn(values, name)) return values[name] as Exact;
      key = outer;
    }
    const { variables } = this.state;
    return Object.hasOwn(variables, name) ? (variables[name] as Exact) : null;
  }

  /** Set a variable where it is, else in the nearest frame that keeps, else in the case. */
  #assign(frame: string | null, name: string, value: Exact): void {
    for (let key = frame; key !== null;) {
      const { values, outer, keeps } = this.#frameOf(key);
      if (keeps || Object.hasOwn(values, name)) {
        values[name] = value;
        return;
      }
      key = outer;
    }
    this.state.variables[name] = value;
  }
}

/** The machine that deployment compiles of a diagram, and what a device keeps of an instance that it runs ahead. */
import type { Tree } from "../feel/index.ts";
import type { Exact } from "./exact.ts";

/** The id of a node; null where the server goes on. */
export type Target = string | null;

/** engine/definitions/stretches.py says what each means. Numbers are positions in `feel`. */
export interface Machine {
  readonly v: "1";
  readonly process: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly feel: readonly (readonly [tree: Tree, reads: readonly string[]])[];
  readonly starts?: Readonly<Record<string, Start>>;
}

export type Node = Task | Gateway | Fork | Assignment | Later | SubProcess | End;

export interface Start {
  readonly to: Target;
  readonly class: string;
  readonly form?: string;
  readonly hash?: string;
  readonly result?: string;
}

export interface Task {
  readonly k: "u";
  readonly to: Target;
  readonly names: Readonly<Record<string, string>>;
  readonly form?: string;
  readonly hash?: string;
  readonly result?: string;
  readonly role?: string;
  /** The meaning of its signature. */
  readonly sign?: string;
  /** What the diagram says of it offline; absent: see the customer's policy. */
  readonly class?: string;
  /** Who did one of these may not do it. */
  readonly apart?: readonly string[];
  readonly training?: readonly string[];
  readonly devices?: readonly string[];
  /** The variables of the case that its form uses. */
  readonly reads?: readonly string[];
  /** An event may take it away while the device is offline. */
  readonly cut?: boolean;
  readonly loop?: Loop;
}

export interface Gateway {
  readonly k: "x";
  readonly ways: readonly (readonly [condition: number, to: Target])[];
  readonly else?: Target;
}

export interface Fork {
  readonly k: "p";
  readonly ways: readonly Target[];
}

export interface Assignment {
  readonly k: "s";
  readonly to: Target;
  readonly set: number;
}

export interface Later {
  readonly k: "l";
  readonly to: Target;
  readonly result: string;
}

export interface SubProcess {
  readonly k: "b";
  readonly to: Target;
  readonly in: Target;
  readonly loop?: Loop;
}

export interface End {
  readonly k: "e";
  readonly of: string;
}

export type Loop = Instances | Rounds;

export interface Instances {
  readonly seq: boolean;
  readonly over?: number;
  readonly times?: number;
  readonly as?: string;
  readonly into?: string;
  readonly out?: number;
  readonly until?: number;
}

export interface Rounds {
  readonly max: number;
  readonly first: boolean;
  readonly again?: number;
}

/** Where a step stands in its instance, said without the server: the same on both sides. */
export interface Address {
  readonly activity: string;
  readonly visit: number;
  readonly index: number | null;
}

/** A step that waits for a person; `frame` are the variables around it, beside those of the case. */
export interface Open extends Address {
  readonly frame: string | null;
}

/** The variables of one instance of a loop. */
export interface Frame {
  readonly outer: string | null;
  readonly run: string;
  readonly index: number;
  readonly values: Record<string, Exact>;
  /** New variables stay here. */
  readonly keeps: boolean;
}

/** A loop under way, of the activity `loop`; `frame` is what lies around it. */
export interface Run {
  readonly loop: string;
  readonly visit: number;
  readonly frame: string | null;
  readonly total: number;
  done: number;
  readonly elements: readonly Exact[];
  readonly results: Record<string, Exact>;
}

/** What a device knows of an instance; plain JSON. `away`: something of it happens where the device cannot see. */
export interface State {
  readonly v: "1";
  readonly variables: Record<string, Exact>;
  readonly visits: Record<string, number>;
  open: readonly Open[];
  readonly frames: Record<string, Frame>;
  readonly runs: Record<string, Run>;
  away: boolean;
}

/** What became of a step: the state after it, what it opened, and whether the server goes on from here. */
export interface Step {
  readonly state: State;
  readonly opened: readonly Address[];
  readonly server: boolean;
  readonly finished: boolean;
}

/**
 * Ahead of the server: what comes next of a process while the server cannot be asked. Loaded when a device is
 * offline and completes a step, never with the first load. README.md of engine/definitions says what a stretch is.
 *
 * A machine and a State come with the pack (engine/reading/ahead.py). `complete` gives the next State, to be kept in
 * the place of the first, and the addresses of what it opened; an instance begun here has a State from `begin`. A State
 * from a later pack, made after the server heard of all that was done here, takes the place of the device's own.
 */
export { type Exact, fromExact, isKnown, toExact } from "./exact.ts";
export type { Address, Machine, Open, State, Step, Task } from "./machine.ts";
export { begin, complete, foretold, NotOpen, variablesOf } from "./running.ts";

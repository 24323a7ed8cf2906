/**
 * The device's evaluator as a process, for the differential fuzz (tools/fuzz_feel.py) and its tests: a line in is
 * {"scope", "now"} or a list of [tree, steps, size]; a line out is the list of results, typed, or {"limit": …}.
 */
import { createInterface } from "node:readline";

import { evaluate, FeelLimitExceeded, type Scope, type Tree } from "../index.ts";
import { decode, encode, type Json } from "./typed.ts";

let scope: Scope = {};
let now = "";

function answer([tree, steps, size]: readonly [Tree, number, number]): Json {
  try {
    return encode(evaluate(tree, scope, { now, steps, size }));
  } catch (error) {
    if (error instanceof FeelLimitExceeded) return { limit: error.limit };
    return { error: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as { scope: Record<string, Json>; now: string } | [Tree, number, number][];
  if (Array.isArray(message)) {
    process.stdout.write(`${JSON.stringify(message.map(answer))}\n`);
  } else {
    scope = Object.fromEntries(Object.entries(message.scope).map(([name, value]) => [name, decode(value)]));
    now = message.now;
  }
}

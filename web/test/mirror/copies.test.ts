// @vitest-environment node
/** The device's copies: kept per person, given back with their age, gone after signing out. */
import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";

import { fact, forgetCopies, keepCopies, rememberFact, restoreCopies } from "../../src/mirror/copies.ts";

async function fetched(user: string, key: readonly unknown[], data: unknown): Promise<void> {
  const client = new QueryClient();
  const stop = keepCopies(client, user);
  await client.query({ queryKey: key, queryFn: () => Promise.resolve(data) });
  await vi.waitFor(async () => {
    const again = new QueryClient();
    await restoreCopies(again, user);
    expect(again.getQueryCache().getAll().length).toBeGreaterThan(0);
  });
  stop();
}

test("what one person fetched is there for them after a restart, and for nobody else", async () => {
  await fetched("ben", ["worklist"], { items: [1] });
  const ben = new QueryClient();
  await restoreCopies(ben, "ben");
  expect(ben.getQueryData(["worklist"])).toEqual({ items: [1] });
  const cleo = new QueryClient();
  await restoreCopies(cleo, "cleo");
  expect(cleo.getQueryData(["worklist"])).toBeUndefined();
});

test("a fresher answer is not overwritten by the copy", async () => {
  await fetched("ben", ["worklist"], { items: ["old"] });
  const client = new QueryClient();
  client.setQueryData(["worklist"], { items: ["new"] });
  await restoreCopies(client, "ben");
  expect(client.getQueryData(["worklist"])).toEqual({ items: ["new"] });
});

test("signing out forgets", async () => {
  await fetched("ben", ["form", "h"], { schema: {} });
  await forgetCopies("ben");
  const client = new QueryClient();
  await restoreCopies(client, "ben");
  expect(client.getQueryCache().getAll()).toEqual([]);
});

test("facts are kept and forgotten by name", async () => {
  await rememberFact("session", { user: "ben" });
  expect(await fact("session")).toEqual({ user: "ben" });
  await rememberFact("session", null);
  expect(await fact("session")).toBeUndefined();
});

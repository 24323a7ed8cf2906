/** Answers that the page asked for before the client ran: used once, by the start alone. */
import { afterEach, expect, test, vi } from "vitest";

import { request, Unreachable } from "../../src/api/client.ts";
import { forgetEarly, takeEarly } from "../../src/api/early.ts";

const said = (body: unknown): Response =>
  new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
const asIs = (value: unknown): unknown => value;

afterEach(forgetEarly);

test("the first question takes the answer that is on its way, the second asks", async () => {
  const fetched = vi.fn(() => Promise.resolve(said("later")));
  vi.stubGlobal("fetch", fetched);
  globalThis.countersignAsked = { "/api/session": Promise.resolve(said("early")) };
  expect(await request("/api/session", asIs)).toBe("early");
  expect(fetched).not.toHaveBeenCalled();
  expect(await request("/api/session", asIs)).toBe("later");
});

test("what changes something is never answered by what was asked before", async () => {
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(said("done"))),
  );
  globalThis.countersignAsked = { "/api/session": Promise.resolve(said("early")) };
  expect(await request("/api/session", asIs, { method: "DELETE", aboutSession: true })).toBe("done");
});

test("an early question that met no server is a server that was not reached", async () => {
  globalThis.countersignAsked = { "/api/worklist": Promise.reject(new TypeError("no network")) };
  await expect(request("/api/worklist", asIs)).rejects.toBeInstanceOf(Unreachable);
});

test("an answer in the name of nobody is not used after somebody has signed in", () => {
  globalThis.countersignAsked = { "/api/worklist": Promise.resolve(said("refused")) };
  forgetEarly();
  expect(takeEarly("/api/worklist")).toBeUndefined();
});

test("an answer is not used long after the start", () => {
  globalThis.countersignAsked = { "/api/worklist": Promise.resolve(said("old")) };
  vi.spyOn(performance, "now").mockReturnValue(60_000);
  expect(takeEarly("/api/worklist")).toBeUndefined();
});

/**
 * Ahead of the server: what was done here leads to the next steps, several in a row, also of an instance that began
 * here; what the server says otherwise ends it; too old a pack and a decision refuse.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { noteReachable } from "../../src/api/connection.ts";
import { setCsrf } from "../../src/api/client.ts";
import { workItemSubject } from "../../src/device/subject.ts";
import { keep, prepare } from "../../src/device/keeping.ts";
import { makeSigningKey, type SigningKey } from "../../src/device/keys.ts";
import { keepReceipts, readOutbox } from "../../src/device/outbox.ts";
import type { Subject } from "../../src/device/record.ts";
import { closeOutbox, type KeptReceipt, OUTBOX_DATABASE } from "../../src/device/store.ts";
import { rememberFact } from "../../src/mirror/copies.ts";
import { aheadItem, workAhead } from "../../src/pack/ahead.ts";
import { fromPack } from "../../src/pack/reading.ts";
import { closePack, PACK_DATABASE } from "../../src/pack/store.ts";
import { takePack } from "../../src/pack/taking.ts";
import { BEN, enrolledDevice, INSTANCE } from "../device/enrolled.ts";
import { answerOf, type Parts, REVOKED } from "./packed.ts";

const HASH = "a".repeat(64);
const NAMES = (en: string) => ({ en, zh: `${en}（中）` });
/** Weigh, then Pack when it is heavy, twice; then Check by another role; a decision at the end. */
const MACHINE = {
  v: "1",
  process: "scales",
  nodes: {
    Weigh: { k: "u", names: NAMES("Weigh"), role: "WH", class: "A", form: "weigh", hash: "f1", to: "Heavy" },
    Heavy: { k: "x", ways: [[0, "Pack"]], else: "Light" },
    Pack: { k: "u", names: NAMES("Pack"), role: "WH", class: "B", sign: "PERF", to: "Label" },
    Label: { k: "u", names: NAMES("Label"), role: "WH", class: "A", to: "Judge", apart: ["Inspect"] },
    Judge: { k: "u", names: NAMES("Judge"), role: "WH", class: "C", to: null },
    Light: { k: "u", names: NAMES("Light"), role: "QA", class: "A", to: null },
  },
  feel: [[["feel/1", [">", ["v", "weight"], ["n", "10"]]], ["weight"]]],
  starts: { Begin: { to: "Weigh", class: "A" } },
};
const FORM = {
  form: "weigh",
  hash: "f1",
  title: NAMES("Weigh"),
  schema: {
    type: "object",
    required: ["weight"],
    properties: {
      weight: { type: "string", "x-field": "quantity", "x-unit": "kg", "x-label": NAMES("Weight") },
    },
  },
  ui: { type: "VerticalLayout", elements: [{ type: "Control", scope: "#/properties/weight" }] },
  expressions: {},
  order: ["/weight"],
  needs: {},
  judged_by: {},
  check_needs: {},
};
const STATE = {
  v: "1",
  variables: { box: { "": "2.50" } },
  visits: { Weigh: 1 },
  open: [{ activity: "Weigh", visit: 1, index: null, frame: null }],
  frames: {},
  runs: {},
  away: false,
};

const PARTS: Parts = {
  [`stretch/${HASH}`]: MACHINE,
  [`state/${INSTANCE}`]: STATE,
  "form/f1": FORM,
  revoked: REVOKED,
  meanings: { PERF: { names: NAMES("Performed"), statement: NAMES("I did it.") } },
  processes: [
    { process_id: "scales", names: NAMES("Scales"), version: 1, definition_hash: HASH, start_form: null },
  ],
};

let server: SigningKey;

async function take(parts: Parts = PARTS, head: Readonly<Record<string, unknown>> = {}): Promise<void> {
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    const { have } = JSON.parse(init.body as string) as { have: Record<string, string> };
    const body = JSON.stringify(await answerOf(server, parts, have, head));
    return new Response(body, { headers: { "Content-Type": "application/json" } });
  });
  await takePack("ben");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  noteReachable(false);
}

const DEFINITION = { process: "scales", version: null, hash: HASH, form: "f1" };

function weighed(weight: string, more: Partial<Subject> = {}): Subject {
  return {
    kind: "work_item.complete",
    tenant: "main",
    instance: INSTANCE,
    target: { process_instance: INSTANCE, activity: "Weigh", visit: "1", index: null, task_ref: "7" },
    definition: DEFINITION,
    data: { weight },
    before: {},
    why: null,
    offline: "A",
    ...more,
  };
}

/** Do something, as a screen does; gives the record that was made. */
async function done(
  subject: Subject,
): Promise<{ target: Record<string, unknown>; next: unknown; depends: unknown[] }> {
  const command = { name: "complete-work-item", fields: {}, about: NAMES("Done"), subject };
  const prepared = await prepare(command, BEN);
  await keep(command, BEN, { record: prepared!.record, sigs: [] });
  const { boxed } = await readOutbox();
  return (JSON.parse(boxed.at(-1)!.entry.envelope) as { record: Awaited<ReturnType<typeof done>> }).record;
}

/** The server rules on the last of what was done. */
async function ruled(more: Partial<KeptReceipt>): Promise<void> {
  const { boxed } = await readOutbox();
  const { id } = boxed.at(-1)!.entry;
  const at = new Date(Date.now() + 1000).toISOString();
  const said = { body: `${Math.random()}`, key: "k1", signature: "", reason: null, message: null };
  const receipt = { id, ...said, outcome: "accepted", final: true, result: {}, conflict: null, at, ...more };
  await keepReceipts([receipt as KeptReceipt]);
}

const steps = async () => (await workAhead()).map(({ activity_id: activity }) => activity);
const complete = { kind: "work_item.complete", revision: 0, data: {} } as const;

beforeEach(async () => {
  await Promise.all([closeOutbox(), closePack()]);
  indexedDB.deleteDatabase(OUTBOX_DATABASE);
  indexedDB.deleteDatabase(PACK_DATABASE);
  setCsrf("token");
  noteReachable(true);
  server = await makeSigningKey(false);
  await enrolledDevice({}, server);
  await rememberFact("session", {
    user: { ...BEN, name: NAMES("Ben"), roles: ["WH"], zone: "UTC" },
    csrf: "",
    tenant: "main",
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  noteReachable(true);
});

test("a step leads to the next, and that to another; each record names where it stands and what it expects", async () => {
  await take();
  expect(await steps()).toEqual([]);
  expect((await done(weighed("12.50"))).next).toEqual(["Pack"]);
  const [pack] = await workAhead();
  expect(pack).toMatchObject({
    activity_id: "Pack",
    visit: 1,
    role: "WH",
    variables: { weight: 12.5, box: 2.5 },
    meaning: { code: "PERF", statement: NAMES("I did it.") },
    process_names: NAMES("Scales"),
    may: { complete: true },
  });
  const second = await done(workItemSubject(pack!, "main", complete));
  const { boxed } = await readOutbox();
  expect(second).toMatchObject({
    target: {
      process_instance: INSTANCE,
      activity: "Pack",
      visit: "1",
      index: null,
      task_ref: null,
      revision: null,
    },
    next: ["Label"],
    depends: [boxed[0]!.entry.id],
  });
  expect(await steps()).toEqual(["Label"]);
});

test("another way leads to another's work: it is not offered here", async () => {
  await take();
  expect((await done(weighed("9.99"))).next).toEqual(["Light"]);
  expect(await steps()).toEqual([]);
});

test.each(["accepted", "held"] as const)("what is %s goes on", async (outcome) => {
  await take();
  await done(weighed("12.50"));
  await ruled({ outcome, final: outcome === "accepted" });
  expect(await steps()).toEqual(["Pack"]);
});

test.each(["parked", "refused", "superseded", "merged", "quarantined"] as const)(
  "after what is %s only the server knows the way",
  async (outcome) => {
    await take();
    await done(weighed("12.50"));
    await ruled({ outcome });
    expect(await steps()).toEqual([]);
  },
);

test("where the server went another way the foretold step is gone, and a younger pack goes on", async () => {
  await take();
  await done(weighed("12.50"));
  await ruled({ outcome: "flagged", reason: "diverged", result: { flags: ["diverged"] } });
  expect(await steps()).toEqual([]);
  const open = [{ activity: "Label", visit: 1, index: null, frame: null }];
  const younger = { made_at: new Date(Date.now() + 60_000).toISOString() };
  await take({ ...PARTS, [`state/${INSTANCE}`]: { ...STATE, open } }, younger);
  await done({
    ...weighed(""),
    target: { activity: "Label", visit: "1", index: null },
    definition: { ...DEFINITION, form: null },
    data: {},
  });
  expect(await steps()).toEqual(["Judge"]);
});

test("a step that the server has opened is the server's, and stays under the hand by its name", async () => {
  await take();
  await done(weighed("12.50"));
  const [pack] = await workAhead();
  await ruled({ outcome: "accepted" });
  const open = [{ activity: "Pack", visit: 1, index: null, frame: null }];
  const item = { ...pack, work_item_id: `${INSTANCE}.9`, revision: 4 };
  await take({ ...PARTS, [`state/${INSTANCE}`]: { ...STATE, open }, [`work_item/${INSTANCE}.9`]: item });
  expect(await steps()).toEqual([]);
  expect(await aheadItem(pack!.work_item_id)).toMatchObject({ activity_id: "Pack", revision: 0 });
  await expect(aheadItem(`${INSTANCE}~Nothing~1~`)).rejects.toMatchObject({ status: 404 });
});

test("an instance begins here and goes on", async () => {
  await take();
  const instance = "0193f7a2-2222-7000-8000-000000000002";
  const definition = { ...DEFINITION, version: "1", form: null };
  const start = { kind: "process_instance.start", instance, definition, data: {} } as const;
  const target = { process_instance: instance, process: "scales" };
  expect((await done({ ...weighed(""), ...start, target })).next).toEqual(["Weigh"]);
  const [weigh] = await workAhead();
  expect(weigh).toMatchObject({ activity_id: "Weigh", process_instance_id: instance, form_hash: "f1" });
  const subject = workItemSubject(weigh!, "main", { ...complete, data: { weight: "11" } });
  expect((await done(subject)).next).toEqual(["Pack"]);
  expect(await steps()).toEqual(["Pack"]);
});

test("a step of another training, another kind of device, or after one's own is not completed", async () => {
  const nodes = {
    ...MACHINE.nodes,
    Pack: { ...MACHINE.nodes.Pack, apart: ["Weigh"] },
  };
  await take({ ...PARTS, [`stretch/${HASH}`]: { ...MACHINE, nodes } });
  await done(weighed("12.50"));
  expect((await workAhead())[0]?.may).toMatchObject({ complete: false });
  const trained = { ...MACHINE.nodes, Pack: { ...MACHINE.nodes.Pack, training: ["WI-1"] } };
  await take({ ...PARTS, [`stretch/${HASH}`]: { ...MACHINE, nodes: trained }, untrained: ["WI-1"] });
  expect((await workAhead())[0]?.may).toMatchObject({ complete: false });
  await take({ ...PARTS, [`stretch/${HASH}`]: { ...MACHINE, nodes: trained }, untrained: [] });
  expect((await workAhead())[0]?.may).toMatchObject({ complete: true });
});

test.each([
  ["a pack that is too old", { valid_until: "2026-01-01T00:00:00Z" }, {}, weighed("1")],
  ["a person who was let go", {}, { revoked: { ...REVOKED, people: ["ben"] } }, weighed("1")],
  ["a decision", {}, {}, weighed("1", { offline: "C" })],
  ["a step that is never done offline", {}, {}, weighed("1", { offline: "D" })],
  [
    "a start that the diagram does not leave to devices",
    {},
    { [`stretch/${HASH}`]: { ...MACHINE, starts: {} } },
    weighed("1", { kind: "process_instance.start", definition: { ...DEFINITION, form: null } }),
  ],
])("%s refuses, and nothing is kept", async (_what, head, parts, subject) => {
  await take({ ...PARTS, ...parts }, head);
  await expect(done(subject)).rejects.toMatchObject({ name: "Refused", status: 409 });
  expect((await readOutbox()).boxed).toEqual([]);
});

test("without any pack nothing is done without a network; with one connected it is asked of nobody", async () => {
  noteReachable(false);
  await expect(done(weighed("1"))).rejects.toMatchObject({ name: "Refused" });
  noteReachable(true);
  expect((await done(weighed("1"))).next).toBeNull();
});

test("the screens read the pack where the server is not reached, unless they have something younger", async () => {
  await take();
  expect(await fromPack(["form", "f1", "1"], 0)).toMatchObject({ form: "weigh" });
  expect(await fromPack(["processes"], 0)).toMatchObject({
    items: [{ process_id: "scales", may_start: true }],
  });
  expect(await fromPack(["form", "f1", "1"], Date.now() + 1000)).toBeNull();
  expect(await fromPack(["form", "none"], 0)).toBeNull();
  expect(await fromPack(["instances"], 0)).toBeNull();
});

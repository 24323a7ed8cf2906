// @vitest-environment node
/** Drafts: kept per person, and never mixed when a person went on with the work elsewhere. */
import { expect, test } from "vitest";

import { beginning, type Draft, readDraft, removeDraft, writeDraft } from "../../src/mirror/drafts.ts";

const DEVICE: Draft = { user: "u", work_item_id: "i.1", data: { a: "device" }, at: "t1", continues: "s1" };
const SERVER = { data: { a: "server" }, saved_at: "s1" };

test.each([
  ["nothing at all", null, null, "nothing"],
  ["the server's alone", null, SERVER, "server"],
  ["the device's alone", DEVICE, null, "device"],
  ["the device's, which continues the server's", DEVICE, SERVER, "device"],
  ["a choice, when the server's is another", DEVICE, { ...SERVER, saved_at: "s2" }, "choice"],
  ["a choice, when the device never knew of the server's", { ...DEVICE, continues: null }, SERVER, "choice"],
  [
    "the server's, when both say the same",
    { ...DEVICE, data: SERVER.data, continues: null },
    SERVER,
    "server",
  ],
] as const)("%s", (_name, device, server, from) => {
  expect(beginning(device, server).from).toBe(from);
});

test("one person's draft is not another's", async () => {
  await writeDraft(DEVICE);
  await writeDraft({ ...DEVICE, user: "v", data: { a: "v" } });
  expect((await readDraft("u", "i.1"))?.data).toEqual({ a: "device" });
  await removeDraft("u", "i.1");
  expect(await readDraft("u", "i.1")).toBeNull();
  expect((await readDraft("v", "i.1"))?.data).toEqual({ a: "v" });
});

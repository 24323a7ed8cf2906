/** Attachments are kept on the device by their hash, sent when they can be, and never hashed before they are final. */
import { createHash } from "node:crypto";

import { expect, it } from "vitest";

import { fit, prepareFile } from "../../src/forms/attachments/prepare.ts";
import { filesToUpload, findFile, forgetFile } from "../../src/forms/attachments/store.ts";
import { keepAndSend, sendWaitingFiles } from "../../src/forms/attachments/uploads.ts";

const CONTENT = new TextEncoder().encode("%PDF-1.7 certificate");
const HASH = createHash("sha256").update(CONTENT).digest("hex");
const pdf = (): File => new File([CONTENT], "certificate.pdf", { type: "application/pdf" });

it("names a file by the SHA-256 of the bytes it sends", async () => {
  const file = await prepareFile(pdf());
  expect(file).toMatchObject({ sha256: HASH, name: "certificate.pdf", mime: "application/pdf" });
  expect(Array.from(new Uint8Array(file.bytes))).toEqual(Array.from(CONTENT));
});

it("leaves a picture alone that this browser cannot decode", async () => {
  const file = await prepareFile(new File([CONTENT], "photo.heic", { type: "image/heic" }));
  expect(file).toMatchObject({ sha256: HASH, name: "photo.heic" });
});

it("keeps a file that could not be sent, and sends it later, once", async () => {
  const sent: string[] = [];
  const offline = (): Promise<void> => Promise.reject(new Error("no connection"));
  const online = (hash: string): Promise<void> => {
    sent.push(hash);
    return Promise.resolve();
  };
  const file = await prepareFile(pdf());
  expect(await keepAndSend(file, offline)).toBe("waiting");
  expect((await filesToUpload()).map((one) => one.sha256)).toEqual([HASH]);
  expect(await sendWaitingFiles(offline)).toBe(1);
  expect(await sendWaitingFiles(online)).toBe(0);
  expect(await sendWaitingFiles(online)).toBe(0);
  expect(sent).toEqual([HASH]);
  expect(await findFile(HASH)).toMatchObject({ uploaded: true });
  await forgetFile(HASH);
  expect(await findFile(HASH)).toBeUndefined();
});

it("makes pictures smaller, never larger, and keeps their shape", () => {
  expect(fit(4000, 3000, 2560)).toEqual({ width: 2560, height: 1920 });
  expect(fit(3000, 4000, 2560)).toEqual({ width: 1920, height: 2560 });
  expect(fit(640, 480, 2560)).toEqual({ width: 640, height: 480 });
  expect(fit(10_000, 1, 2560)).toEqual({ width: 2560, height: 1 });
});

/**
 * Bring attachments to the server: first kept on the device, then sent, again whenever there is a chance.
 * Sending is idempotent (PUT by content hash), so sending twice is never wrong.
 */
import type { PreparedFile } from "./prepare.ts";
import { filesToUpload, keepFile, markUploaded } from "./store.ts";

/** Sends bytes to PUT /api/attachments/<sha256>; resolves when the server has them. Given by the shell. */
export type SendFile = (hash: string, bytes: ArrayBuffer, mime: string) => Promise<void>;

export type UploadStatus = "uploaded" | "waiting";

/** Keep the file, then try to send it. Never throws for a lost connection: "waiting" is an answer. */
export async function keepAndSend(file: PreparedFile, send: SendFile): Promise<UploadStatus> {
  await keepFile(file);
  return sendFile(file, send);
}

/** Send everything that still waits; for the shell to call when the connection is back. */
export async function sendWaitingFiles(send: SendFile): Promise<number> {
  const files = await filesToUpload();
  const answers = await Promise.all(files.map((file) => sendFile(file, send)));
  return answers.filter((answer) => answer === "waiting").length;
}

/** Files that are on their way from this page: a second wish to send one waits for the first. */
const onTheWay = new Map<string, Promise<UploadStatus>>();

function sendFile(file: PreparedFile, send: SendFile): Promise<UploadStatus> {
  const going = onTheWay.get(file.sha256) ?? sent(file, send);
  onTheWay.set(file.sha256, going);
  return going.finally(() => onTheWay.delete(file.sha256));
}

async function sent(file: PreparedFile, send: SendFile): Promise<UploadStatus> {
  try {
    await send(file.sha256, file.bytes, file.mime);
  } catch {
    return "waiting";
  }
  await markUploaded(file.sha256);
  return "uploaded";
}

/** Drafts on the device: what a person has typed and not completed, kept per person and work item. */
import { type Draft, mirror } from "./store.ts";

export async function readDraft(user: string, workItemId: string): Promise<Draft | null> {
  const db = await mirror();
  return (await db.get("drafts", [user, workItemId])) ?? null;
}

export async function writeDraft(draft: Draft): Promise<void> {
  const db = await mirror();
  await db.put("drafts", draft);
}

export async function removeDraft(user: string, workItemId: string): Promise<void> {
  const db = await mirror();
  await db.delete("drafts", [user, workItemId]);
}

export type { Draft } from "./store.ts";

export interface ServerDraft {
  readonly data: Readonly<Record<string, unknown>>;
  readonly saved_at: string;
}

/** Which draft to begin with, and the other one when both hold work that the person has to choose between. */
export type Beginning =
  | { readonly from: "nothing" }
  | { readonly from: "device"; readonly data: Draft["data"]; readonly at: string }
  | { readonly from: "server"; readonly data: ServerDraft["data"]; readonly at: string }
  | { readonly from: "choice"; readonly device: Draft; readonly server: ServerDraft };

/**
 * The device's draft wins when it continues the server's; the server's wins when the device has none. When the
 * person went on elsewhere in the meantime, only the person can say which one is right.
 */
export function beginning(device: Draft | null, server: ServerDraft | null): Beginning {
  if (device === null && server === null) return { from: "nothing" };
  if (device === null && server !== null) return { from: "server", data: server.data, at: server.saved_at };
  if (device !== null && (server === null || device.continues === server.saved_at))
    return { from: "device", data: device.data, at: device.at };
  if (device !== null && server !== null) {
    if (JSON.stringify(device.data) === JSON.stringify(server.data))
      return { from: "server", data: server.data, at: server.saved_at };
    return { from: "choice", device, server };
  }
  return { from: "nothing" };
}

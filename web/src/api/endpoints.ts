/** Everything the client asks the server, by name. Commands go through src/pending, which calls `sendCommand`. */
import { COMPILER } from "../forms/compiler.ts";
import { request, requestText } from "./client.ts";
import { json, type Shape } from "./shapes.ts";
import * as wire from "./wire.ts";

const nothing: Shape<null> = () => null;
const id = encodeURIComponent;

function asked(parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== "");
  return given.length === 0 ? "" : `?${given.map(([name, value]) => `${name}=${id(value ?? "")}`).join("&")}`;
}

export const getSession = () => request("/api/session", wire.session, { aboutSession: true });

export const signIn = (username: string, password: string) =>
  request("/api/session", wire.session, { method: "POST", body: { username, password }, aboutSession: true });

export const signOut = () => request("/api/session", nothing, { method: "DELETE", aboutSession: true });

/** A page of a list; `cursor` is what the page before called `next`. */
export const getWorklist = (cursor: string | null) =>
  request(`/api/worklist${asked({ cursor })}`, wire.worklist);

export const getLateWork = (cursor: string | null) =>
  request(`/api/worklist/late${asked({ cursor })}`, wire.worklist);

export const getWorkItem = (workItemId: string) =>
  request(`/api/work-items/${id(workItemId)}`, wire.workItemDetail);

export const getForm = (hash: string) =>
  request(`/api/forms/${id(hash)}${asked({ compiler: COMPILER })}`, json);

export const getProcesses = () => request("/api/processes", wire.processes);

export type StatusFilter = "" | "running" | "completed" | "cancelled";

export const getInstances = (status: StatusFilter, cursor: string | null) =>
  request(`/api/instances${asked({ status, cursor })}`, wire.instances);

export const getInstance = (instanceId: string) => request(`/api/instances/${id(instanceId)}`, wire.instance);

export const getHistory = (instanceId: string) =>
  request(`/api/instances/${id(instanceId)}/history`, wire.history);

export const getDiagram = (definitionHash: string) =>
  requestText(`/api/definitions/${id(definitionHash)}/diagram`);

export const getScan = (text: string) => request(`/api/scan?text=${id(text)}`, wire.scan);

export const getItems = (query: string, cursor: string | null) =>
  request(`/api/ledger/items${asked({ query, cursor })}`, wire.ledgerItems);

export const getLots = (query: string, cursor: string | null) =>
  request(`/api/ledger/lots${asked({ query, cursor })}`, wire.lots);

/** What units of measure are called, by code. */
export const getUnits = () => request("/api/ledger/units", wire.units);

/** The registers that are closed to who is signed in. */
export const getClosedRegisters = () => request("/api/registers", wire.closedRegisters);

export const getLot = (lotId: string) => request(`/api/ledger/lots/${id(lotId)}`, wire.lotDetail);

export const getVerification = () => request("/api/verification", wire.verification, { timeLimit: 120_000 });

/** The server's answer to one command; used by src/pending alone. */
export const sendCommand = (name: string, body: Readonly<Record<string, unknown>>) =>
  request(`/api/commands/${id(name)}`, wire.acceptance, { method: "POST", body });

/** Store an attached file under the hash of its content; sending it again changes nothing. Large ones go in parts. */
export const putAttachment = async (hash: string, content: ArrayBuffer, type: string): Promise<void> => {
  if (content.byteLength > PART_BYTES) {
    const { sendInParts } = await import("../forms/attachments/parts.ts");
    return sendInParts(hash, content, type);
  }
  await request(`/api/attachments/${id(hash)}`, json, {
    method: "PUT",
    raw: { content, type },
    timeLimit: 120_000,
  });
};

/** What a poor connection carries in one go (the server takes twice as much). */
export const PART_BYTES = 512 * 1024;

/** Everything the client asks the server, by name. Commands go through src/pending, which calls `sendCommand`. */
import { request, requestText } from "./client.ts";
import { json, type Shape } from "./shapes.ts";
import * as wire from "./wire.ts";

const nothing: Shape<null> = () => null;
const id = encodeURIComponent;

export const getSession = () => request("/api/session", wire.session, { aboutSession: true });

export const signIn = (username: string, password: string) =>
  request("/api/session", wire.session, { method: "POST", body: { username, password }, aboutSession: true });

export const signOut = () => request("/api/session", nothing, { method: "DELETE", aboutSession: true });

export const getWorklist = () => request("/api/worklist", wire.worklist);

export const getWorkItem = (workItemId: string) =>
  request(`/api/work-items/${id(workItemId)}`, wire.workItemDetail);

export const getForm = (hash: string) => request(`/api/forms/${id(hash)}`, json);

export const getProcesses = () => request("/api/processes", wire.processes);

export const getInstances = (status: "" | "running" | "completed" | "cancelled") =>
  request(`/api/instances${status ? `?status=${status}` : ""}`, wire.instances);

export const getInstance = (instanceId: string) => request(`/api/instances/${id(instanceId)}`, wire.instance);

export const getHistory = (instanceId: string) =>
  request(`/api/instances/${id(instanceId)}/history`, wire.history);

export const getDiagram = (definitionHash: string) =>
  requestText(`/api/definitions/${id(definitionHash)}/diagram`);

export const getScan = (text: string) => request(`/api/scan?text=${id(text)}`, wire.scan);

export const getItems = (query: string) => request(`/api/ledger/items?query=${id(query)}`, wire.ledgerItems);

export const getLots = (query: string) => request(`/api/ledger/lots?query=${id(query)}`, wire.lots);

export const getLot = (lotId: string) => request(`/api/ledger/lots/${id(lotId)}`, wire.lotDetail);

export const getVerification = () => request("/api/verification", wire.verification, { timeLimit: 120_000 });

/** The server's answer to one command; used by src/pending alone. */
export const sendCommand = (name: string, body: Readonly<Record<string, unknown>>) =>
  request(`/api/commands/${id(name)}`, wire.acceptance, { method: "POST", body });

/** Store an attached file under the hash of its content; sending it again changes nothing. */
export const putAttachment = async (hash: string, content: ArrayBuffer, type: string): Promise<void> => {
  await request(`/api/attachments/${id(hash)}`, json, {
    method: "PUT",
    raw: { content, type },
    timeLimit: 120_000,
  });
};

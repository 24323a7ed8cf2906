/** The journal, the outbox and their senders as one part of the client that arrives after the first screen. */
export { keep, markRead, prepare, readKept, sendOutbox } from "../device/keeping.ts";
export { append } from "./journal.ts";
export { sendSigned, sendWaiting } from "./sending.ts";

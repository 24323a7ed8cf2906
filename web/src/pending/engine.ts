/** The journal and the sender as one part of the client that arrives after the first screen. */
export { append, keepAnswer, markSeen, readJournal } from "./journal.ts";
export { sendSigned, sendWaiting } from "./sending.ts";

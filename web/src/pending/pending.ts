/**
 * Commands made here, from the screens' point of view: `submit` stores and sends, `usePending` shows what
 * waits and what was answered. All tabs of this device show the same. What a person does to a process goes by the
 * outbox of an enrolled device (src/device), signed by it, with or without a network; everything else, and
 * everything on a device that is not enrolled, by the journal.
 */
import { useSyncExternalStore } from "react";

import { isReachable, onReachableChange } from "../api/connection.ts";
import { currentStation } from "../design/preferences.ts";
import { whenCalm } from "../calm.ts";
import type { OutboxRound, Prepared, SignedRecord } from "../device/keeping.ts";
import type { Subject } from "../device/record.ts";
import type { Ruling } from "../device/rulings.ts";
import { newCommandId } from "./identifiers.ts";
import type { Answer, JournalEntry, Kept, NewCommand } from "./journal.ts";
import type { Credentials, Round, Trouble } from "./sending.ts";

const PATIENCE_MS = 8_000;
const SECOND_TRY_MS = 1_500;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
const LOOK_AGAIN_MS = 60_000;
const CHANNEL = "countersign-pending";

/** The part that stores and sends; fetched once, and on the device from then on. */
const engine = () => import("./engine.ts");

export interface PendingView {
  /** Not answered yet, this person's: to be sent, or waiting for the signature. */
  readonly waiting: readonly Kept[];
  /** Received, but a person has to decide or something is missing; this person's. */
  readonly deciding: readonly Kept[];
  /** Done otherwise than just so (merged, flagged, superseded) and not put away yet, this person's. */
  readonly noted: readonly Kept[];
  /** Refused and not put away yet, this person's. */
  readonly refused: readonly Kept[];
  /** This person's, all, newest first. */
  readonly all: readonly Kept[];
  /** How many wait for other people who used this device, until they sign in here. */
  readonly othersWaiting: number;
  /** How many of other people are sent by the device itself, and are not sent yet. */
  readonly othersSending: number;
}

/** What a screen learns when it has asked for something. */
export type Submitted =
  | { readonly kind: "answered"; readonly answer: Answer }
  | {
      readonly kind: "waiting";
      readonly entry: JournalEntry;
      readonly trouble: Trouble | null;
      /** What the server said already: that a person decides, or what is missing. */
      readonly ruling?: Ruling;
    };

export type Command = Pick<NewCommand, "name" | "fields" | "about"> &
  Partial<Pick<NewCommand, "work_item_id" | "signing">> & {
    /** What a person does to a process, as the screen showed it: such commands go by the outbox. */
    readonly subject?: Subject;
  };

const NOTHING_SENT: Round = { answers: [], left: 0, trouble: null };
const EMPTY: PendingView = {
  waiting: [],
  deciding: [],
  noted: [],
  refused: [],
  all: [],
  othersWaiting: 0,
  othersSending: 0,
};

let user: { readonly id: string; readonly username: string } | null = null;
let view: PendingView = EMPTY;
let round = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const viewListeners = new Set<() => void>();
const answerListeners = new Set<(answers: readonly Answer[]) => void>();
const roundListeners = new Set<(trouble: Trouble | null) => void>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

channel?.addEventListener("message", (event: MessageEvent<readonly Answer[]>) => {
  void refresh();
  if (event.data.length > 0) for (const listener of answerListeners) listener(event.data);
});

/** Called when somebody signs in or out: whose commands are sent. */
export function setPerson(person: { readonly id: string; readonly username: string } | null): void {
  if (person?.id === user?.id) return;
  user = person;
  round = 0;
  if (view !== EMPTY) void refresh();
  // The journal is read once the first screen is there.
  void whenCalm().then(() => {
    void refresh();
    if (user) sendSoon();
  });
}

/** Make the record of a command to be signed on this device; null where it is signed by password as a plain command. */
export async function prepare(command: Command): Promise<Prepared | null> {
  if (user === null) return null;
  const by = user;
  return (await engine()).prepare(command, by);
}

/**
 * Store a command, send it, and wait a little for its answer. `signed` is what `prepare` made, with its signatures.
 * Raises NotStored: then nothing was kept.
 */
export async function submit(
  command: Command,
  credentials: Credentials | null = null,
  signed: SignedRecord | null = null,
): Promise<Submitted> {
  if (user === null) throw new Error("Nobody is signed in.");
  const { append, keep } = await engine();
  const boxed = await keep(command, user, signed);
  if (boxed !== null) {
    await refresh();
    announce([]);
    return sendBoxed(boxed, credentials);
  }
  const entry = await append({
    command_id: newCommandId(),
    name: command.name,
    fields: currentStation() ? { ...command.fields, device: currentStation() } : command.fields,
    about: command.about,
    work_item_id: command.work_item_id ?? null,
    signing: command.signing ?? null,
    made_by: user,
    made_at: new Date().toISOString(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  await refresh();
  announce([]);
  if (entry.signing) {
    return credentials ? sign(entry, credentials) : { kind: "waiting", entry, trouble: null };
  }
  sendSoon();
  return answerWithin(entry, PATIENCE_MS);
}

/** Send an entry of the outbox while its person waits, and give what was said of it. */
async function sendBoxed(entry: JournalEntry, credentials: Credentials | null): Promise<Submitted> {
  const by = user;
  const { sendOutbox } = await engine();
  const send = () => sendOutbox(by, { id: entry.command_id, proof: credentials });
  let sending = send();
  // Without a password to carry nobody has to wait for a slow network: it is sent by itself.
  if (credentials === null) sending = Promise.race([sending, noAnswerWithin(PATIENCE_MS)]);
  let found = await sending;
  if (found.trouble === "unreachable" && credentials !== null) {
    await new Promise((resolve) => setTimeout(resolve, SECOND_TRY_MS));
    found = await send();
  }
  if (found.left > 0) sendLater();
  if (found.heard) await tell(found.answers);
  else await refresh();
  const kept = view.all.find((each) => each.entry.command_id === entry.command_id);
  if (kept?.answer) return { kind: "answered", answer: kept.answer };
  const ruling = kept?.ruling;
  return { kind: "waiting", entry, trouble: found.trouble, ...(ruling === undefined ? {} : { ruling }) };
}

function noAnswerWithin(patience: number): Promise<OutboxRound> {
  return new Promise((resolve) => {
    setTimeout(resolve, patience, { answers: [], heard: false, left: 1, trouble: null });
  });
}

/** Sign a command that waits for its signature: the same command id, so it cannot happen twice. */
export async function sign(entry: JournalEntry, credentials: Credentials): Promise<Submitted> {
  const inOutbox = view.all.some(({ entry: kept, boxed }) => boxed && kept.command_id === entry.command_id);
  if (inOutbox) return sendBoxed(entry, credentials);
  const { sendSigned } = await engine();
  let found = await sendSigned(entry, credentials);
  if (found === "unreachable") {
    // The answer may have been lost on its way; one more try while the person is still there.
    await new Promise((resolve) => setTimeout(resolve, SECOND_TRY_MS));
    found = await sendSigned(entry, credentials);
  }
  if (typeof found === "string") {
    return { kind: "waiting", entry, trouble: found };
  }
  await tell([found]);
  return { kind: "answered", answer: found };
}

/** Put a refusal away once the person has read it. */
export async function putAway(commandId: string): Promise<void> {
  const { markRead } = await engine();
  await markRead(commandId, new Date().toISOString());
  await refresh();
  announce([]);
}

/** Be told of every answer that arrives, in whichever tab. */
export function onAnswers(listener: (answers: readonly Answer[]) => void): () => void {
  answerListeners.add(listener);
  return () => answerListeners.delete(listener);
}

export function usePending(): PendingView {
  return useSyncExternalStore(
    (listener) => {
      viewListeners.add(listener);
      return () => viewListeners.delete(listener);
    },
    () => view,
  );
}

/** Try now: the person asked, the page came to the front, or the browser hints that it is online. */
export function sendSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void runRound(), 0);
}

/** Waiting times double up to a minute, with some chance in them so that devices do not come all at once. */
function sendLater(): void {
  clearTimeout(timer);
  const full = Math.min(FIRST_DELAY_MS * 2 ** Math.min(round, 16), LONGEST_DELAY_MS);
  timer = setTimeout(() => void runRound(), full * (0.75 + Math.random() / 2));
  round++;
}

async function runRound(): Promise<void> {
  const by = user;
  let again: boolean;
  let trouble: Trouble | null;
  try {
    const { sendOutbox, sendWaiting } = await engine();
    const journal = by === null ? NOTHING_SENT : await sendWaiting(by.id);
    if (journal.answers.length > 0) await tell(journal.answers);
    // The outbox goes out whoever is signed in: the device is known to the server, and signatures are inside.
    const outbox = await sendOutbox(by);
    if (outbox.heard) await tell(outbox.answers);
    if (journal.answers.length > 0 || outbox.heard) round = 0;
    trouble = journal.trouble ?? outbox.trouble;
    again = (journal.left > 0 && journal.trouble !== "signed_out") || outbox.left > 0;
  } catch {
    sendLater(); // the store on the device failed; what is in it is tried again
    return;
  }
  for (const listener of roundListeners) listener(trouble);
  if (again) sendLater();
  else round = 0;
}

async function tell(answers: readonly Answer[]): Promise<void> {
  await refresh();
  announce(answers);
  for (const listener of answerListeners) listener(answers);
}

function announce(answers: readonly Answer[]): void {
  channel?.postMessage(answers);
}

async function refresh(): Promise<void> {
  const kept = await engine()
    .then(({ readKept }) => readKept())
    .catch(() => []);
  const mine = kept.filter(({ entry }) => entry.made_by.id === user?.id);
  const open = mine.filter(({ answer }) => answer === null);
  const others = kept.filter(
    ({ entry, answer, ruling }) =>
      entry.made_by.id !== user?.id && answer === null && !isBeingDecided(ruling),
  );
  view = {
    waiting: open.filter(({ ruling }) => !isBeingDecided(ruling)),
    deciding: open.filter(({ ruling }) => isBeingDecided(ruling)),
    noted: mine.filter(({ answer, ruling, seen }) => isRemarked(ruling) && answer !== null && !seen),
    refused: mine.filter(({ answer, seen }) => answer?.outcome === "rejected" && !seen),
    all: mine.toReversed(),
    othersWaiting: others.filter(({ boxed }) => boxed !== true).length,
    othersSending: others.filter(({ boxed }) => boxed === true).length,
  };
  for (const listener of viewListeners) listener();
}

function isBeingDecided(ruling: Ruling | undefined): boolean {
  return ruling?.name === "parked" || ruling?.name === "held";
}

function isRemarked(ruling: Ruling | undefined): boolean {
  return ruling?.name === "merged" || ruling?.name === "flagged" || ruling?.name === "superseded";
}

function answerWithin(entry: JournalEntry, patience: number): Promise<Submitted> {
  return new Promise((resolve) => {
    const settle = (outcome: Submitted): void => {
      clearTimeout(limit);
      stopAnswers();
      roundListeners.delete(onRound);
      resolve(outcome);
    };
    const onRound = (trouble: Trouble | null): void => {
      if (trouble !== null) settle({ kind: "waiting", entry, trouble });
    };
    roundListeners.add(onRound);
    const limit = setTimeout(() => {
      settle({ kind: "waiting", entry, trouble: null });
    }, patience);
    const stopAnswers = onAnswers((answers) => {
      const answer = answers.find((candidate) => candidate.command_id === entry.command_id);
      if (answer) settle({ kind: "answered", answer });
    });
  });
}

/** Begin watching for chances to send. Call once. */
export function startSending(): void {
  const chance = (): void => {
    if (document.visibilityState === "visible") sendSoon();
  };
  addEventListener("online", chance);
  document.addEventListener("visibilitychange", chance);
  onReachableChange(() => {
    if (isReachable()) chance();
  });
  setInterval(chance, LOOK_AGAIN_MS);
  // Also when nobody signs in: what the people of a shared device did is sent.
  void whenCalm().then(sendSoon);
}

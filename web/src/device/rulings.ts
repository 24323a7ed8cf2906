/** What the server said of a command that came by the outbox, as the screens show it. */
import type { Text } from "../api/shapes.ts";
import { problem as problemShape } from "../api/wire.ts";
import { currentLanguage } from "../design/preferences.ts";
import type { Answer, JournalEntry, Kept } from "../pending/journal.ts";
import type { Boxed } from "./outbox.ts";
import type { KeptReceipt, OutboxEntry, OutcomeName } from "./store.ts";
import { notTakenIn } from "./sync.ts";
import { RULINGS } from "./words.ts";

export type RulingName = OutcomeName | "not_taken";

export interface Ruling {
  readonly name: RulingName;
  readonly reason: string | null;
  readonly message: Text | null;
  readonly at: string | null;
  /** Where a conflict is decided: a process instance. */
  readonly conflict: string | null;
}

const PROOF_MISSING = "proof_missing";

/** An entry of the outbox as the screens know commands. */
export function keptOf({ entry, receipt, seen }: Boxed): Kept {
  const unproven = receipt === null || isUnproven(receipt);
  const ruling = unproven ? refusedIntake(entry) : rulingOf(receipt);
  return {
    entry: asJournalEntry(entry, unproven),
    answer: receipt === null ? null : answerOf(receipt),
    seen,
    boxed: true,
    ...(ruling === null ? {} : { ruling }),
  };
}

function isUnproven({ outcome, reason }: KeptReceipt): boolean {
  return outcome === "held" && reason === PROOF_MISSING;
}

function refusedIntake({ id }: OutboxEntry): Ruling | null {
  const intake = notTakenIn(id);
  return intake === null
    ? null
    : { name: "not_taken", reason: intake, message: null, at: null, conflict: null };
}

function rulingOf({ outcome, reason, message, at, conflict }: KeptReceipt): Ruling {
  return { name: outcome, reason, message, at, conflict };
}

function asJournalEntry(entry: OutboxEntry, unproven: boolean): JournalEntry {
  return {
    format: 1,
    seq: entry.seq,
    prev: "",
    hash: entry.hash,
    command_id: entry.id,
    name: entry.name,
    fields: {},
    made_by: entry.made_by,
    made_at: entry.made_at,
    zone: entry.zone,
    about: entry.about,
    work_item_id: entry.work_item_id,
    signing: unproven ? entry.signing : null,
  };
}

/** What ends a command for the screens: done or refused; null while a person or the server has to decide. */
export function answerOf(receipt: KeptReceipt): Answer | null {
  const { id: command_id, at, outcome } = receipt;
  switch (outcome) {
    case "accepted":
    case "merged":
    case "flagged":
    case "superseded":
      return { command_id, outcome: "accepted", at, result: receipt.result };
    case "refused":
    case "quarantined":
      return { command_id, outcome: "rejected", at, problem: problemOf(receipt) };
    case "parked":
    case "held":
      return null;
  }
}

function problemOf({ outcome, reason, message, result }: KeptReceipt): ReturnType<typeof problemShape> {
  const language = currentLanguage();
  const words = RULINGS[outcome];
  const said = {
    title: words.name[language],
    detail: (message ?? words.help)[language],
    reason: reason ?? outcome,
    errors: Array.isArray(result["errors"]) ? result["errors"] : [],
  };
  try {
    return problemShape(said, "");
  } catch {
    return problemShape({ ...said, errors: [] }, "");
  }
}

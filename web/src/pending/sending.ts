/**
 * Sends what the journal holds: in order, one at a time over all tabs, with the same command id until the
 * server answers. Only an answer of our server ends a command; a page of a captive portal, a time-out or an
 * overloaded server do not. One command that keeps failing does not hold up those behind it.
 */
import { Refused, Unreachable } from "../api/client.ts";
import { putAttachment, sendCommand } from "../api/endpoints.ts";
import { WireMismatch } from "../api/shapes.ts";
import { type Answer, type JournalEntry, keepAnswer, readJournal, withLock } from "./journal.ts";

const SEND_LOCK = "countersign-pending-send";

/** What proves a signature. It lives in the memory of one call and is never stored. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Why a command has no answer yet. */
export type Trouble = "unreachable" | "signed_out" | "server";

/** Send one command once: its answer, or why there is none yet. */
export async function sendOnce(
  entry: JournalEntry,
  credentials: Credentials | null,
): Promise<Answer | Trouble> {
  const signature =
    entry.signing && credentials
      ? {
          signature: {
            ...credentials,
            meaning: entry.signing.meaning,
            shown_hash: entry.signing.shown_hash,
            language: entry.signing.language,
          },
        }
      : {};
  const now = (): string => new Date().toISOString();
  if (mentionsFiles(entry.fields["data"]) && !(await filesAreSent())) return "unreachable";
  try {
    const accepted = await sendCommand(entry.name, {
      command_id: entry.command_id,
      ...entry.fields,
      ...signature,
    });
    return { command_id: entry.command_id, outcome: "accepted", at: now(), result: accepted.result };
  } catch (error) {
    if (error instanceof Unreachable) return "unreachable";
    if (error instanceof WireMismatch) return "server";
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) return "signed_out";
    if (!isAnswer(error)) return "server";
    return { command_id: entry.command_id, outcome: "rejected", at: now(), problem: error.problem };
  }
}

/** A refusal that stands, as opposed to a server that is busy or a stale CSRF token. */
function isAnswer(refused: Refused): boolean {
  if (refused.problem.reason.startsWith("csrf")) return false;
  if (refused.status === 429 || refused.status === 503 || refused.status === 408) return false;
  return refused.status < 500 || refused.problem.reason === "incident";
}

/** Whether a record names attached files, which the server must have before the record. */
function mentionsFiles(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  return "sha256" in data || Object.values(data).some(mentionsFiles);
}

async function filesAreSent(): Promise<boolean> {
  const { sendWaitingFiles } = await import("../forms/attachments/uploads.ts");
  return (await sendWaitingFiles(putAttachment)) === 0;
}

/** What one round of sending came to. */
export interface Round {
  readonly answers: readonly Answer[];
  readonly left: number;
  readonly trouble: Trouble | null;
}

/**
 * Send what `userId` has waiting, oldest first. Commands of other people who used this device wait for them:
 * the server would take them for this person's. Those to be signed wait for their signer.
 */
export function sendWaiting(userId: string): Promise<Round> {
  return withLock(SEND_LOCK, async () => {
    const answers: Answer[] = [];
    let left = 0;
    let trouble: Trouble | null = null;
    for (const { entry, answer } of await readJournal()) {
      if (answer !== null || entry.signing !== null || entry.made_by.id !== userId) continue;
      if (trouble === "unreachable" || trouble === "signed_out") {
        left++;
        continue;
      }
      const found = await sendOnce(entry, null);
      if (typeof found === "string") {
        trouble = found;
        left++;
      } else {
        await keepAnswer(found);
        answers.push(found);
      }
    }
    return { answers, left, trouble };
  });
}

/** Send a command that a person has just signed; the password is gone when this returns. */
export function sendSigned(entry: JournalEntry, credentials: Credentials): Promise<Answer | Trouble> {
  return withLock(SEND_LOCK, async () => {
    const found = await sendOnce(entry, credentials);
    if (typeof found !== "string") await keepAnswer(found);
    return found;
  });
}

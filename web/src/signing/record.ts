/**
 * The record a person signs, built here as it is shown and again by the server from what it knows. Both hash it;
 * when the hashes differ nothing is signed. tests/vectors/signing holds both to the same bytes.
 */
import type { Text } from "../api/shapes.ts";
import type { Language } from "../design/preferences.ts";

export interface CompletionRecord extends Readonly<Record<string, unknown>> {
  readonly v: "1";
  readonly kind: "work_item.completed";
  readonly tenant: string;
  readonly work_item: string;
  readonly process_instance: string;
  readonly activity: string;
  readonly visit: string;
  readonly definition: string;
  readonly form: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly meaning: string;
  /** The sentence as it was read, in `language`. */
  readonly statement: string;
  readonly language: Language;
  readonly signer: string;
  readonly why: string | null;
}

export interface Completion {
  readonly tenant: string;
  readonly item: {
    readonly work_item_id: string;
    readonly process_instance_id: string;
    readonly activity_id: string;
    readonly visit: number;
    readonly definition_hash: string;
    readonly form_hash: string | null;
    /** For whom it is done, by a delegation. */
    readonly for?: Readonly<Record<string, unknown>> | null;
  };
  readonly data: Readonly<Record<string, unknown>>;
  readonly meaning: { readonly code: string; readonly statement: Text };
  readonly language: Language;
  readonly signer: string;
  readonly why: string | null;
}

export function completionRecord(completion: Completion): CompletionRecord {
  const { item, meaning, language } = completion;
  return {
    ...(item.for ? { for: item.for } : {}),
    v: "1",
    kind: "work_item.completed",
    tenant: completion.tenant,
    work_item: item.work_item_id,
    process_instance: item.process_instance_id,
    activity: item.activity_id,
    visit: String(item.visit),
    definition: item.definition_hash,
    form: item.form_hash,
    data: completion.data,
    meaning: meaning.code,
    statement: meaning.statement[language],
    language,
    signer: completion.signer,
    why: completion.why,
  };
}

export interface Cancellation {
  readonly tenant: string;
  readonly process_instance: string;
  readonly definition: string;
  readonly meaning: string;
  readonly statement: string;
  readonly language: Language;
  readonly signer: string;
  readonly why: string;
}

/** What is signed when a process instance is cancelled. */
export function cancellationRecord(cancellation: Cancellation): Readonly<Record<string, unknown>> {
  return { v: "1", kind: "process_instance.cancelled", ...cancellation };
}

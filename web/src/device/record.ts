/** Makes the record of what a person does: complete on its own, so that it can be judged weeks later. */
import { currentStation } from "../design/preferences.ts";
import { newCommandId } from "../pending/identifiers.ts";
import { toBase64url } from "./bytes.ts";
import { type DeviceRecord, plain, type Plain, type RecordKind } from "./envelope.ts";
import type { Boxed } from "./outbox.ts";
import type { DeviceRow } from "./store.ts";

/** What a command is about, as the person saw it. Given by the screen that asks. */
export interface Subject {
  readonly kind: RecordKind;
  readonly tenant: string;
  /** The process instance; made here (UUIDv7) when one is started. */
  readonly instance: string;
  readonly target: Readonly<Record<string, string | null>>;
  readonly definition: {
    readonly process: string;
    readonly version: string | null;
    readonly hash: string;
    readonly form: string | null;
  };
  readonly data: Readonly<Record<string, unknown>>;
  /** What stood in the case where the fields go; only what the screen knew. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly why: string | null;
  /** What of the step may be done without a network, A to D; not part of the record. */
  readonly offline?: string | null;
}

/** Names this life of the page: monotonic times compare within it only. */
const LIFE = toBase64url(crypto.getRandomValues(new Uint8Array(16)));

/**
 * The record of `subject`, by `username`, now. `boxed` is what the outbox holds already; `next` the activities that the
 * device expects to open, where it runs ahead of the server.
 */
export function recordOf(
  subject: Subject,
  username: string,
  device: DeviceRow,
  boxed: readonly Boxed[],
  next: readonly string[] | null = null,
): DeviceRecord {
  const data = plain(subject.data) as Readonly<Record<string, Plain>>;
  return {
    v: "1",
    id: newCommandId(),
    kind: subject.kind,
    tenant: subject.tenant,
    actor: username,
    target: subject.target,
    definition: subject.definition,
    data,
    base: seen(subject),
    attachments: filesIn(data, ""),
    lease: device.leases[username]?.id ?? null,
    depends: boxed
      .filter(({ entry, receipt }) => entry.instance === subject.instance && receipt?.final !== true)
      .map(({ entry }) => entry.id),
    next,
    why: subject.why,
    station: currentStation() || null,
    time: {
      wall: new Date().toISOString(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      monotonic: performance.now().toFixed(1),
      life: LIFE,
      token: device.token,
    },
  };
}

/** What the person saw of the fields that they filled in. */
function seen({ data, before }: Subject): Readonly<Record<string, Plain>> {
  const known = Object.keys(data).filter((name) => Object.hasOwn(before, name));
  return Object.fromEntries(known.map((name) => [name, plain(before[name])]));
}

/** The attached files that data names, with the place of each. */
export function filesIn(value: Plain, path: string): readonly Readonly<Record<string, string>>[] {
  if (typeof value !== "object" || value === null) return [];
  const file = value as Readonly<Record<string, Plain>>;
  if (typeof file["sha256"] === "string")
    return [
      {
        sha256: file["sha256"],
        size: text(file["size"]),
        media_type: text(file["mime"]),
        field: path,
      },
    ];
  return Object.entries(value).flatMap(([name, member]: [string, Plain]) =>
    filesIn(member, `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
}

function text(value: Plain | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

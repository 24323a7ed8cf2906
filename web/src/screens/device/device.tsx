/**
 * This device: enrolling it, how the server takes it, what is missing before one goes where there is no network, how
 * one signs on it, and what it still has to send.
 */
import "./device.css";

import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Link } from "wouter";

import type { Text } from "../../api/shapes.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { type Obstacle, obstacle, OBSTACLES } from "../../device/capability.ts";
import { exported } from "../../device/outbox.ts";
import { type CredentialRow, type DeviceRow, readCredentials, readDevice } from "../../device/store.ts";
import { storageNow } from "../../device/sync.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { fullTime } from "../../i18n/times.ts";
import { usePending } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { EnrolForm } from "./enrol.tsx";
import { Readiness } from "./readiness.tsx";
import { Signing } from "./signing.tsx";
import { KINDS, STATES, WORDS } from "./words.ts";

/** What this screen knows; read anew after each change. */
export interface Known {
  readonly device: DeviceRow | null;
  readonly credentials: readonly CredentialRow[];
  readonly storage: { readonly persisted: boolean | null; readonly free: number | null };
}

async function readKnown(username: string): Promise<Known> {
  const [device, credentials, storage] = await Promise.all([
    readDevice().catch(() => null),
    readCredentials(username).catch(() => []),
    storageNow(),
  ]);
  return { device, credentials, storage };
}

export default function Device(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const pending = usePending();
  const [known, setKnown] = useState<Known | null>(null);
  const [hindrance] = useState<Obstacle | null>(() => obstacle());
  const look = useCallback(async () => {
    setKnown(await readKnown(user.username));
  }, [user.username]);
  useEffect(() => {
    let gone = false;
    // Each answer of the server may change what is said here: the state, the lease, what waits.
    void readKnown(user.username).then((found) => {
      if (!gone) setKnown(found);
    });
    return () => {
      gone = true;
    };
  }, [user.username, pending]);
  return (
    <div className="page" data-width="measure">
      <PageHead
        title={textIn(WORDS.title)}
        above={
          <Link href="/settings" className="back no-print">
            <Icon name="back" />
            {textIn(WORDS.settings)}
          </Link>
        }
      >
        <p className="soft">{textIn(WORDS.help)}</p>
      </PageHead>
      {hindrance === null ? null : (
        <Notice tone="warn" title={textIn(WORDS.not_possible)}>
          <p>{textIn(OBSTACLES[hindrance])}</p>
          <p>{textIn(WORDS.still_works)}</p>
        </Notice>
      )}
      {known === null ? <Skeleton rows={4} /> : null}
      {known && known.device === null && hindrance === null ? (
        <section className="section" aria-labelledby="device-enrol">
          <h2 id="device-enrol">{textIn(WORDS.enrol_title)}</h2>
          <p>{textIn(WORDS.enrol_help)}</p>
          <EnrolForm device={null} onEnrolled={look} />
        </section>
      ) : null}
      {known?.device ? <Enrolled known={known} device={known.device} onChange={look} /> : null}
    </div>
  );
}

function Enrolled(props: {
  readonly known: Known;
  readonly device: DeviceRow;
  readonly onChange: () => Promise<void>;
}): ReactNode {
  const textIn = useTextIn();
  const { known, device, onChange } = props;
  const { name, help } = STATES[device.state];
  return (
    <>
      {help === null ? null : (
        <Notice tone="bad" live="alert" title={`${textIn(WORDS.attention)}: ${textIn(name)}`}>
          <p>{textIn(help)}</p>
        </Notice>
      )}
      <State known={known} device={device} />
      <Readiness known={known} device={device} />
      <Signing known={known} device={device} onChange={onChange} />
      <section className="section" aria-labelledby="device-save">
        <h2 id="device-save">{textIn(WORDS.save)}</h2>
        <p className="soft">{textIn(WORDS.save_help)}</p>
        <p className="row">
          <button type="button" className="button" onClick={() => void saveOutbox(device.name)}>
            {textIn(WORDS.save)}
          </button>
        </p>
      </section>
      <details className="device-again" open={help !== null}>
        <summary>{textIn(WORDS.again)}</summary>
        <p>{textIn(WORDS.again_help)}</p>
        <EnrolForm device={device} onEnrolled={onChange} />
      </details>
    </>
  );
}

function State({ known, device }: { readonly known: Known; readonly device: DeviceRow }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const pending = usePending();
  const lease = device.leases[user.username];
  const { persisted, free } = known.storage;
  const waiting = pending.waiting.filter(({ boxed }) => boxed === true).length + pending.othersSending;
  const facts: readonly (readonly [Text, ReactNode])[] = [
    [WORDS.name, `${device.name} · ${textIn(kindName(device.kind))}`],
    [WORDS.state, textIn(STATES[device.state].name)],
    [WORDS.lease, lease === undefined ? textIn(WORDS.no_lease) : fullTime(lease.until, user.zone)],
    [WORDS.waiting, String(waiting)],
    [WORDS.persisted, textIn(persisted === null ? WORDS.unknown : persisted ? WORDS.yes : WORDS.no)],
    [WORDS.free, free === null ? textIn(WORDS.unknown) : inMegabytes(free)],
    [WORDS.heard, device.heard_at === null ? "—" : fullTime(device.heard_at, user.zone)],
    [WORDS.epoch, `${device.algorithm} · ${device.epoch}`],
    [WORDS.number, <code key="number">{device.device}</code>],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name.en}>
          <dt>{textIn(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function kindName(kind: string): Text {
  return Object.entries(KINDS).find(([name]) => name === kind)?.[1] ?? { en: kind, zh: kind };
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000).toLocaleString("en")} MB`;
}

/** Hand the whole outbox over as a file. */
async function saveOutbox(name: string): Promise<void> {
  const file = new Blob([await exported()], { type: "application/jsonl" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `outbox ${name} ${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
  URL.revokeObjectURL(link.href);
}

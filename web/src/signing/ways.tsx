/** How a person proves on this device that they sign: chosen in the signing dialog, with what each way asks for. */
import { type ReactNode, useEffect, useId, useState, useSyncExternalStore } from "react";

import { isReachable, onReachableChange } from "../api/connection.ts";
import { Notice, Segments } from "../design/parts.tsx";
import type { Prepared } from "../device/keeping.ts";
import type { CredentialRow } from "../device/store.ts";
import { useTextIn } from "../i18n/index.tsx";
import { WORDS } from "./words.ts";

export type WayName = "passkey" | "key" | "password";

/** What this person can sign with here, and whether they may. */
export interface Ways {
  readonly credentials: readonly CredentialRow[];
  /** False when the device was without the server for too long. */
  readonly leased: boolean;
}

const NO_WAYS: Ways = { credentials: [], leased: true };

/** What signing on this device needs; fetched when the dialog knows that it is enrolled. */
export const ceremony = () => import("../device/ceremony.ts");

const leave = () => import("../pack/leave.ts");

/** Fetches ahead what signing on an enrolled device needs: the network may be gone when the dialog opens. */
export async function fetchWays(): Promise<void> {
  await Promise.all([ceremony(), leave(), import("../pack/foresight.ts")]);
}

/** The ways of `username` on the device that `prepared` is for; null until they are known, and where there are none. */
export function useWays(prepared: Prepared | null | undefined, username: string): Ways | null {
  const [ways, setWays] = useState<Ways | null>(null);
  const device = prepared?.device;
  // A part that could not be fetched is asked for again when the server answers.
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  useEffect(() => {
    if (device === undefined) return undefined;
    let gone = false;
    void ceremony()
      .then(async ({ leaseHolds, readCredentials }) => ({
        credentials: await validCredentials(username, readCredentials),
        leased: leaseHolds(device.leases[username]),
      }))
      .catch(() => NO_WAYS)
      .then((found) => {
        if (!gone) setWays(found);
      });
    return () => {
      gone = true;
    };
  }, [device, username, reachable]);
  // While the record is made again what is chosen and typed stays.
  return prepared === null ? null : ways;
}

/** Those that were not revoked, as far as the pack of this person knows. */
async function validCredentials(
  username: string,
  read: (username: string) => Promise<readonly CredentialRow[]>,
): Promise<readonly CredentialRow[]> {
  const [rows, { revokedCredentials }] = await Promise.all([read(username), leave()]);
  const gone = await revokedCredentials(username).catch(() => [] as readonly string[]);
  return rows.filter(({ id }) => !gone.includes(id));
}

/** The credential that a way uses: the one registered last. */
export function credentialFor(ways: Ways | null, way: WayName): CredentialRow | null {
  if (ways?.leased !== true) return null;
  return ways.credentials.findLast(({ method }) => method === way) ?? null;
}

/** The way that is offered first: what works without a network. */
export function firstWay(ways: Ways | null): WayName {
  if (credentialFor(ways, "passkey") !== null) return "passkey";
  return credentialFor(ways, "key") === null ? "password" : "key";
}

interface Props {
  readonly ways: Ways;
  readonly way: WayName;
  readonly onChoose: (way: WayName) => void;
  readonly secret: string;
  readonly onSecret: (secret: string) => void;
}

/** The choice, and what a passkey or a secret asks for; the password's fields stay the dialog's. */
export function WayChoice({ ways, way, onChoose, secret, onSecret }: Props): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const names: readonly WayName[] = ["passkey", "key", "password"];
  const offered = names.filter((name) => name === "password" || credentialFor(ways, name) !== null);
  return (
    <>
      {ways.leased ? null : (
        <Notice tone="warn">
          <p>{textIn(WORDS.lease_over)}</p>
        </Notice>
      )}
      {offered.length > 1 ? (
        <Segments<WayName>
          name={`${id}-way`}
          legend={textIn(WORDS.way)}
          value={way}
          options={offered.map((name) => [name, textIn(WORDS[name])])}
          onChange={onChoose}
        />
      ) : null}
      {way === "passkey" ? <p className="soft">{textIn(WORDS.passkey_help)}</p> : null}
      {way === "password" && !reachable ? (
        <Notice tone="warn">
          <p>{textIn(WORDS.offline_password)}</p>
          {ways.credentials.length === 0 ? <p>{textIn(WORDS.offline_help)}</p> : null}
        </Notice>
      ) : null}
      {way === "key" ? (
        <div className="field">
          <label htmlFor={`${id}-secret`}>{textIn(WORDS.secret)}</label>
          <input
            id={`${id}-secret`}
            className="input"
            type="password"
            autoComplete="off"
            required
            value={secret}
            onChange={(event) => {
              onSecret(event.target.value);
            }}
          />
        </div>
      ) : null}
    </>
  );
}

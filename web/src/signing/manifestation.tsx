/**
 * A signature as it is shown on the screen and on paper, next to what it signs (21 CFR 11.50: printed name, date
 * and time, meaning; the rest is what an auditor asks next).
 */
import "./manifestation.css";

import type { ReactNode } from "react";

import type { HistoryEntry, SignatureMade } from "../api/wire.ts";
import { useLanguage } from "../design/preferences.ts";
import { useSay } from "../i18n/index.tsx";
import { fullTime, knownZone } from "../i18n/times.ts";
import { hashPrefix } from "./record_hash.ts";
import { Seal } from "./seal.tsx";

interface Props {
  readonly signature: SignatureMade;
  readonly entry: HistoryEntry;
  readonly zone: string;
}

export function Manifestation({ signature, entry, zone }: Props): ReactNode {
  const say = useSay();
  const language = useLanguage();
  const at = signature.at ?? entry.at;
  const where = knownZone(signature.zone ?? entry.zone ?? zone);
  const { en, zh } = signature.signer.name;
  const name = en === zh ? zh : language === "zh" ? `${zh} (${en})` : `${en} (${zh})`;
  const statement =
    typeof signature.statement === "string" ? signature.statement : signature.statement[language];
  return (
    <section className="manifestation" aria-label={say("signature.label")}>
      <Seal code={signature.meaning} names={signature.meaning_names} />
      <div className="manifestation-text">
        <p className="manifestation-meaning">
          <strong>
            {signature.meaning_names.zh} / {signature.meaning_names.en}
          </strong>{" "}
          <span className="soft">({signature.meaning})</span>
        </p>
        <p>
          <strong>{name}</strong> · {say("signature.user")} {signature.signer.username}
          {(signature.signer.role ?? entry.actor.role) ? (
            <>
              {" · "}
              {say("signature.role")} {signature.signer.role ?? entry.actor.role}
            </>
          ) : null}
        </p>
        {signature.for ? (
          <p>
            <strong>
              {say("signature.for")} {signature.for.names[language]}
            </strong>{" "}
            ({signature.for.username})
          </p>
        ) : null}
        <p className="number">
          <time dateTime={at}>{fullTime(at, where)}</time> ({where}) ={" "}
          {new Date(at).toISOString().slice(11, 19)}Z
        </p>
        <p>
          {say("signature.record")} SHA-256{" "}
          <code title={signature.record_hash}>{hashPrefix(signature.record_hash)}</code>
          {signature.signature_id ? (
            <>
              {" · "}
              {say("signature.id")} <code>{signature.signature_id}</code>
            </>
          ) : null}
        </p>
        <p className="manifestation-statement">“{statement}”</p>
        {entry.why ? (
          <p>
            {say("signature.comment")} {entry.why}
          </p>
        ) : null}
        <p className="small soft">
          {say("signature.auth")}
          {entry.device ? ` · ${say("signature.device")} ${entry.device}` : null}
        </p>
      </div>
    </section>
  );
}

/**
 * What was asked for on this device and what became of it: waiting to be sent, waiting for the signature, being
 * decided, refused, done. What the server says of each is shown with what to do, until the person puts it away;
 * nothing is ever dropped silently.
 */
import "./sent.css";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import { Link } from "wouter";

import { formQuery, workItemQuery } from "../../api/queries.ts";
import { recordedBefore } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Badge, Notice, PageHead, type Tone } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import type { Ruling, RulingName } from "../../device/rulings.ts";
import { RULINGS } from "../../device/words.ts";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { fullTime } from "../../i18n/times.ts";
import type { Kept } from "../../pending/journal.ts";
import { putAway, sendSoon, sign, usePending } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import type { CompletionRecord } from "../../signing/record.ts";
import { WORDS } from "./words.ts";

const SignDialog = lazy(() => import("../../signing/sign_dialog.tsx"));
const SHOWN = 50;

export default function Sent(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const pending = usePending();
  const [signing, setSigning] = useState<Kept | null>(null);
  const toRead = new Set([...pending.refused, ...pending.noted]);
  const recent = pending.all.filter((kept) => kept.answer !== null && !toRead.has(kept));
  return (
    <div className="page" data-width="measure">
      <PageHead
        title={say("sent.title")}
        aside={
          <Link href="/device" className="button" data-kind="quiet">
            <Icon name="lock" />
            {textIn(WORDS.device)}
          </Link>
        }
      >
        <p className="soft">{say("sent.help")}</p>
      </PageHead>
      {pending.othersWaiting > 0 ? (
        <Notice tone="info">
          <p>{say("sent.others", { count: pending.othersWaiting })}</p>
        </Notice>
      ) : null}
      {pending.othersSending > 0 ? (
        <Notice tone="info">
          <p>{textIn(WORDS.sending).replace("{count}", String(pending.othersSending))}</p>
        </Notice>
      ) : null}
      <section className="section" aria-labelledby="sent-waiting">
        <div className="section-head">
          <h2 id="sent-waiting">{say("sent.waiting")}</h2>
          {pending.waiting.some(({ entry }) => entry.signing === null) ? (
            <button type="button" className="button" onClick={sendSoon}>
              <Icon name="send" />
              {say("sent.send_now")}
            </button>
          ) : null}
        </div>
        {pending.waiting.length === 0 ? <p className="soft">{say("sent.nothing_waiting")}</p> : null}
        <Lines kept={pending.waiting} onSign={setSigning} />
      </section>
      {pending.deciding.length > 0 ? (
        <section className="section" aria-labelledby="sent-deciding">
          <h2 id="sent-deciding">{textIn(WORDS.deciding)}</h2>
          <Lines kept={pending.deciding} onSign={setSigning} />
        </section>
      ) : null}
      {pending.noted.length > 0 ? (
        <section className="section" aria-labelledby="sent-noted">
          <h2 id="sent-noted">{textIn(WORDS.noted)}</h2>
          <Lines kept={pending.noted} onSign={setSigning} />
        </section>
      ) : null}
      {pending.refused.length > 0 ? (
        <section className="section" aria-labelledby="sent-refused">
          <h2 id="sent-refused">{say("sent.refused")}</h2>
          <Lines kept={pending.refused} onSign={setSigning} />
        </section>
      ) : null}
      <section className="section" aria-labelledby="sent-done">
        <h2 id="sent-done">{say("sent.done")}</h2>
        {recent.length === 0 ? <p className="soft">{say("sent.nothing_done")}</p> : null}
        <Lines kept={recent.slice(0, SHOWN)} onSign={setSigning} />
      </section>
      {signing?.entry.signing ? (
        <SignLater
          kept={signing}
          onClose={() => {
            setSigning(null);
          }}
        />
      ) : null}
    </div>
  );
}

function Lines(props: { readonly kept: readonly Kept[]; readonly onSign: (kept: Kept) => void }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { user } = usePerson();
  if (props.kept.length === 0) return null;
  return (
    <ul className="sent-lines">
      {props.kept.map((kept) => {
        const { entry, answer, seen, ruling } = kept;
        return (
          <li key={entry.command_id} className="sent-line">
            <div className="sent-what">
              <strong>{textIn(entry.about)}</strong>
              <span className="soft small number">{fullTime(entry.made_at, user.zone)}</span>
              {ruling ? <Said ruling={ruling} /> : null}
              {answer?.outcome === "rejected" && !ruling ? (
                <span className="sent-why">
                  {answer.problem.title}
                  {answer.problem.detail ? ` ${answer.problem.detail}` : null}
                </span>
              ) : null}
            </div>
            <div className="row">
              {ruling && ruling.name !== "accepted" ? (
                <Badge tone={TONES[ruling.name]} icon={answer?.outcome === "accepted" ? "check" : "alert"}>
                  {textIn(RULINGS[ruling.name].name)}
                </Badge>
              ) : null}
              {answer === null && entry.signing === null && !ruling ? (
                <Badge tone="warn" icon="send">
                  {say("worklist.waiting_to_send")}
                </Badge>
              ) : null}
              {answer === null && entry.signing !== null ? (
                <button
                  type="button"
                  className="button"
                  data-kind="primary"
                  onClick={() => {
                    props.onSign(kept);
                  }}
                >
                  <Icon name="sign" />
                  {say("sent.sign")}
                </button>
              ) : null}
              {answer?.outcome === "accepted" && (!ruling || ruling.name === "accepted") ? (
                <Badge tone="good" icon="check">
                  {say("sent.accepted")}
                </Badge>
              ) : null}
              {answer?.outcome === "rejected" && !ruling ? (
                <Badge tone="bad" icon="cross">
                  {say("sent.rejected")}
                </Badge>
              ) : null}
              {isToRead(kept) && !seen ? (
                <button type="button" className="button" onClick={() => void putAway(entry.command_id)}>
                  {say("sent.put_away")}
                </button>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

const TONES: Readonly<Record<RulingName, Tone>> = {
  accepted: "good",
  merged: "good",
  flagged: "warn",
  superseded: "warn",
  parked: "warn",
  held: "info",
  quarantined: "bad",
  refused: "bad",
  not_taken: "bad",
};

/** What a person has to have read before it is put away. */
function isToRead({ answer, ruling }: Kept): boolean {
  if (answer === null) return ruling?.name === "parked" || ruling?.name === "held";
  return answer.outcome === "rejected" || (ruling !== undefined && ruling.name !== "accepted");
}

/** What the server said: its own words, then what can be done. */
function Said({ ruling }: { readonly ruling: Ruling }): ReactNode {
  const textIn = useTextIn();
  if (ruling.name === "accepted" && ruling.message === null) return null;
  return (
    <div className="sent-said">
      {ruling.message ? <p>{textIn(ruling.message)}</p> : null}
      {ruling.name === "accepted" ? null : <p className="soft">{textIn(RULINGS[ruling.name].help)}</p>}
      {ruling.conflict ? (
        <p>
          <Link href={`/records/${ruling.conflict}`}>{textIn(WORDS.conflict)}</Link>
        </p>
      ) : null}
    </div>
  );
}

/** Sign what could not be sent: the very record that was shown then, under the same command id. */
function SignLater({ kept, onClose }: { readonly kept: Kept; readonly onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const language = useLanguage();
  const { entry } = kept;
  const record = entry.signing?.record as unknown as CompletionRecord;
  const form = useQuery({ ...formQuery(record.form ?? ""), enabled: record.form !== null });
  const item = useQuery(workItemQuery(record.work_item));
  const build = useCallback(() => record, [record]);
  const stillCurrent = useCallback(async () => {
    // What is in the outbox is sealed as it was then; whether it still fits, the server decides.
    if (entry.fields["revision"] === undefined) return true;
    try {
      const fresh = await client.query({ ...workItemQuery(record.work_item), staleTime: 0 });
      return fresh.revision === entry.fields["revision"];
    } catch {
      return true; // not known; the server decides, and gives the first answer when it had one
    }
  }, [client, record.work_item, entry.fields]);
  if (form.isPending && record.form !== null) return null;
  return (
    <Suspense fallback={null}>
      <SignDialog
        form={form.data ?? null}
        step={entry.about[language]}
        title={item.data?.title ?? null}
        meaningNames={item.data?.meaning?.names ?? { en: record.meaning, zh: record.meaning }}
        record={build}
        commentAllowed={false}
        before={item.data ? recordedBefore(item.data) : {}}
        stillCurrent={stillCurrent}
        sign={(_record, _hash, credentials) => sign(entry, credentials)}
        onAnswered={onClose}
        onWaiting={onClose}
        onClose={onClose}
      />
    </Suspense>
  );
}

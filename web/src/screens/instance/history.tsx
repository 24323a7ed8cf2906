/**
 * What happened, as a list: each entry of the trail with who, when and in which zone, why, what changed from what
 * to what, and the signature as it was given. It prints as it is.
 */
import { useQueries } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo } from "react";

import { formQuery } from "../../api/queries.ts";
import { type History, type HistoryEntry, type HistoryEvent, signatureMade } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Badge } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { namesInDiagram } from "../../diagram/names.ts";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { fullTime, knownZone } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Manifestation } from "../../signing/manifestation.tsx";
import { RecordView } from "../../signing/record_view.tsx";
import { eventFields, eventSentence, isTechnical, leafChanges, valueText } from "./event_words.ts";

interface Props {
  readonly history: History;
  readonly diagram: string | null;
}

export function HistoryList({ history, diagram }: Props): ReactNode {
  const say = useSay();
  const language = useLanguage();
  const names = useMemo(() => namesInDiagram(diagram, language), [diagram, language]);
  const forms = useFormsOf(history);
  useEffect(() => {
    // On paper nothing is folded.
    const unfold = (): void => {
      for (const folded of document.querySelectorAll<HTMLDetailsElement>(".history-fresh"))
        folded.open = true;
    };
    addEventListener("beforeprint", unfold);
    return () => {
      removeEventListener("beforeprint", unfold);
    };
  }, []);
  return (
    <>
      <p className="row">
        {history.verified ? (
          <Badge tone="good" icon="shield">
            {say("history.verified")}
          </Badge>
        ) : (
          <Badge tone="bad" icon="alert">
            {say("history.broken")}
          </Badge>
        )}
        <span className="soft small">{say("history.count", { count: history.entries.length })}</span>
      </p>
      <ol className="history">
        {history.entries.map((entry) => (
          <Entry key={entry.seq} entry={entry} names={names} forms={forms} />
        ))}
      </ol>
    </>
  );
}

interface EntryProps {
  readonly entry: HistoryEntry;
  readonly names: ReadonlyMap<string, string>;
  readonly forms: ReadonlyMap<string, unknown>;
}

function Entry({ entry, names, forms }: EntryProps): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { user } = usePerson();
  const zone = knownZone(entry.zone ?? user.zone);
  const plain = entry.events.filter((event) => !isTechnical(event));
  const technical = entry.events.filter(isTechnical);
  return (
    <li className="history-entry">
      <div className="history-when">
        <time dateTime={entry.at} className="number">
          {fullTime(entry.at, zone)}
        </time>
        <span className="soft small">{zone}</span>
      </div>
      <div className="history-what">
        <p className="history-who">
          <strong>{textIn(entry.actor.name)}</strong>
          {entry.actor.role ? <Badge>{entry.actor.role}</Badge> : null}
          {entry.device ? <Badge>{entry.device}</Badge> : null}
        </p>
        <ul className="history-events">
          {plain.map((event, index) => (
            <li key={index}>
              {event.event === "signature.made" ? (
                <Signature event={event} entry={entry} />
              ) : (
                <EventShown event={event} names={names} forms={forms} />
              )}
            </li>
          ))}
        </ul>
        {entry.why ? (
          <p>
            <span className="soft">{say("history.why")}</span> {entry.why}
          </p>
        ) : null}
        <details className="history-technical small">
          <summary>
            <Icon name="info" />
            {say("history.technical")}
          </summary>
          <p className="soft">
            #{entry.seq} · {say("history.hash")} <code>{entry.hash}</code>
          </p>
          {entry.command ? (
            <p className="soft">
              {entry.command.name} <code>{entry.command.id}</code>
            </p>
          ) : null}
          <ul>
            {technical.map((event, index) => (
              <li key={index} className="soft">
                {eventSentence(event, names, say)}
              </li>
            ))}
          </ul>
        </details>
      </div>
    </li>
  );
}

function EventShown({
  event,
  names,
  forms,
}: Omit<EntryProps, "entry"> & { readonly event: HistoryEvent }): ReactNode {
  const say = useSay();
  const data = event["data"];
  if (event.event === "variables.changed") return <Changes changes={event["changes"]} />;
  const fields = eventFields(event);
  if (Object.keys(fields).length > 0)
    return (
      <details className="history-fresh">
        <summary>{eventSentence(event, names, say)}</summary>
        <RecordView form={null} data={fields} />
      </details>
    );
  return (
    <>
      <p>{eventSentence(event, names, say)}</p>
      {event.event === "work_item.completed" && isObject(data) && Object.keys(data).length > 0 ? (
        <RecordView form={forms.get(String(event["form"])) ?? null} data={data} />
      ) : null}
    </>
  );
}

/** A value that is another now is in sight; whole documents and what was worked out first are folded. */
function Changes({ changes }: { readonly changes: unknown }): ReactNode {
  const say = useSay();
  const all = Array.isArray(changes) ? changes.filter(isObject) : [];
  const fresh = all.filter((change) => change["old"] === null || change["old"] === undefined);
  const changed = all.filter((change) => !fresh.includes(change));
  const whole = changed.filter((change) => typeof change["new"] === "object" && change["new"] !== null);
  const plain = changed.filter((change) => !whole.includes(change));
  return (
    <>
      {plain.length > 0 ? (
        <>
          <p>{say("event.variables_changed")}</p>
          <ChangeList changes={plain} />
        </>
      ) : null}
      {whole.length > 0 ? (
        <details className="history-fresh">
          <summary>
            {say("history.changed", { fields: whole.map((change) => String(change["field"])).join(", ") })}
          </summary>
          <ChangeList changes={whole} />
        </details>
      ) : null}
      {fresh.length > 0 ? (
        <details className="history-fresh">
          <summary>
            {say("history.fresh", { fields: fresh.map((change) => String(change["field"])).join(", ") })}
          </summary>
          <RecordView
            form={null}
            data={Object.fromEntries(fresh.map((change) => [String(change["field"]), change["new"]]))}
          />
        </details>
      ) : null}
    </>
  );
}

/** From what to what, answer by answer. */
function ChangeList({ changes }: { readonly changes: readonly Json[] }): ReactNode {
  const leaves = changes.flatMap((change) =>
    leafChanges(String(change["field"]), change["old"], change["new"]),
  );
  return (
    <dl className="record history-changes">
      {leaves.map(({ place, old, now }) => (
        <div key={place} className="record-line" data-kind="value">
          <dt>
            <code>{place}</code>
          </dt>
          <dd>
            <del>{valueText(old)}</del> → <ins>{valueText(now)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Signature({
  event,
  entry,
}: {
  readonly event: HistoryEvent;
  readonly entry: HistoryEntry;
}): ReactNode {
  const { user } = usePerson();
  const say = useSay();
  try {
    return <Manifestation signature={signatureMade(event, "")} entry={entry} zone={user.zone} />;
  } catch {
    return <p className="soft">{say("history.signature_unreadable")}</p>;
  }
}

/** The forms that the completions were made with: their words label what was recorded. */
function useFormsOf(history: History): ReadonlyMap<string, unknown> {
  const hashes = useMemo(
    () =>
      [
        ...new Set(
          history.entries
            .flatMap((entry) => entry.events)
            .filter((event) => event.event === "work_item.completed" && typeof event["form"] === "string")
            .map((event) => String(event["form"])),
        ),
      ].toSorted(),
    [history],
  );
  const found = useQueries({ queries: hashes.map((hash) => formQuery(hash)) });
  return new Map(hashes.map((hash, index) => [hash, found[index]?.data]));
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

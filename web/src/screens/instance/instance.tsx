/** One process instance: on the diagram and as a list, what happened so far, what is open, what failed. */
import "./instance.css";

import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link } from "wouter";

import { diagramQuery, historyQuery, instanceQuery } from "../../api/queries.ts";
import type { Instance } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Facts, Notice, PageHead, Segments, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { fullTime, shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { WorkItemRow } from "../worklist/row.tsx";
import "../worklist/worklist.css";
import { InstanceStatus } from "../instances/status.tsx";
import { serverNow } from "../../api/connection.ts";
import { CancelInstance } from "./cancel.tsx";
import { HistoryList } from "./history.tsx";

const Diagram = lazy(() => import("../../diagram/diagram.tsx"));

type Shown = "diagram" | "history";

export default function InstanceScreen({ instanceId }: { readonly instanceId: string }): ReactNode {
  const say = useSay();
  const { data, error, refetch } = useQuery(instanceQuery(instanceId));
  if (data) return <ShownInstance instance={data} outdated={error} />;
  return (
    <div className="page">
      {error ? (
        <>
          <PageHead title={say("instance.not_opened")} />
          <Trouble error={error} onRetry={() => void refetch()} />
        </>
      ) : (
        <Skeleton />
      )}
    </div>
  );
}

function ShownInstance(props: { readonly instance: Instance; readonly outdated: unknown }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { instance } = props;
  const { user } = usePerson();
  const open = instance.work_items.filter((item) => item.status === "open");
  const [shown, setShown] = useState<Shown>("diagram");
  const diagram = useQuery(diagramQuery(instance.definition_hash));
  const history = useQuery(historyQuery(instance.process_instance_id));
  return (
    <div className="page instance">
      <PageHead
        title={instance.title ?? textIn(instance.process_names)}
        above={
          <Link href="/records" className="back no-print">
            <Icon name="back" />
            {say("records.title")}
          </Link>
        }
        aside={<InstanceStatus status={instance.status} />}
      >
        <Facts
          facts={[
            [
              "instance.process",
              `${textIn(instance.process_names)} · ${say("start.version", { version: instance.version })}`,
            ],
            [
              "instance.started",
              <span key="started" className="number">
                {fullTime(instance.started_at, user.zone)}
              </span>,
            ],
            ["instance.started_by", instance.started_by ? textIn(instance.started_by.name) : null],
            [
              "instance.finished",
              instance.finished_at ? (
                <span key="finished" className="number">
                  {fullTime(instance.finished_at, user.zone)}
                </span>
              ) : null,
            ],
            [
              "instance.definition",
              <code key="definition" title={instance.definition_hash}>
                {instance.definition_hash.slice(0, 16)}
              </code>,
            ],
          ]}
        />
        <p className="print-only small">
          {say("instance.printed", {
            at: fullTime(new Date(serverNow()).toISOString(), user.zone),
            name: `${textIn(user.name)} (${user.username})`,
            id: instance.process_instance_id,
          })}
        </p>
      </PageHead>
      {props.outdated ? <Trouble error={props.outdated} /> : null}
      {instance.incidents.map((incident) => (
        <Notice key={incident.id} tone="bad" live="alert" title={say("instance.incident")}>
          <p>{spoken(incident.message, textIn)}</p>
          <p className="small">
            <code>{incident.id}</code> · {shortTime(incident.at, user.zone)}
          </p>
        </Notice>
      ))}
      {open.length > 0 ? (
        <section className="section no-print" aria-labelledby="instance-open">
          <h2 id="instance-open">{say("instance.open_work")}</h2>
          <ul className="worklist">
            {open.map((item) => (
              <WorkItemRow
                key={item.work_item_id}
                item={item}
                now={serverNow()}
                mine={item.assignee?.id === user.id}
                waiting={null}
              />
            ))}
          </ul>
        </section>
      ) : null}
      <div className="row no-print instance-tools">
        <Segments<Shown>
          name="instance-shown"
          legend={say("instance.shown")}
          legendHidden
          value={shown}
          onChange={setShown}
          options={[
            ["diagram", say("instance.diagram")],
            ["history", say("instance.history")],
          ]}
        />
        <button
          type="button"
          className="button"
          onClick={() => {
            setShown("history");
            setTimeout(() => {
              print();
            }, 300);
          }}
        >
          <Icon name="print" />
          {say("instance.print")}
        </button>
        {instance.status === "running" && instance.cancel ? (
          <CancelInstance instance={instance} meaning={instance.cancel} />
        ) : null}
      </div>
      {shown === "diagram" ? (
        <section className="section" aria-label={say("instance.diagram")}>
          {diagram.error ? <Trouble error={diagram.error} onRetry={() => void diagram.refetch()} /> : null}
          {diagram.data === undefined ? (
            <Skeleton rows={4} />
          ) : (
            <Suspense fallback={<Skeleton rows={4} />}>
              <Diagram xml={diagram.data} activities={instance.activities} incidents={instance.incidents} />
            </Suspense>
          )}
        </section>
      ) : (
        <section className="section" aria-labelledby="instance-history">
          <div className="section-head">
            <h2 id="instance-history">{say("instance.history")}</h2>
          </div>
          {history.error ? <Trouble error={history.error} onRetry={() => void history.refetch()} /> : null}
          {history.data === undefined ? (
            <Skeleton />
          ) : (
            <HistoryList history={history.data} diagram={diagram.data ?? null} />
          )}
        </section>
      )}
    </div>
  );
}

function spoken(message: unknown, textIn: (text: { en: string; zh: string }) => string): string {
  if (typeof message === "object" && message !== null && "en" in message && "zh" in message)
    return textIn({ en: String(message.en), zh: String(message.zh) });
  return typeof message === "string" ? message : JSON.stringify(message);
}

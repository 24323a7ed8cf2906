/** Start a process: those this person may start, and what else there is. */
import "./start.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";

import { processesQuery } from "../../api/queries.ts";
import type { ProcessSummary } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";
import { AheadOfStart } from "./ahead_of_start.tsx";
import { placeAfterStart, startProcess } from "./starting.ts";

type Progress =
  | { readonly kind: "idle" }
  | { readonly kind: "busy"; readonly process: string }
  | { readonly kind: "waiting"; readonly command: string }
  | { readonly kind: "refused"; readonly title: string; readonly detail: string }
  | { readonly kind: "failed"; readonly error: unknown };

export default function Start(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const [, go] = useLocation();
  const { tenant } = usePerson();
  const { data, error, refetch, isPending } = useQuery(processesQuery);
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });

  const start = async (process: ProcessSummary): Promise<void> => {
    setProgress({ kind: "busy", process: process.process_id });
    try {
      const outcome = await startProcess(process, null, tenant);
      if (outcome.kind === "waiting") setProgress({ kind: "waiting", command: outcome.entry.command_id });
      else if (outcome.answer.outcome === "rejected") {
        const { title, detail } = outcome.answer.problem;
        setProgress({ kind: "refused", title, detail });
      } else go(placeAfterStart(outcome.answer.result));
    } catch (failure) {
      setProgress({ kind: "failed", error: failure });
    }
  };

  const mine = data?.items.filter((process) => process.may_start) ?? [];
  const others = data?.items.filter((process) => !process.may_start) ?? [];
  return (
    <div className="page">
      <PageHead title={say("start.title")} />
      <Outcome progress={progress} />
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <Skeleton rows={3} /> : null}
      {data && mine.length === 0 ? <div className="empty">{say("start.nothing")}</div> : null}
      <ul className="processes">
        {mine.map((process) => (
          <li key={process.process_id} className="process panel">
            <div className="process-what">
              <h2>{textIn(process.names)}</h2>
              {process.description ? <p className="soft">{textIn(process.description)}</p> : null}
              <p className="small soft">
                {say("start.version", { version: process.version })}
                {process.anyone_starts ? ` · ${say("start.anyone")}` : null}
              </p>
            </div>
            {process.start_form === null ? (
              <button
                type="button"
                className="button"
                data-kind="primary"
                disabled={progress.kind === "busy"}
                onClick={() => void start(process)}
              >
                <Icon name="play" />
                {progress.kind === "busy" && progress.process === process.process_id
                  ? say("start.busy")
                  : say("start.start", { process: textIn(process.names) })}
              </button>
            ) : (
              <Link
                href={`/start/${encodeURIComponent(process.process_id)}`}
                className="button"
                data-kind="primary"
              >
                <Icon name="play" />
                {say("start.start", { process: textIn(process.names) })}
              </Link>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 ? (
        <section className="section" aria-labelledby="start-others">
          <h2 id="start-others">{say("start.others")}</h2>
          <ul className="processes">
            {others.map((process) => (
              <li key={process.process_id} className="process">
                <div className="process-what">
                  <h3>{textIn(process.names)}</h3>
                  {process.description ? <p className="soft">{textIn(process.description)}</p> : null}
                </div>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

function Outcome({ progress }: { readonly progress: Progress }): ReactNode {
  const say = useSay();
  if (progress.kind === "waiting")
    return (
      <>
        <Notice tone="warn" live="status" title={say("pending.kept")}>
          <p>{say("pending.kept_help")}</p>
        </Notice>
        <AheadOfStart command={progress.command} />
      </>
    );
  if (progress.kind === "refused")
    return (
      <Notice tone="bad" live="alert" title={progress.title || say("trouble.refused")}>
        {progress.detail ? <p>{progress.detail}</p> : null}
      </Notice>
    );
  if (progress.kind === "failed") return <Trouble error={progress.error} />;
  return null;
}

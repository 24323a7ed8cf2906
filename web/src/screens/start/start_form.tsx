/** The form that a process asks for when it is started; what is entered goes on the record with the start. */
import "../work_item/work_item.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { Link, useLocation } from "wouter";

import { serverNow } from "../../api/connection.ts";
import { putAttachment } from "../../api/endpoints.ts";
import { formQuery, processesQuery } from "../../api/queries.ts";
import type { ProcessSummary } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { type ClientForm, FormView } from "../../forms/index.tsx";
import { type MessageKey, useSay, useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";
import { useUnits } from "../../units.ts";
import { type Outcome, OutcomeNotice, serverErrorsOf } from "../work_item/outcome.tsx";
import { AheadOfStart } from "./ahead_of_start.tsx";
import { type StartKept, useStartDraft } from "./start_draft.ts";
import { placeAfterStart, startProcess } from "./starting.ts";

const NOTHING: Record<string, unknown> = {};
const nothingToReload = (): void => undefined;

const KEPT: Readonly<Record<StartKept, MessageKey | null>> = {
  nothing: null,
  typing: "draft.typing",
  device: "draft.device",
  not_kept: "draft.not_kept",
};

export default function StartForm({ processId }: { readonly processId: string }): ReactNode {
  const say = useSay();
  useUnits();
  const processes = useQuery(processesQuery);
  const process = processes.data?.items.find((each) => each.process_id === processId);
  const hash = process?.start_form ?? null;
  const form = useQuery({ ...formQuery(hash ?? ""), enabled: hash !== null });
  if (process && hash !== null && form.data !== undefined)
    return <Filled process={process} form={form.data as ClientForm} formHash={hash} />;
  const trouble = processes.error ?? form.error;
  const missing = processes.data !== undefined && hash === null;
  return (
    <div className="page" data-width="measure">
      {trouble || missing ? <PageHead title={say("start.title")} above={<Back />} /> : <Skeleton rows={6} />}
      {trouble ? <Trouble error={trouble} /> : null}
      {missing ? <div className="empty">{say("not_found.title")}</div> : null}
    </div>
  );
}

function Filled({
  process,
  form,
  formHash,
}: {
  readonly process: ProcessSummary;
  readonly form: ClientForm;
  readonly formHash: string;
}): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const language = useLanguage();
  const formId = useId();
  const [, go] = useLocation();
  const [command, setCommand] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome>({ kind: "none" });
  const [now] = useState(() => new Date(serverNow()).toISOString());
  const { user, tenant } = usePerson();
  const draft = useStartDraft(process.process_id, formHash, user.id);
  const kept = KEPT[draft.kept];
  const closed = !process.may_start || outcome.kind === "waiting";

  const start = async (data: Record<string, unknown>): Promise<void> => {
    setOutcome({ kind: "busy" });
    try {
      const result = await startProcess(process, data, tenant);
      if (result.kind === "waiting") {
        await draft.discard(); // the command itself is kept now
        setCommand(result.entry.command_id);
        setOutcome({ kind: "waiting" });
      } else if (result.answer.outcome === "accepted") {
        await draft.discard();
        go(placeAfterStart(result.answer.result));
      } else setOutcome({ kind: "answered", answer: result.answer });
    } catch (error) {
      setOutcome({ kind: "failed", error });
    }
  };

  return (
    <div className="page work-item" data-width="measure">
      <PageHead title={textIn(form.title)} above={<Back />}>
        <p className="soft">{textIn(process.names)}</p>
      </PageHead>
      {outcome.kind === "waiting" ? (
        <Notice tone="warn" live="status" title={say("pending.kept")}>
          <p>{say("pending.kept_help")}</p>
        </Notice>
      ) : null}
      {command === null ? null : <AheadOfStart command={command} />}
      <OutcomeNotice outcome={outcome} onReload={nothingToReload} />
      {draft.begin === null ? <Skeleton rows={6} /> : null}
      {draft.begin === null ? null : (
        <FormView
          formId={formId}
          form={form}
          initial={draft.begin}
          context={NOTHING}
          now={now}
          language={language}
          readOnly={closed}
          serverErrors={serverErrorsOf(outcome)}
          onChange={draft.note}
          onSubmit={(data) => void start(data)}
          uploads={putAttachment}
        />
      )}
      <footer className="work-footer no-print">
        <p
          className="work-kept small"
          role="status"
          data-tone={draft.kept === "not_kept" ? "bad" : undefined}
        >
          {kept === null ? "" : say(kept)}
        </p>
        <div className="work-actions">
          <button
            type="submit"
            form={formId}
            className="button"
            data-kind="primary"
            disabled={closed || outcome.kind === "busy"}
          >
            <Icon name="play" />
            {outcome.kind === "busy"
              ? say("start.busy")
              : say("start.start", { process: textIn(process.names) })}
          </button>
        </div>
      </footer>
    </div>
  );
}

function Back(): ReactNode {
  const say = useSay();
  return (
    <Link href="/start" className="back no-print">
      <Icon name="back" />
      {say("start.title")}
    </Link>
  );
}

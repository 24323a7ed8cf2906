/** An open work item: read, claim, fill in, sign, complete. Every act is a command that is stored first. */
import {
  type ReactNode,
  startTransition,
  useCallback,
  useDeferredValue,
  useEffect,
  useId,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { Link } from "wouter";

import { isReachable, onReachableChange, serverNow } from "../../api/connection.ts";
import { putAttachment } from "../../api/endpoints.ts";
import { recordedBefore, type WorkItemDetail } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { part } from "../../design/part.tsx";
import { Badge, Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { type ClientForm, FormView } from "../../forms/index.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { distance, shortTime } from "../../i18n/times.ts";
import type { Answer } from "../../pending/journal.ts";
import { workItemSubject } from "../../device/subject.ts";
import { type Command, submit, usePending } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { type CompletionRecord, completionRecord } from "../../signing/record.ts";
import { isAhead } from "../../pack/address.ts";
import { useDraftKeeper } from "./draft_keeper.ts";
import { Footer } from "./footer.tsx";
import { type Outcome, OutcomeNotice, serverErrorsOf } from "./outcome.tsx";
import { BackToWorklist } from "./back.tsx";

// What is seen only sometimes comes when it is: a form should open at once.
const SignDialog = part(async () => {
  const { default: Dialog, fetchWays } = await import("../../signing/sign_dialog.tsx");
  void fetchWays().catch(() => undefined); // asked for again when the dialog needs them
  return Dialog;
});
const Done = part(async () => (await import("./done.tsx")).Done);
const DraftChoice = part(
  async () => (await import("./draft_choice.tsx")).DraftChoice,
  () => <Skeleton rows={3} />,
);
const WithoutNetwork = part(async () => (await import("./without_network.tsx")).WithoutNetwork);
const NextAhead = part(async () => (await import("./without_network.tsx")).NextAhead);
const NOTHING: Record<string, unknown> = {};
const DIALOG_AFTER_MS = 2_000;

interface Props {
  readonly item: WorkItemDetail;
  readonly form: ClientForm | null;
  readonly outdated: unknown;
  readonly onReload: () => Promise<WorkItemDetail | null>;
}

export function OpenWorkItem({ item, form, outdated, onReload }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const language = useLanguage();
  const formId = useId();
  const { user, tenant } = usePerson();
  const pending = usePending();
  const draft = useDraftKeeper(item, user.id);
  // The head at once, then the form in slices: the touch that opened it is answered before it is drawn.
  const start = useDeferredValue(draft.start, null);
  const [seen, setSeen] = useState(item.revision);
  const [now] = useState(() => new Date(serverNow()).toISOString());
  const [outcome, setOutcome] = useState<Outcome>({ kind: "none" });
  const [signing, setSigning] = useState<Record<string, unknown> | null>(null);
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const ahead = isAhead(item.work_item_id);
  const waiting = [...pending.waiting, ...pending.deciding].find(
    ({ entry }) => entry.name === "complete-work-item" && entry.work_item_id === item.work_item_id,
  );

  useEffect(() => {
    if (item.signature === null) return undefined;
    const timer = setTimeout(() => void SignDialog.fetch().catch(() => undefined), DIALOG_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [item.signature]);

  const about = useMemo(
    () => ({
      en: `Complete: ${item.activity_names.en}${item.title ? ` · ${item.title}` : ""}`,
      zh: `完成：${item.activity_names.zh}${item.title ? ` · ${item.title}` : ""}`,
    }),
    [item.activity_names, item.title],
  );

  const answered = useCallback(
    async (answer: Answer): Promise<void> => {
      setSigning(null);
      if (answer.outcome === "accepted") await draft.discard();
      setOutcome({ kind: "answered", answer });
    },
    [draft],
  );

  const run = async (
    name: string,
    fields: Record<string, unknown>,
    words: typeof about,
    done: Pick<Parameters<typeof workItemSubject>[2], "kind" | "data">,
  ): Promise<void> => {
    setOutcome({ kind: "busy" });
    try {
      const result = await submit({
        name,
        fields: { work_item_id: item.work_item_id, ...fields },
        about: words,
        work_item_id: item.work_item_id,
        subject: workItemSubject(item, tenant, { ...done, revision: seen }),
      });
      if (result.kind === "waiting") setOutcome({ kind: "waiting" });
      else if (name === "complete-work-item") await answered(result.answer);
      else {
        setOutcome(
          result.answer.outcome === "accepted"
            ? { kind: "none" }
            : { kind: "answered", answer: result.answer },
        );
        const fresh = await onReload();
        if (fresh) setSeen(fresh.revision);
      }
    } catch (error) {
      setOutcome({ kind: "failed", error });
    }
  };

  const complete = (data: Record<string, unknown>): void => {
    if (item.signature === null)
      void run("complete-work-item", { revision: seen, data }, about, { kind: "work_item.complete", data });
    else
      startTransition(() => {
        setSigning(data);
      });
  };

  const { meaning } = item;
  const buildRecord = useCallback(
    (why: string | null) => {
      if (meaning === null) throw new Error("The work item is signed but the server gave no meaning.");
      return completionRecord({
        tenant: tenant ?? "",
        item,
        data: signing ?? NOTHING,
        meaning,
        language,
        signer: user.username,
        why,
      });
    },
    [tenant, item, signing, meaning, language, user.username],
  );
  const offer = useCallback(
    (record: CompletionRecord, hash: string): Command => ({
      name: "complete-work-item",
      fields: {
        work_item_id: item.work_item_id,
        revision: seen,
        data: record.data,
        ...(record.why === null ? {} : { why: record.why }),
      },
      about,
      work_item_id: item.work_item_id,
      signing: { meaning: record.meaning, language: record.language, shown_hash: hash, record },
      subject: workItemSubject(item, tenant, {
        kind: "work_item.complete",
        revision: seen,
        data: record.data,
        why: record.why,
      }),
    }),
    [item, tenant, seen, about],
  );
  const stillCurrent = useCallback(async () => {
    const fresh = await onReload();
    return fresh === null || fresh.revision === seen;
  }, [onReload, seen]);

  if (outcome.kind === "answered" && outcome.answer.outcome === "accepted")
    return <Done item={item} answer={outcome.answer} />;

  const blocked = waiting !== undefined || outcome.kind === "waiting";
  const readOnly = !item.may.complete || blocked;
  const changed = item.revision !== seen;
  return (
    <div className="page work-item" data-width="measure">
      <PageHead
        title={textIn(item.activity_names)}
        above={<BackToWorklist />}
        aside={
          <span className="work-asides">
            {ahead ? null : (
              <Link href={`/records/${item.process_instance_id}`} className="work-record">
                <Icon name="diagram" />
                {say("work.so_far")}
              </Link>
            )}
            {item.assignee?.id === user.id ? (
              <button
                type="button"
                className="button"
                data-kind="quiet"
                disabled={outcome.kind === "busy" || blocked}
                onClick={() =>
                  void run(
                    "release-work-item",
                    {},
                    { en: `Give back: ${item.activity_names.en}`, zh: `退回：${item.activity_names.zh}` },
                    { kind: "work_item.release" },
                  )
                }
              >
                {say("work.release")}
              </button>
            ) : null}
          </span>
        }
      >
        <p>
          {item.title ? <strong>{item.title}</strong> : null}
          {item.title ? " · " : null}
          <span className="soft">{textIn(item.process_names)}</span>
        </p>
        <p className="row small">
          <Badge icon="person">{item.assignee ? textIn(item.assignee.name) : item.role}</Badge>
          {item.due_at ? (
            <Badge icon="clock" tone={Date.parse(item.due_at) < serverNow() ? "bad" : "neutral"}>
              {shortTime(item.due_at, user.zone)} ({distance(item.due_at, serverNow(), language)})
            </Badge>
          ) : null}
          {item.meaning ? (
            <Badge tone="seal" icon="sign">
              {say("work.signed_as", { meaning: textIn(item.meaning.names) })}
            </Badge>
          ) : null}
          {item.visit > 1 ? <Badge>{say("work.visit", { visit: item.visit })}</Badge> : null}
          {item.item_index === null ? null : (
            <Badge>{say("work.item_index", { index: item.item_index + 1 })}</Badge>
          )}
        </p>
      </PageHead>

      {item.for ? (
        <Notice tone="info">
          <p>{say("signature.acts_for", { name: item.for.names[language] })}</p>
        </Notice>
      ) : null}
      {outdated && !blocked ? <Trouble error={outdated} onRetry={() => void onReload()} /> : null}
      {blocked ? <NextAhead instance={item.process_instance_id} /> : null}
      {blocked ? (
        <Notice
          tone="warn"
          live="status"
          title={say(
            waiting?.ruling
              ? "pending.deciding"
              : waiting?.entry.signing
                ? "pending.to_sign"
                : "pending.kept",
          )}
          actions={
            <Link href="/sent" className="button">
              {say("pending.show")}
            </Link>
          }
        >
          <p>
            {say(
              waiting?.ruling
                ? "pending.deciding_help"
                : waiting?.entry.signing
                  ? "pending.to_sign_help"
                  : "pending.kept_help",
            )}
          </p>
        </Notice>
      ) : null}
      {(ahead || !reachable) && !blocked ? <WithoutNetwork item={item} reachable={reachable} /> : null}
      {changed && !blocked ? (
        <Notice
          tone="warn"
          live="status"
          title={say("work.changed")}
          actions={
            <button
              type="button"
              className="button"
              onClick={() => {
                setSeen(item.revision);
              }}
            >
              {say("work.changed_go_on")}
            </button>
          }
        >
          <p>{say("work.changed_help")}</p>
        </Notice>
      ) : null}
      {!item.may.complete && !blocked ? (
        <Notice tone="info" title={say(item.may.claim ? "work.claim_first" : "work.read_only")}>
          {item.may.why_not ? <p>{textIn(item.may.why_not)}</p> : null}
        </Notice>
      ) : null}
      <OutcomeNotice outcome={outcome} onReload={() => void onReload()} />

      {start?.from === "choice" ? (
        <DraftChoice form={form} start={start} zone={user.zone} onChoose={draft.choose} />
      ) : start === null ? (
        <Skeleton rows={6} />
      ) : form === null ? (
        <form
          id={formId}
          onSubmit={(event) => {
            event.preventDefault();
            complete({});
          }}
        >
          <p className="soft">{say("work.no_form")}</p>
        </form>
      ) : (
        <>
          <h2 className="visually-hidden">{textIn(form.title)}</h2>
          <FormView
            formId={formId}
            form={form}
            initial={start.from === "nothing" ? NOTHING : start.data}
            context={item.variables}
            now={now}
            language={language}
            readOnly={readOnly}
            serverErrors={serverErrorsOf(outcome)}
            onChange={draft.note}
            onSubmit={complete}
            uploads={putAttachment}
          />
        </>
      )}

      <Footer
        formId={formId}
        item={item}
        kept={draft.kept}
        busy={outcome.kind === "busy"}
        blocked={blocked || draft.start?.from === "choice"}
        onClaim={() =>
          void run(
            "claim-work-item",
            {},
            { en: `Claim: ${item.activity_names.en}`, zh: `领取：${item.activity_names.zh}` },
            { kind: "work_item.claim" },
          )
        }
      />

      {signing !== null && meaning !== null ? (
        <SignDialog
          form={form}
          step={textIn(item.activity_names)}
          title={item.title}
          meaningNames={meaning.names}
          record={buildRecord}
          commentAllowed
          before={recordedBefore(item)}
          stillCurrent={stillCurrent}
          offer={offer}
          onlineOnly={item.offline === "C" || item.offline === "D"}
          sign={(record, hash, credentials) => submit(offer(record, hash), credentials)}
          onAnswered={(answer) => void answered(answer)}
          onWaiting={() => {
            setSigning(null);
            setOutcome({ kind: "waiting" });
          }}
          onClose={() => {
            setSigning(null);
          }}
        />
      ) : null}
    </div>
  );
}

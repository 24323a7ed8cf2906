/**
 * The signing ceremony: exactly what is signed, its meaning and statement, who, the server's time, then name and
 * password; nothing else. The hash shown is the hash signed. The password lives in the two fields of this dialog
 * and in one request, nowhere else.
 */
import "./sign_dialog.css";

import { type ReactNode, type SubmitEvent, useEffect, useId, useMemo, useRef, useState } from "react";

import { serverNow } from "../api/connection.ts";
import type { Text } from "../api/shapes.ts";
import type { Problem } from "../api/wire.ts";
import { Facts, Notice } from "../design/parts.tsx";
import { Trouble } from "../design/trouble.tsx";
import { useSay, useTextIn } from "../i18n/index.tsx";
import { fullTime } from "../i18n/times.ts";
import type { Answer } from "../pending/journal.ts";
import { putAway, type Submitted } from "../pending/pending.ts";
import type { Credentials } from "../pending/sending.ts";
import { usePerson } from "../session/signed_in.tsx";
import type { CompletionRecord } from "./record.ts";
import { hashPrefix, recordHash } from "./record_hash.ts";
import { RecordView } from "./record_view.tsx";
import { Seal } from "./seal.tsx";

export interface SignDialogProps {
  readonly form: unknown;
  readonly step: string;
  readonly title: string | null;
  readonly meaningNames: Text;
  /** Builds what is signed; asked again when the comment changes. */
  readonly record: (why: string | null) => CompletionRecord;
  /** False when the record is already made and waits for its signature. */
  readonly commentAllowed: boolean;
  readonly before: Readonly<Record<string, unknown>>;
  /** Whether the work item is still as the person saw it; asked when the dialog opens. */
  readonly stillCurrent: () => Promise<boolean>;
  readonly sign: (record: CompletionRecord, hash: string, credentials: Credentials) => Promise<Submitted>;
  readonly onAnswered: (answer: Answer) => void;
  readonly onWaiting: () => void;
  readonly onClose: () => void;
}

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "busy" }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "failed"; readonly error: unknown };

/** Refusals that are about the signer and leave everything else as it is. */
const ABOUT_THE_SIGNER = new Set(["signature_refused", "signing_locked"]);

export default function SignDialog(props: SignDialogProps): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const dialog = useRef<HTMLDialogElement>(null);
  const refusal = useRef<HTMLDivElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const [why, setWhy] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [state, setState] = useState<State>({ kind: "ready" });
  const [current, setCurrent] = useState<boolean | null>(null);
  const now = useServerClock();
  const { record: build, stillCurrent } = props;
  const record = useMemo(() => build(why.trim() === "" ? null : why.trim()), [build, why]);
  const hash = useMemo(() => recordHash(record), [record]);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    let gone = false;
    void stillCurrent().then((answer) => {
      if (!gone) setCurrent(answer);
    });
    return () => {
      gone = true;
    };
  }, [stillCurrent]);
  useEffect(() => {
    if (state.kind === "refused" || state.kind === "failed") refusal.current?.focus();
  }, [state]);

  const sign = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setState({ kind: "busy" });
    try {
      const outcome = await props.sign(record, hash, { username: username.trim(), password });
      setPassword("");
      if (outcome.kind === "waiting") {
        props.onWaiting();
        return;
      }
      const { answer } = outcome;
      if (answer.outcome === "rejected" && ABOUT_THE_SIGNER.has(answer.problem.reason)) {
        await putAway(answer.command_id); // read here and now
        setState({ kind: "refused", problem: answer.problem });
        passwordField.current?.focus();
        return;
      }
      props.onAnswered(answer);
    } catch (error) {
      setPassword("");
      setState({ kind: "failed", error });
    }
  };

  return (
    <dialog
      ref={dialog}
      className="dialog sign-dialog"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        if (state.kind === "busy") event.preventDefault();
      }}
      onClose={props.onClose}
    >
      <form onSubmit={(event) => void sign(event)} autoComplete="off">
        <div className="dialog-body">
          <header className="sign-head">
            <div>
              <h2 id={`${id}-title`} tabIndex={-1}>
                {say("sign.title")}
              </h2>
              <p>
                <strong>{props.step}</strong>
                {props.title ? ` · ${props.title}` : null}
              </p>
            </div>
            <Seal code={record.meaning} names={props.meaningNames} />
          </header>
          {current === false ? (
            <Notice tone="bad" live="alert" title={say("sign.changed")}>
              <p>{say("sign.changed_help")}</p>
            </Notice>
          ) : null}
          <section className="section" aria-labelledby={`${id}-record`}>
            <h3 id={`${id}-record`}>{say("sign.what")}</h3>
            <RecordView form={props.form} data={record.data} before={props.before} />
          </section>
          {props.commentAllowed ? (
            <div className="field">
              <label htmlFor={`${id}-why`}>{say("sign.comment")}</label>
              <textarea
                id={`${id}-why`}
                className="input"
                rows={2}
                maxLength={2000}
                value={why}
                onChange={(event) => {
                  setWhy(event.target.value);
                }}
              />
            </div>
          ) : null}
          <blockquote className="sign-statement" lang={record.language === "zh" ? "zh-CN" : "en"}>
            {record.statement}
          </blockquote>
          <Facts
            facts={[
              ["sign.meaning", `${textIn(props.meaningNames)} (${record.meaning})`],
              ["sign.signer", `${textIn(user.name)} · ${user.username}`],
              [
                "sign.time",
                <span key="time" className="number">
                  {fullTime(now, user.zone)} ({user.zone})
                </span>,
              ],
              [
                "sign.hash",
                <code key="hash" title={hash}>
                  {hashPrefix(hash)}
                </code>,
              ],
              ["sign.comment_made", props.commentAllowed ? null : record.why],
            ]}
          />
          <div ref={refusal} tabIndex={-1}>
            {state.kind === "refused" ? (
              <Notice tone="bad" live="alert" title={say("sign.refused")}>
                <p>{state.problem.detail}</p>
              </Notice>
            ) : null}
            {state.kind === "failed" ? <Trouble error={state.error} /> : null}
          </div>
          <div className="sign-credentials">
            <div className="field">
              <label htmlFor={`${id}-username`}>{say("sign.username")}</label>
              <input
                id={`${id}-username`}
                className="input"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                required
                value={username}
                onChange={(event) => {
                  setUsername(event.target.value);
                }}
              />
            </div>
            <div className="field">
              <label htmlFor={`${id}-password`}>{say("sign.password")}</label>
              <input
                id={`${id}-password`}
                ref={passwordField}
                className="input"
                type="password"
                autoComplete="off"
                required
                value={password}
                onChange={(event) => {
                  setPassword(event.target.value);
                }}
              />
            </div>
          </div>
        </div>
        <div className="dialog-foot">
          <button
            type="button"
            className="button"
            data-kind="quiet"
            disabled={state.kind === "busy"}
            onClick={() => dialog.current?.close()}
          >
            {say("common.cancel")}
          </button>
          <button
            type="submit"
            className="button"
            data-kind="primary"
            disabled={state.kind === "busy" || current === false}
          >
            {state.kind === "busy"
              ? say("sign.busy")
              : say("sign.sign", { meaning: textIn(props.meaningNames) })}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** The server's time, by the second. */
function useServerClock(): string {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(serverNow());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return new Date(now).toISOString();
}

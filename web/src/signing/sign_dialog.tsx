/**
 * The signing ceremony: exactly what is signed, its meaning and statement, who, the server's time, then the proof;
 * nothing else. The hash shown is the hash signed: on an enrolled device that of the device's record, which a
 * passkey or a key under a secret signs without a network. A password or a secret lives in the fields of this
 * dialog and in one request, nowhere else.
 */
import "./sign_dialog.css";

import {
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

import { isReachable, onReachableChange, serverNow } from "../api/connection.ts";
import type { Text } from "../api/shapes.ts";
import type { Problem } from "../api/wire.ts";
import { Facts, Notice } from "../design/parts.tsx";
import { Trouble } from "../design/trouble.tsx";
import { useSay, useTextIn } from "../i18n/index.tsx";
import { fullTime } from "../i18n/times.ts";
import type { Answer } from "../pending/journal.ts";
import type { NotSigned } from "../device/credentials.ts";
import type { Prepared } from "../device/keeping.ts";
import { type Command, prepare, putAway, submit, type Submitted } from "../pending/pending.ts";
import type { Credentials } from "../pending/sending.ts";
import { usePerson } from "../session/signed_in.tsx";
import type { CompletionRecord } from "./record.ts";
import { hashPrefix, recordHash } from "./record_hash.ts";
import { RecordView } from "./record_view.tsx";
import { Seal } from "./seal.tsx";
import { ceremony, credentialFor, fetchWays, firstWay, useWays, WayChoice, type WayName } from "./ways.tsx";
import { WORDS } from "./words.ts";

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
  /** The command that is signed, where this device can sign by itself; null for what is made already. */
  readonly offer?: (record: CompletionRecord, hash: string) => Command;
  /** A decision that the diagram keeps for a connection: it can be prepared without one, not signed. */
  readonly onlineOnly?: boolean;
  readonly onAnswered: (answer: Answer) => void;
  readonly onWaiting: () => void;
  readonly onClose: () => void;
}

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "busy" }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "declined"; readonly words: string }
  | { readonly kind: "failed"; readonly error: unknown };

/** Refusals that are about the signer and leave everything else as it is. */
const ABOUT_THE_SIGNER = new Set(["signature_refused", "signing_locked"]);

export { fetchWays };

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
  const [attempt, setAttempt] = useState(0);
  const [chosen, setChosen] = useState<WayName | null>(null);
  const [secret, setSecret] = useState("");
  const { record: build, stillCurrent, offer } = props;
  const record = useMemo(() => build(why.trim() === "" ? null : why.trim()), [build, why]);
  const hash = useMemo(() => recordHash(record), [record]);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  // Once, when the dialog opens: each answer makes the function anew, and asking again with it would never end.
  const [ask] = useState(() => stillCurrent);
  useEffect(() => {
    let gone = false;
    void ask().then((answer) => {
      if (!gone) setCurrent(answer);
    });
    return () => {
      gone = true;
    };
  }, [ask]);
  const command = useMemo(() => offer?.(record, hash) ?? null, [offer, record, hash]);
  const prepared = usePrepared(command, attempt);
  const ways = useWays(prepared, user.username);
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const mustWait = props.onlineOnly === true && prepared != null && !reachable;
  const way = ways === null ? "password" : (chosen ?? firstWay(ways));
  useEffect(() => {
    if (state.kind === "declined" || state.kind === "refused" || state.kind === "failed")
      refusal.current?.focus();
  }, [state]);

  const signed = async (): Promise<Submitted> => {
    const credentials = { username: username.trim(), password };
    if (prepared == null || command === null) return props.sign(record, hash, credentials);
    const said = {
      meaning: record.meaning,
      statement: record.statement,
      language: record.language,
      signer: user.username,
      at: new Date(serverNow()).toISOString(),
    };
    const credential = credentialFor(ways, way);
    if (credential === null) {
      const byPassword = { ...said, auth: { method: "password" } } as const;
      return submit(command, credentials, { record: prepared.record, sigs: [byPassword] });
    }
    const { signWith } = await ceremony();
    const sig = await signWith(credential, { device: prepared.device, record: prepared.hash, said }, secret);
    return submit(command, null, { record: prepared.record, sigs: [sig] });
  };

  const sign = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setState({ kind: "busy" });
    try {
      const outcome = await signed();
      setPassword("");
      setSecret("");
      if (outcome.kind === "waiting") {
        props.onWaiting();
        return;
      }
      const { answer } = outcome;
      if (answer.outcome === "rejected" && ABOUT_THE_SIGNER.has(answer.problem.reason)) {
        await putAway(answer.command_id); // read here and now
        setAttempt((before) => before + 1);
        setState({ kind: "refused", problem: answer.problem });
        passwordField.current?.focus();
        return;
      }
      props.onAnswered(answer);
    } catch (error) {
      setPassword("");
      setSecret("");
      setState(
        isNotSigned(error)
          ? { kind: "declined", words: declined(error, textIn, user.zone) }
          : { kind: "failed", error },
      );
    }
  };

  const shown = prepared?.hash ?? hash;
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
                <code key="hash" title={shown}>
                  {hashPrefix(shown)}
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
            {state.kind === "declined" ? (
              <Notice tone="bad" live="alert" title={textIn(WORDS.not_signed)}>
                <p>{state.words}</p>
              </Notice>
            ) : null}
            {state.kind === "failed" ? <Trouble error={state.error} /> : null}
          </div>
          {mustWait ? (
            <Notice tone="warn" live="status">
              <p>{textIn(WORDS.online_only)}</p>
            </Notice>
          ) : null}
          {ways === null ? null : (
            <WayChoice ways={ways} way={way} onChoose={setChosen} secret={secret} onSecret={setSecret} />
          )}
          {way === "password" ? (
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
          ) : null}
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
            disabled={state.kind === "busy" || current === false || prepared === undefined || mustWait}
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

/**
 * The record of the device, made anew for each try; null where this device does not sign, undefined until known. Made
 * again only when what is signed has changed, not when the same was merely fetched again.
 */
function usePrepared(command: Command | null, attempt: number): Prepared | null | undefined {
  const [made, setMade] = useState<{ readonly of: string; readonly prepared: Prepared | null }>();
  const content = useMemo(() => (command === null ? null : JSON.stringify(command)), [command]);
  const of = `${attempt} ${content ?? ""}`;
  useEffect(() => {
    if (content === null) return undefined;
    let gone = false;
    void prepare(JSON.parse(content) as Command)
      .catch(() => null) // no engine, no outbox: signed as a plain command, which says what is wrong
      .then((prepared) => {
        if (!gone) setMade({ of, prepared });
      });
    return () => {
      gone = true;
    };
  }, [content, of]);
  if (content === null) return null;
  return made?.of === of ? made.prepared : undefined;
}

/** Told by its name: the class itself comes with the part that signs. */
function isNotSigned(error: unknown): error is NotSigned {
  return error instanceof Error && error.name === "NotSigned";
}

function declined(error: NotSigned, textIn: (text: Text) => string, zone: string): string {
  const { reason, left } = error;
  const filled = typeof left === "string" ? fullTime(left, zone) : String(left ?? "");
  return textIn(WORDS[reason]).replace("{left}", filled);
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

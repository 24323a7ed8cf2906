/** Cancel a process instance: with a reason, signed, in a dialog that says what happens. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useId, useRef, useState } from "react";

import type { Instance, Meaning, Problem } from "../../api/wire.ts";
import { Notice } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { putAway, submit } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { cancellationRecord } from "../../signing/record.ts";
import { hashPrefix, recordHash } from "../../signing/record_hash.ts";

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "busy" }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly error: unknown };

interface Props {
  readonly instance: Instance;
  readonly meaning: Meaning;
}

export function CancelInstance({ instance, meaning }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const language = useLanguage();
  const id = useId();
  const client = useQueryClient();
  const { user, tenant } = usePerson();
  const dialog = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [state, setState] = useState<State>({ kind: "ready" });
  const record = cancellationRecord({
    tenant: tenant ?? "",
    process_instance: instance.process_instance_id,
    definition: instance.definition_hash,
    meaning: meaning.code,
    statement: meaning.statement[language],
    language,
    signer: user.username,
    why: why.trim(),
  });
  const hash = recordHash(record);

  const cancel = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setState({ kind: "busy" });
    try {
      const outcome = await submit(
        {
          name: "cancel-process-instance",
          fields: { process_instance_id: instance.process_instance_id, why: why.trim() },
          about: {
            en: `Cancel: ${instance.title ?? instance.process_names.en}`,
            zh: `取消：${instance.title ?? instance.process_names.zh}`,
          },
          signing: { meaning: meaning.code, language, shown_hash: hash, record },
        },
        { username: username.trim(), password },
      );
      if (outcome.kind === "waiting") setState({ kind: "waiting" });
      else if (outcome.answer.outcome === "rejected") {
        await putAway(outcome.answer.command_id);
        setState({ kind: "refused", problem: outcome.answer.problem });
      } else {
        dialog.current?.close();
        await client.invalidateQueries();
      }
    } catch (error) {
      setState({ kind: "failed", error });
    } finally {
      setPassword("");
    }
  };

  return (
    <>
      <button
        type="button"
        className="button instance-cancel"
        data-kind="danger"
        onClick={() => dialog.current?.showModal()}
      >
        {say("cancel.open")}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-title`}>
        <form onSubmit={(event) => void cancel(event)} autoComplete="off">
          <div className="dialog-body">
            <h2 id={`${id}-title`}>{say("cancel.title")}</h2>
            <p>
              <strong>{instance.title ?? textIn(instance.process_names)}</strong>
            </p>
            <p>{say("cancel.help")}</p>
            <div className="field">
              <label htmlFor={`${id}-why`}>{say("cancel.why")}</label>
              <textarea
                id={`${id}-why`}
                className="input"
                rows={3}
                required
                maxLength={2000}
                value={why}
                onChange={(event) => {
                  setWhy(event.target.value);
                }}
              />
            </div>
            <p>
              {meaning.statement[language]} <span className="soft">({meaning.code})</span>{" "}
              <code title={hash}>{hashPrefix(hash)}</code>
            </p>
            {state.kind === "refused" ? (
              <Notice tone="bad" live="alert" title={state.problem.title || say("trouble.refused")}>
                <p>{state.problem.detail}</p>
              </Notice>
            ) : null}
            {state.kind === "waiting" ? (
              <Notice tone="warn" live="alert" title={say("pending.to_sign")}>
                <p>{say("pending.to_sign_help")}</p>
              </Notice>
            ) : null}
            {state.kind === "failed" ? <Trouble error={state.error} /> : null}
            <div className="field">
              <label htmlFor={`${id}-username`}>{say("sign.username")}</label>
              <input
                id={`${id}-username`}
                className="input"
                autoComplete="off"
                autoCapitalize="none"
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
          <div className="dialog-foot">
            <button
              type="button"
              className="button"
              data-kind="quiet"
              onClick={() => dialog.current?.close()}
            >
              {say("cancel.keep")}
            </button>
            <button type="submit" className="button" data-kind="danger" disabled={state.kind === "busy"}>
              {say("cancel.cancel")}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

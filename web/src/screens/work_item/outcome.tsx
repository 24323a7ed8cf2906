/** What came of the last thing that was asked on this screen, said where the person looks. */
import type { ReactNode } from "react";

import type { Text } from "../../api/shapes.ts";
import { Notice } from "../../design/parts.tsx";
import { currentLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import type { FieldError } from "../../forms/index.tsx";
import { useSay } from "../../i18n/index.tsx";
import type { Answer } from "../../pending/journal.ts";

export type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "busy" }
  | { readonly kind: "waiting" }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly error: unknown };

const STILL_OPEN = new Set(["stale", "record_differs"]);

export function OutcomeNotice(props: {
  readonly outcome: Outcome;
  readonly onReload: () => void;
}): ReactNode {
  const say = useSay();
  const { outcome } = props;
  if (outcome.kind === "failed") return <Trouble error={outcome.error} />;
  if (outcome.kind !== "answered" || outcome.answer.outcome === "accepted") return null;
  const { problem } = outcome.answer;
  const unplaced = problem.errors.filter((error) => error.path === "" || error.path === "/");
  return (
    <Notice
      tone="bad"
      live="alert"
      title={problem.title || say("trouble.refused")}
      actions={
        STILL_OPEN.has(problem.reason) ? (
          <button type="button" className="button" onClick={props.onReload}>
            {say("work.reload")}
          </button>
        ) : null
      }
    >
      {problem.detail ? <p>{problem.detail}</p> : null}
      {unplaced.map((error) => (
        <p key={error.code}>{spoken(error.message)}</p>
      ))}
      {problem.incident ? (
        <p className="small">{say("trouble.incident", { incident: problem.incident })}</p>
      ) : null}
    </Notice>
  );
}

/** What the server found wrong, for the form to show at its fields. */
export function serverErrorsOf(outcome: Outcome): FieldError[] {
  if (outcome.kind !== "answered" || outcome.answer.outcome === "accepted") return [];
  return outcome.answer.problem.errors.map(({ path, code, message }) => ({
    path,
    code,
    message: isText(message) ? message : { en: String(message), zh: String(message) },
  }));
}

function spoken(message: unknown): string {
  return isText(message) ? message[currentLanguage()] : String(message);
}

function isText(message: unknown): message is Text {
  return typeof message === "object" && message !== null && "en" in message && "zh" in message;
}

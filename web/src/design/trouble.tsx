/** What a screen shows when its question was not answered: a sentence that says what to do. */
import type { ReactNode } from "react";

import { Refused, Unreachable } from "../api/client.ts";
import { WireMismatch } from "../api/shapes.ts";
import { useSay } from "../i18n/index.tsx";
import { Notice } from "./parts.tsx";

export function Trouble(props: { readonly error: unknown; readonly onRetry?: () => void }): ReactNode {
  const say = useSay();
  const { error } = props;
  const again = props.onRetry ? (
    <button type="button" className="button" onClick={props.onRetry}>
      {say("common.try_again")}
    </button>
  ) : null;
  if (error instanceof Unreachable)
    return (
      <Notice tone="warn" live="status" title={say("trouble.unreachable")} actions={again}>
        <p>{say("trouble.unreachable_help")}</p>
      </Notice>
    );
  if (error instanceof Refused)
    return (
      <Notice
        tone="bad"
        live="alert"
        title={error.problem.title || say("trouble.refused")}
        actions={error.status >= 500 ? again : null}
      >
        {error.problem.detail ? <p>{error.problem.detail}</p> : null}
        {error.problem.incident ? (
          <p className="small">{say("trouble.incident", { incident: error.problem.incident })}</p>
        ) : null}
      </Notice>
    );
  const detail = error instanceof WireMismatch ? error.message : String(error);
  return (
    <Notice
      tone="bad"
      live="alert"
      title={say("trouble.unexpected")}
      actions={
        <button
          type="button"
          className="button"
          onClick={() => {
            location.reload();
          }}
        >
          {say("trouble.reload")}
        </button>
      }
    >
      <p className="small mono">{detail}</p>
    </Notice>
  );
}

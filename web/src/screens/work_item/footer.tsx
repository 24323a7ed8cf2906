/** The one place of action: what is kept, and the one thing to do next. It stays in sight while the form scrolls. */
import type { ReactNode } from "react";

import type { WorkItemDetail } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { type MessageKey, useSay } from "../../i18n/index.tsx";
import type { Kept } from "./draft_keeper.ts";

const KEPT: Readonly<Record<Kept, MessageKey | null>> = {
  nothing: null,
  typing: "draft.typing",
  device: "draft.device",
  both: "draft.both",
  not_kept: "draft.not_kept",
};

interface Props {
  readonly formId: string;
  readonly item: WorkItemDetail;
  readonly kept: Kept;
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly onClaim: () => void;
}

export function Footer(props: Props): ReactNode {
  const say = useSay();
  const { item } = props;
  const kept = KEPT[props.kept];
  return (
    <footer className="work-footer no-print">
      <p className="work-kept small" role="status" data-tone={props.kept === "not_kept" ? "bad" : undefined}>
        {kept === null ? "" : say(kept)}
      </p>
      <div className="work-actions">
        {item.may.claim && item.may.complete ? (
          <button
            type="button"
            className="button"
            data-kind="quiet"
            disabled={props.busy || props.blocked}
            onClick={props.onClaim}
          >
            {say("work.claim")}
          </button>
        ) : null}
        {item.may.complete ? (
          <button
            type="submit"
            form={props.formId}
            className="button"
            data-kind="primary"
            disabled={props.busy || props.blocked}
          >
            {item.meaning ? <Icon name="sign" /> : <Icon name="check" />}
            {props.busy
              ? say("work.busy")
              : item.meaning
                ? say("work.sign_and_complete")
                : say("work.complete")}
          </button>
        ) : item.may.claim ? (
          <button
            type="button"
            className="button"
            data-kind="primary"
            disabled={props.busy || props.blocked}
            onClick={props.onClaim}
          >
            {say("work.claim")}
          </button>
        ) : null}
      </div>
    </footer>
  );
}

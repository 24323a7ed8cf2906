/** A dialog that asks for a command: what is needed, what became of it, and one main action. */
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef } from "react";

import type { Text } from "../../api/shapes.ts";
import { Notice } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import type { Asked } from "./asking.ts";

const WORDS = {
  cancel: { en: "Cancel", zh: "取消" },
  waiting: { en: "Kept on this device, not sent yet", zh: "已保存在本机，尚未送出" },
  why: { en: "Reason", zh: "理由" },
  waiting_help: { en: "It is sent as soon as the server is reached.", zh: "连上服务器后自动送出。" },
} as const satisfies Record<string, Text>;

interface Props {
  readonly title: string;
  readonly action: Text;
  readonly asked: Asked;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Open as long as it is rendered; Escape and Cancel close it. */
export function AskDialog({ title, action, asked, onSubmit, onClose, children }: Props): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const send = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form onSubmit={send} autoComplete="off">
        <div className="dialog-body">
          <h2 id={`${id}-title`}>{title}</h2>
          {children}
          <Became asked={asked} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" data-kind="quiet" onClick={onClose}>
            {textIn(WORDS.cancel)}
          </button>
          <button
            type="submit"
            className="button"
            data-kind="primary"
            disabled={asked.kind === "busy" || asked.kind === "waiting"}
          >
            {textIn(action)}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** The reason that a decision is recorded with; the browser asks for it when it is empty. */
export function Why(props: { readonly value: string; readonly onChange: (why: string) => void }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{textIn(WORDS.why)}</label>
      <textarea
        id={id}
        className="input"
        rows={3}
        required
        maxLength={2000}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

/** What became of a command that was asked for, where it did not simply succeed. */
export function Became({ asked }: { readonly asked: Asked }): ReactNode {
  const textIn = useTextIn();
  if (asked.kind === "refused")
    return (
      <Notice tone="bad" live="alert" title={asked.problem.title}>
        <p>{asked.problem.detail}</p>
      </Notice>
    );
  if (asked.kind === "waiting")
    return (
      <Notice tone="warn" live="status" title={textIn(WORDS.waiting)}>
        <p>{textIn(WORDS.waiting_help)}</p>
      </Notice>
    );
  return asked.kind === "failed" ? <Trouble error={asked.error} /> : null;
}

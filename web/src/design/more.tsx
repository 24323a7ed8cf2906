/**
 * More of a list, asked for by hand. The focus stays on the button while there is more; at the end of the list
 * it goes to the first line that is new, so that nobody working by keyboard is thrown back to the top.
 */
import { type ReactNode, type RefObject, useEffect, useRef } from "react";

import { useSay } from "../i18n/index.tsx";

interface Props {
  readonly list: RefObject<HTMLElement | null>;
  readonly shown: number;
  readonly hasMore: boolean;
  readonly busy: boolean;
  readonly onMore: () => Promise<unknown>;
}

export function More({ list, shown, hasMore, busy, onMore }: Props): ReactNode {
  const say = useSay();
  const linesBefore = useRef<number | null>(null);
  useEffect(() => {
    if (hasMore || linesBefore.current === null) return;
    linesOf(list)[linesBefore.current]?.focus();
    linesBefore.current = null;
  }, [hasMore, list]);

  const press = (): void => {
    if (busy) return; // not disabled: a disabled button loses the focus
    linesBefore.current = linesOf(list).length;
    void onMore();
  };

  return (
    <div className="row">
      {hasMore ? (
        <button type="button" className="button" aria-disabled={busy} onClick={press}>
          {say(busy ? "common.more_busy" : "common.more")}
        </button>
      ) : null}
      <span role="status" className="soft small">
        {hasMore ? say("common.shown", { count: shown }) : ""}
      </span>
    </div>
  );
}

function linesOf(list: Props["list"]): readonly HTMLAnchorElement[] {
  return [...(list.current?.querySelectorAll<HTMLAnchorElement>("li > a, tbody td:first-child a") ?? [])];
}

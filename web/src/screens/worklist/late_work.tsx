/** What is late and was escalated to my roles: to be looked after, though others are to do it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useRef } from "react";

import { lateWorkQuery } from "../../api/queries.ts";
import type { WorkItem } from "../../api/wire.ts";
import { More } from "../../design/more.tsx";
import { useSay } from "../../i18n/index.tsx";
import { WorkItemRow } from "./row.tsx";

interface Props {
  readonly now: number;
  /** What stands in the list above already. */
  readonly mine: readonly WorkItem[];
}

export function LateWork({ now, mine }: Props): ReactNode {
  const say = useSay();
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(lateWorkQuery);
  const above = new Set(mine.map((item) => item.work_item_id));
  const late = (data?.pages ?? [])
    .flatMap(({ items }) => items)
    .filter((item) => !above.has(item.work_item_id));
  if (late.length === 0 && !hasNextPage) return null;
  return (
    <section className="worklist-late" aria-labelledby={id}>
      <h2 id={id}>{say("worklist.escalated")}</h2>
      <p className="small soft">{say("worklist.escalated_help")}</p>
      <ul className="worklist" ref={list}>
        {late.map((item) => (
          <WorkItemRow key={item.work_item_id} item={item} now={now} mine={false} waiting={null} />
        ))}
      </ul>
      <More
        list={list}
        shown={late.length}
        hasMore={hasNextPage}
        busy={isFetchingNextPage}
        onMore={fetchNextPage}
      />
    </section>
  );
}

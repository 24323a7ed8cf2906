/** A register that comes in pages: what is shown, and more of it when asked for. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useRef } from "react";

import type { Text } from "../../api/shapes.ts";
import { More } from "../../design/more.tsx";
import { Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { Empty } from "./parts.tsx";

interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

export function Paged<Row, P extends Page<Row>>(props: {
  readonly queryKey: readonly string[];
  readonly read: (cursor: string | null) => Promise<P>;
  readonly empty: Text;
  readonly children: (rows: readonly Row[], list: RefObject<HTMLTableElement | null>, first: P) => ReactNode;
}): ReactNode {
  const list = useRef<HTMLTableElement>(null);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: props.queryKey,
    queryFn: ({ pageParam }) => props.read(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page: P) => page.next,
  });
  const rows = data?.pages.flatMap(({ items }) => items) ?? [];
  const first = data?.pages[0];
  return (
    <>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {first === undefined && !error ? <Skeleton /> : null}
      {first !== undefined && rows.length === 0 ? <Empty text={props.empty} /> : null}
      {first !== undefined && rows.length > 0 ? (
        <>
          {props.children(rows, list, first)}
          <More
            list={list}
            shown={rows.length}
            hasMore={hasNextPage}
            busy={isFetchingNextPage}
            onMore={fetchNextPage}
          />
        </>
      ) : null}
    </>
  );
}

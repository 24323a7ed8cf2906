/** A register that comes in pages: what is shown, and more of it when asked for. */
import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";

import { request } from "../../api/client.ts";
import type { Shape, Text } from "../../api/shapes.ts";
import { More } from "../../design/more.tsx";
import { Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { type Column, Ledger } from "./ledger.tsx";
import { Empty } from "./parts.tsx";

export interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** Ask for the page after a cursor; for the first one without. */
export function pageOf<P>(path: string, page: Shape<P>, cursor: string | null): Promise<P> {
  const mark = path.includes("?") ? "&" : "?";
  return request(cursor === null ? path : `${path}${mark}cursor=${encodeURIComponent(cursor)}`, page);
}

/** The pages that were asked for so far; what a page says beside its rows is in the last of them. */
export function usePages<P extends Page<unknown>>(
  queryKey: readonly string[],
  read: (cursor: string | null) => Promise<P>,
): UseInfiniteQueryResult<InfiniteData<P, string | null>> {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page: P) => page.next,
  });
}

/** A list: its rows, what to say when there are none, what went wrong, and the way to more. */
export function Paged<Row, P extends Page<Row>>(props: {
  readonly query: UseInfiniteQueryResult<InfiniteData<P>>;
  readonly columns: (pages: readonly P[]) => readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly empty: Text | string;
}): ReactNode {
  const list = useRef<HTMLTableElement>(null);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } =
    props.query;
  if (data === undefined)
    return error ? <Trouble error={error} onRetry={() => void refetch()} /> : <Skeleton />;
  const rows = data.pages.flatMap(({ items }) => items);
  return (
    <>
      {error && !isFetchNextPageError ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {rows.length === 0 ? <Empty text={props.empty} /> : null}
      {rows.length > 0 ? (
        <Ledger columns={props.columns(data.pages)} rows={rows} keyOf={props.keyOf} list={list} />
      ) : null}
      {isFetchNextPageError ? <Trouble error={error} onRetry={() => void fetchNextPage()} /> : null}
      {rows.length > 0 ? (
        <More
          list={list}
          shown={rows.length}
          hasMore={hasNextPage}
          busy={isFetchingNextPage}
          onMore={fetchNextPage}
        />
      ) : null}
    </>
  );
}

/** What is there for me to do: mine and what my roles may take, most urgent first; search, or scan, to find one. */
import "./worklist.css";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";

import { fetchWorkItemScreen } from "../../ahead.tsx";
import { serverNow } from "../../api/connection.ts";
import { formQuery, worklistQuery, workItemQuery } from "../../api/queries.ts";
import type { WorkItem } from "../../api/wire.ts";
import { whenIdle } from "../../calm.ts";
import { Icon } from "../../design/icons.tsx";
import { More } from "../../design/more.tsx";
import { part } from "../../design/part.tsx";
import { Notice, PageHead, Segments, Skeleton } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { useSay } from "../../i18n/index.tsx";
import { usePending } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { useNewVersion } from "../../update.ts";
import { chosen, isOverdue, type Whose } from "./choosing.ts";
import { LateWork } from "./late_work.tsx";
import { WorkItemRow } from "./row.tsx";
import { useScanToFind } from "./scan_to_find.ts";
import { useWorkAhead } from "./work_ahead.ts";

const PREFETCH_AFTER_MS = 1_500;
const PREFETCHED = 20;
const NOTHING: readonly WorkItem[] = [];
/** Whether one may go where there is no network: said once the list is there. */
const ReadyWord = part(async () => (await import("../device/ready_word.tsx")).ReadyWord);
/** What could not be fetched ahead is fetched when it is opened. */
const ignore = (): void => undefined;

export function Worklist(): ReactNode {
  const say = useSay();
  const id = useId();
  const { user } = usePerson();
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(worklistQuery);
  const list = useRef<HTMLUListElement>(null);
  const offered = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const [whose, setWhose] = useState<Whose>("all");
  const [query, setQuery] = useState("");
  const asked = useDeferredValue(query);
  const now = serverNow();
  const pending = usePending();
  const newVersion = useNewVersion();
  const found = useScanToFind(setQuery);
  usePrefetch(offered);

  const ahead = useWorkAhead(offered ?? NOTHING);
  const items = chosen([...(offered ?? NOTHING), ...ahead], { whose, query: asked, user: user.id, now });
  const overdue = items.filter((item) => isOverdue(item, now)).length;
  const waiting = new Map(
    pending.waiting
      .filter(({ entry }) => entry.name === "complete-work-item" && entry.work_item_id !== null)
      .map(({ entry }) => [entry.work_item_id, entry.signing === null ? "sending" : "signing"] as const),
  );

  return (
    <div className="page">
      <PageHead
        title={say("worklist.title")}
        aside={
          offered && !hasNextPage ? (
            <p className="soft">
              {say("worklist.count", { count: items.length })}
              {overdue > 0 ? (
                <strong className="worklist-overdue"> · {say("worklist.overdue", { count: overdue })}</strong>
              ) : null}
            </p>
          ) : null
        }
      />
      {newVersion.ready ? (
        <Notice
          tone="info"
          live="status"
          title={say("update.ready")}
          actions={
            <button type="button" className="button" onClick={() => void newVersion.take()}>
              {say("update.take")}
            </button>
          }
        />
      ) : null}
      <div className="worklist-tools">
        <Segments<Whose>
          name={`${id}-whose`}
          legend={say("worklist.whose")}
          legendHidden
          value={whose}
          onChange={setWhose}
          options={[
            ["all", say("worklist.all")],
            ["mine", say("worklist.mine")],
            ["free", say("worklist.free")],
          ]}
        />
        <div className="worklist-search">
          <label htmlFor={`${id}-search`} className="visually-hidden">
            {say("worklist.search")}
          </label>
          <Icon name="search" />
          <input
            id={`${id}-search`}
            className="input"
            type="search"
            enterKeyHint="search"
            placeholder={say("worklist.search")}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
            }}
          />
        </div>
        {offered ? <ReadyWord /> : null}
      </div>
      {found === null ? null : (
        <p role="status" className="small soft">
          {found}
        </p>
      )}
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <Skeleton rows={7} /> : null}
      {offered && items.length === 0 ? (
        <div className="empty">
          <p>{say(offered.length === 0 ? "worklist.nothing" : "worklist.nothing_found")}</p>
        </div>
      ) : null}
      {items.length > 0 ? (
        <ul className="worklist" ref={list}>
          {items.map((item) => (
            <WorkItemRow
              key={item.work_item_id}
              item={item}
              now={now}
              mine={item.assignee?.id === user.id}
              waiting={waiting.get(item.work_item_id) ?? null}
            />
          ))}
        </ul>
      ) : null}
      <More
        list={list}
        shown={items.length}
        hasMore={hasNextPage}
        busy={isFetchingNextPage}
        onMore={fetchNextPage}
      />
      {offered ? <LateWork now={now} mine={offered} /> : null}
    </div>
  );
}

/** Fetch what the next touch will need, once the list is there: forms are then open at once, and offline too. */
function usePrefetch(items: readonly WorkItem[] | undefined): void {
  const language = useLanguage();
  const client = useQueryClient();
  useEffect(() => {
    if (items === undefined) return undefined;
    let left = false;
    const fetchAhead = async (): Promise<void> => {
      await fetchWorkItemScreen(language);
      for (const { work_item_id: id, form_hash: form } of items.slice(0, PREFETCHED)) {
        // One at a time, whenever the browser has nothing to do: all at once would hold up a touch.
        await whenIdle();
        if (left) return;
        client.query({ ...workItemQuery(id), staleTime: 60_000 }).catch(ignore);
        if (form !== null) client.query(formQuery(form)).catch(ignore);
      }
    };
    const timer = setTimeout(() => void fetchAhead(), PREFETCH_AFTER_MS);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [client, items, language]);
}

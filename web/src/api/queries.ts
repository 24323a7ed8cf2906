/** What the screens read, by name, with how long it stays fresh. Keys are kept on the device: see src/mirror. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryFunctionContext,
  queryOptions,
} from "@tanstack/react-query";

import { whenCalm } from "../calm.ts";
import { COMPILER } from "../forms/compiler.ts";
import { isAhead } from "../pack/address.ts";
import { Unreachable } from "./client.ts";
import { isReachable } from "./connection.ts";
import * as ask from "./endpoints.ts";
import type { WorkItemDetail } from "./wire.ts";

const SECOND = 1_000;

/** Ask again now and then while the screen is open, sooner when the server is being looked for. */
const every = (seconds: number) => () => (isReachable() ? seconds : Math.min(seconds, 10)) * SECOND;

/** What the server says, or where it is not reached what this device took along, unless it has something younger. */
async function orTaken<T>(
  { client, queryKey }: Pick<QueryFunctionContext, "client" | "queryKey">,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const { fromPack } = await import("../pack/reading.ts");
    const found = await fromPack(queryKey, client.getQueryState(queryKey)?.dataUpdatedAt ?? 0);
    if (found === null) throw error;
    return found as T;
  }
}

/** A step that only this device knows of. */
async function stepAhead(id: string): Promise<WorkItemDetail> {
  return (await import("../pack/ahead.ts")).aheadItem(id);
}

/** A list that comes in pages: all pages that were asked for are kept, and asked again together. */
interface Page {
  readonly next: string | null;
}
const inPages = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page) => page.next,
};

export const worklistQuery = infiniteQueryOptions({
  ...inPages,
  queryKey: ["worklist", "pages"],
  queryFn: (of) => orTaken(of, ask.getWorklist(of.pageParam)),
  // What was done a moment ago on this device must not be offered again: an answer to a command makes the list old too.
  staleTime: SECOND,
  refetchInterval: every(30),
});

/** What is late and was escalated to one's roles. */
export const lateWorkQuery = infiniteQueryOptions({
  ...inPages,
  queryKey: ["late-work", "pages"],
  queryFn: async ({ pageParam }) => {
    await whenCalm(); // it stands below the list, which must not wait for it
    return ask.getLateWork(pageParam);
  },
  refetchInterval: every(120),
});

export const workItemQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-item", id],
    queryFn: (of) => (isAhead(id) ? stepAhead(id) : orTaken(of, ask.getWorkItem(id))),
    staleTime: 10 * SECOND,
  });

export const formQuery = (hash: string) =>
  queryOptions({
    queryKey: ["form", hash, COMPILER],
    queryFn: (of) => orTaken(of, ask.getForm(hash)),
    staleTime: Infinity,
    gcTime: Infinity,
  });

export const processesQuery = queryOptions({
  queryKey: ["processes"],
  queryFn: (of) => orTaken(of, ask.getProcesses()),
  staleTime: 60 * SECOND,
});

export const instancesQuery = (status: ask.StatusFilter) =>
  infiniteQueryOptions({
    ...inPages,
    queryKey: ["instances", "pages", status],
    queryFn: ({ pageParam }) => ask.getInstances(status, pageParam),
    placeholderData: keepPreviousData,
  });

export const instanceQuery = (id: string) =>
  queryOptions({
    queryKey: ["instance", id],
    queryFn: () => ask.getInstance(id),
    refetchInterval: every(30),
  });

export const historyQuery = (id: string) =>
  queryOptions({ queryKey: ["history", id], queryFn: () => ask.getHistory(id) });

export const diagramQuery = (hash: string) =>
  queryOptions({ queryKey: ["diagram", hash], queryFn: () => ask.getDiagram(hash), staleTime: Infinity });

export const itemsQuery = (query: string) =>
  infiniteQueryOptions({
    ...inPages,
    queryKey: ["items", "pages", query],
    queryFn: ({ pageParam }) => ask.getItems(query, pageParam),
    placeholderData: keepPreviousData,
  });

export const lotsQuery = (query: string) =>
  infiniteQueryOptions({
    ...inPages,
    queryKey: ["lots", "pages", query],
    queryFn: (of) => orTaken(of, ask.getLots(query, of.pageParam)),
    placeholderData: keepPreviousData,
  });

/** Units are the customer's and change seldom. */
export const unitsQuery = queryOptions({
  queryKey: ["units"],
  queryFn: (of) => orTaken(of, ask.getUnits()),
  staleTime: 600 * SECOND,
});

export const closedRegistersQuery = queryOptions({
  queryKey: ["registers", "closed"],
  queryFn: ask.getClosedRegisters,
  staleTime: 60 * SECOND,
});

export const lotQuery = (id: string) =>
  queryOptions({ queryKey: ["lot", id], queryFn: () => ask.getLot(id) });

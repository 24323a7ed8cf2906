/** What the screens read, by name, with how long it stays fresh. Keys are kept on the device: see src/mirror. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { whenCalm } from "../calm.ts";
import { COMPILER } from "../forms/compiler.ts";
import { isReachable } from "./connection.ts";
import * as ask from "./endpoints.ts";

const SECOND = 1_000;

/** Ask again now and then while the screen is open, sooner when the server is being looked for. */
const every = (seconds: number) => () => (isReachable() ? seconds : Math.min(seconds, 10)) * SECOND;

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
  queryFn: ({ pageParam }) => ask.getWorklist(pageParam),
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
  queryOptions({ queryKey: ["work-item", id], queryFn: () => ask.getWorkItem(id), staleTime: 10 * SECOND });

export const formQuery = (hash: string) =>
  queryOptions({
    queryKey: ["form", hash, COMPILER],
    queryFn: () => ask.getForm(hash),
    staleTime: Infinity,
    gcTime: Infinity,
  });

export const processesQuery = queryOptions({
  queryKey: ["processes"],
  queryFn: ask.getProcesses,
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
    queryFn: ({ pageParam }) => ask.getLots(query, pageParam),
    placeholderData: keepPreviousData,
  });

export const lotQuery = (id: string) =>
  queryOptions({ queryKey: ["lot", id], queryFn: () => ask.getLot(id) });

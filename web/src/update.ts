/**
 * A new version of the client is fetched in the background and waits: it is taken when the person says so, on a
 * screen where nothing is being typed or signed.
 */
import { useSyncExternalStore } from "react";

let ready = false;
let take: () => Promise<void> = () => Promise.resolve();
const listeners = new Set<() => void>();

/** Register the service worker. In a context without one (plain HTTP) nothing happens. */
export function watchForNewVersion(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  void import("virtual:pwa-register").then(({ registerSW }) => {
    const update = registerSW({
      immediate: true,
      onNeedRefresh() {
        ready = true;
        take = () => update(true);
        for (const listener of listeners) listener();
      },
    });
  });
}

export function useNewVersion(): { readonly ready: boolean; readonly take: () => Promise<void> } {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ready,
  );
  return { ready: now, take: () => take() };
}

/**
 * Whether the server can be reached, judged by what requests did. `navigator.onLine` only says that some
 * network interface is up, so it is never asked; its event is used as a hint to try now.
 */
type Listener = () => void;

let reachable = true;
const listeners = new Set<Listener>();

export function isReachable(): boolean {
  return reachable;
}

/** Called after every request with what it showed. */
export function noteReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  for (const listener of listeners) listener();
}

export function onReachableChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let ahead = 0;

/** The server's `Date`, which every answer carries: what "now" is in what we show and compute. */
export function noteServerTime(date: string | null): void {
  const server = date === null ? NaN : Date.parse(date);
  if (!Number.isNaN(server)) ahead = server - Date.now();
}

/** Now, by the server's clock as far as we know it, in milliseconds. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/**
 * Who is signed in on this device. A start without a network goes on as the person who was signed in last and
 * checks as soon as the server answers. Signing out works without a network too: the device forgets at once and
 * tells the server before anything else when it comes back.
 */
import { useSyncExternalStore } from "react";

import { Refused, setCsrf, Unreachable, whenSignedOut, whenTokenIsStale } from "../api/client.ts";
import { isReachable, onReachableChange } from "../api/connection.ts";
import { forgetEarly } from "../api/early.ts";
import { getSession, signIn, signOut } from "../api/endpoints.ts";
import { type DemoAccount, type Session, session as sessionShape, signedOut } from "../api/wire.ts";
import { fact, forgetCopies, rememberFact } from "../mirror/copies.ts";
import { setPerson } from "../pending/pending.ts";

export type SessionView =
  | { readonly kind: "starting" }
  | { readonly kind: "in"; readonly session: Session }
  | { readonly kind: "out"; readonly demo: readonly DemoAccount[]; readonly reached: boolean };

const SESSION = "session";
const OWED = "owed-sign-out";
const RETRY_MS = 5_000;

let view: SessionView = { kind: "starting" };
let remembering: Promise<void> = Promise.resolve();
const listeners = new Set<() => void>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("countersign-session");

export function useSession(): SessionView {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => view,
  );
}

/** Begin: what is remembered at once, what the server says as soon as it says it. */
export async function startSession(): Promise<void> {
  whenSignedOut(() => {
    if (view.kind === "in") void check();
  });
  whenTokenIsStale(renew);
  channel?.addEventListener("message", () => void check());
  onReachableChange(() => {
    if (isReachable()) void check();
  });
  remembering = recall();
  await check();
}

/** Go on as the person who was signed in last, unless the server has said by then who it is. */
async function recall(): Promise<void> {
  const [owed, remembered] = await Promise.all([fact(OWED), rememberedSession()]);
  if (owed !== true && remembered !== null && view.kind === "starting") enter(remembered);
}

/** Sign in; raises Refused or Unreachable, which the screen shows. */
export async function enterWith(username: string, password: string): Promise<void> {
  const session = await signIn(username, password);
  await rememberFact(OWED, null);
  await settle(session);
  channel?.postMessage("in");
}

/** Sign out: copies of what the server said are removed, drafts and unsent commands stay for their owner. */
export async function leave(): Promise<void> {
  if (view.kind !== "in") return;
  const user = view.session.user.id;
  await rememberFact(OWED, true);
  await rememberFact(SESSION, null);
  await forgetCopies(user);
  const taken = view.session.user.username;
  // What was taken along belongs to who took it; without it there the device has nothing to forget.
  void import("../pack/store.ts").then(({ forgetPack }) => forgetPack(taken)).catch(() => undefined);
  show({ kind: "out", demo: [], reached: true });
  await check();
  channel?.postMessage("out");
}

async function check(): Promise<void> {
  try {
    if ((await fact(OWED)) === true) {
      await payOwedSignOut();
    }
    await settle(await getSession());
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      const said = signedOut(error.body ?? {}, "");
      setCsrf(said.csrf);
      await rememberFact(SESSION, null);
      show({ kind: "out", demo: said.demo_accounts, reached: true });
      return;
    }
    // Without a network the answer comes sooner than the device remembers: it must not put the person out.
    await remembering;
    if (view.kind !== "in") {
      show({ kind: "out", demo: [], reached: !(error instanceof Unreachable) });
      setTimeout(() => {
        if (view.kind === "out") void check();
      }, RETRY_MS);
    }
  }
}

async function payOwedSignOut(): Promise<void> {
  try {
    setCsrf((await getSession()).csrf);
    await signOut();
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // not reached: still owed
  }
  await rememberFact(OWED, null);
}

/** A new CSRF token for the same person; false when it is another or nobody. */
async function renew(): Promise<boolean> {
  try {
    const session = await getSession();
    const same = view.kind === "in" && view.session.user.id === session.user.id;
    await settle(session);
    return same;
  } catch (error) {
    if (error instanceof Refused) {
      await check();
      return false;
    }
    throw error;
  }
}

async function settle(session: Session): Promise<void> {
  setCsrf(session.csrf);
  // What the device remembered is on the screen by now: the same once more would only have it drawn again.
  if (view.kind === "in" && kept(view.session) === kept(session)) return;
  enter(session);
  await rememberFact(SESSION, { ...session, csrf: "", demo_accounts: [] });
}

/** What of a session outlives the page, written so that two can be compared. */
function kept(session: Session): string {
  return JSON.stringify({ ...session, csrf: "", demo_accounts: [] });
}

function enter(session: Session): void {
  show({ kind: "in", session });
  setPerson({ id: session.user.id, username: session.user.username });
}

function show(next: SessionView): void {
  if (next.kind !== "in") {
    forgetEarly();
    setPerson(null);
  }
  view = next;
  for (const listener of listeners) listener();
}

async function rememberedSession(): Promise<Session | null> {
  try {
    return sessionShape(await fact(SESSION), "");
  } catch {
    return null;
  }
}

/** Who is signed in decides what there is: the sign-in screen, or the frame with the screens in it. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, startTransition, useEffect, useState } from "react";
import { Route, Switch } from "wouter";

import { opensForm, screen, WorkItemScreen } from "./ahead.tsx";
import { worklistQuery } from "./api/queries.ts";
import type { Session } from "./api/wire.ts";
import { whenCalm } from "./calm.ts";
import { Skeleton } from "./design/parts.tsx";
import { Frame } from "./frame.tsx";
import { keepCopies, restoreCopies } from "./mirror/copies.ts";
import { onAnswers } from "./pending/pending.ts";
import { NotFound } from "./screens/not_found.tsx";
import { SignIn } from "./screens/sign_in/sign_in.tsx";
import { Worklist } from "./screens/worklist/worklist.tsx";
import { useSession } from "./session/session.ts";
import { SignedIn } from "./session/signed_in.tsx";

const Start = screen(() => import("./screens/start/start.tsx"));
const StartForm = screen(() => import("./screens/start/start_form.tsx"));
const Instances = screen(() => import("./screens/instances/instances.tsx"));
const InstanceScreen = screen(() => import("./screens/instance/instance.tsx"));
const Stock = screen(() => import("./screens/stock/stock.tsx"));
const LotScreen = screen(() => import("./screens/stock/lot.tsx"));
const Sent = screen(() => import("./screens/sent/sent.tsx"));
const Device = screen(() => import("./screens/device/device.tsx"));
const Settings = screen(() => import("./screens/settings/settings.tsx"));
const Clocks = screen(() => import("./screens/clocks/clocks.tsx"));
const Sampling = screen(() => import("./screens/sampling/sampling.tsx"));
const Verification = screen(() => import("./screens/verification/verification.tsx"));
const Registers = screen(() => import("./screens/registers/routes.tsx"));

export function App(): ReactNode {
  const view = useSession();
  const client = useQueryClient();
  const out = view.kind === "out";
  useEffect(() => {
    if (out) client.clear();
  }, [client, out]);
  if (view.kind === "starting") return <Starting />;
  if (view.kind === "out") return <SignIn demo={view.demo} reached={view.reached} />;
  return <ForPerson key={view.session.user.id} session={view.session} />;
}

/** The empty frame, so that nothing jumps when the worklist arrives. */
function Starting(): ReactNode {
  return (
    <div className="app" aria-busy="true">
      <div className="bar" />
      <div className="nav" />
      <main className="page">
        <Skeleton />
      </main>
    </div>
  );
}

/** What the first screen reads of the copies; undefined for all of them. */
function neededFirst(path: string): readonly string[] | undefined {
  if (opensForm(path)) return ["work-item", "form"];
  return path === "/" ? ["worklist"] : undefined;
}

/** How long what the device kept may take before the screen is drawn without it. */
const KEPT_WITHIN_MS = 2_500;

/** How long a first list may be waited for before its screen is drawn without it. */
const LIST_WITHIN_MS = 1_000;

/**
 * Where the device keeps no list yet, wait for the one that the page asked for already (src/api/early.ts): the screen is
 * then drawn once, and in slices. Tells whether the device kept what is drawn first.
 */
async function firstList(client: QueryClient): Promise<boolean> {
  if (opensForm(location.pathname)) return false;
  if (location.pathname !== "/" || client.getQueryData(worklistQuery.queryKey) !== undefined) return true;
  // What fails is asked for again, and said, by the screen.
  const asked = client.infiniteQuery(worklistQuery).catch(() => undefined);
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, LIST_WITHIN_MS))]);
  return false;
}

/** One person's screens: what the device kept for them first, then what the server says. */
function ForPerson({ session }: { readonly session: Session }): ReactNode {
  const client = useQueryClient();
  const [restored, setRestored] = useState(false);
  const user = session.user.id;
  useEffect(() => {
    const stop = keepCopies(client, user);
    const kept = restoreCopies(client, user, neededFirst(location.pathname));
    void Promise.race([kept, new Promise((resolve) => setTimeout(resolve, KEPT_WITHIN_MS))])
      .catch(() => undefined)
      .then(() => firstList(client))
      .then((kept) => {
        const draw = (): void => {
          setRestored(true);
        };
        // What the device kept is there at once. All else is drawn in slices: a slow phone answers touches meanwhile.
        if (kept) draw();
        else startTransition(draw);
        return whenCalm();
      })
      .then(() => restoreCopies(client, user))
      .catch(() => undefined);
    return stop;
  }, [client, user]);
  const { username } = session.user;
  useEffect(() => {
    let stop: (() => void) | null = null;
    let gone = false;
    void whenCalm()
      .then(() => import("./pack/refreshing.ts"))
      .then(({ keepPackYoung }) => {
        if (!gone) stop = keepPackYoung(username);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      stop?.();
    };
  }, [username]);
  useEffect(
    () =>
      onAnswers(() => {
        void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "form" });
      }),
    [client],
  );
  if (!restored) return <Starting />;
  return (
    <SignedIn session={session}>
      <Frame>
        <Switch>
          <Route path="/">{() => <Worklist />}</Route>
          <Route path="/work/:id">
            {({ id }) => <WorkItemScreen key={id} workItemId={decodeURIComponent(id)} />}
          </Route>
          <Route path="/start">{() => <Start />}</Route>
          <Route path="/start/:id">
            {({ id }) => <StartForm key={id} processId={decodeURIComponent(id)} />}
          </Route>
          <Route path="/records">{() => <Instances />}</Route>
          <Route path="/records/:id">{({ id }) => <InstanceScreen key={id} instanceId={id} />}</Route>
          <Route path="/stock">{() => <Stock />}</Route>
          <Route path="/stock/lots/:id">{({ id }) => <LotScreen key={id} lotId={id} />}</Route>
          <Route path="/sent">{() => <Sent />}</Route>
          <Route path="/device">{() => <Device />}</Route>
          <Route path="/settings">{() => <Settings />}</Route>
          <Route path="/clocks">{() => <Clocks />}</Route>
          <Route path="/sampling">{() => <Sampling />}</Route>
          <Route path="/verification">{() => <Verification />}</Route>
          <Route path="/registers/*?">{() => <Registers />}</Route>
          <Route>{() => <NotFound />}</Route>
        </Switch>
      </Frame>
    </SignedIn>
  );
}

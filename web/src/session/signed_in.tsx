/** Hands the signed-in person down to the screens, so that none has to ask whether there is one. */
import { createContext, type ReactNode, useContext } from "react";

import type { Session } from "../api/wire.ts";

const Person = createContext<Session | null>(null);

export function SignedIn(props: { readonly session: Session; readonly children: ReactNode }): ReactNode {
  return <Person.Provider value={props.session}>{props.children}</Person.Provider>;
}

/** The session of the person who is signed in; only below SignedIn. */
export function usePerson(): Session {
  const session = useContext(Person);
  if (session === null) throw new Error("usePerson is used outside of SignedIn.");
  return session;
}

const VERIFIERS = ["AUD", "QA", "ADM"];

/** Whether these roles may ask for the proof of the whole record; the server decides, this only hides the door. */
export function mayVerify(roles: readonly string[]): boolean {
  return VERIFIERS.some((role) => roles.includes(role));
}

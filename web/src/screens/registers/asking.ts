/** Asking for a command from a register: on its way, answered, refused, or kept until the server is reached. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Problem } from "../../api/wire.ts";
import { type Command, putAway, submit } from "../../pending/pending.ts";

export type Asked =
  | { readonly kind: "ready" }
  | { readonly kind: "busy" }
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "accepted"; readonly result: Readonly<Record<string, unknown>> };

/** The state of what was asked last, and the function that asks; it tells whether it was accepted. */
export function useAsking(): readonly [Asked, (command: Command) => Promise<boolean>, () => void] {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>({ kind: "ready" });
  const ask = async (command: Command): Promise<boolean> => {
    setAsked({ kind: "busy" });
    try {
      const outcome = await submit(command);
      if (outcome.kind === "waiting") {
        setAsked({ kind: "waiting" });
        return false;
      }
      const { answer } = outcome;
      if (answer.outcome === "rejected") {
        await putAway(answer.command_id); // it is read here, where it was asked
        setAsked({ kind: "refused", problem: answer.problem });
        return false;
      }
      setAsked({ kind: "accepted", result: answer.result });
      await client.invalidateQueries();
      return true;
    } catch (error) {
      setAsked({ kind: "failed", error });
      return false;
    }
  };
  return [
    asked,
    ask,
    () => {
      setAsked({ kind: "ready" });
    },
  ];
}

/** What a start without a network leads to on this device, once it is worked out. */
import { type ReactNode, useEffect, useState } from "react";

import { part } from "../../design/part.tsx";

const NextAhead = part(async () => (await import("../work_item/without_network.tsx")).NextAhead);

export function AheadOfStart({ command }: { readonly command: string }): ReactNode {
  const [instance, setInstance] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    void import("../../device/outbox.ts")
      .then(({ readOutbox }) => readOutbox())
      .then(({ boxed }) => {
        const made = boxed.find(({ entry }) => entry.id === command);
        if (!gone && made !== undefined) setInstance(made.entry.instance);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [command]);
  return instance === null ? null : <NextAhead instance={instance} />;
}

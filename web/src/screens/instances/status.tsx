/** The status of a process instance as a word with a shape. */
import type { ReactNode } from "react";

import type { InstanceSummary } from "../../api/wire.ts";
import { Badge } from "../../design/parts.tsx";
import { useSay } from "../../i18n/index.tsx";

const LOOKS = {
  running: { tone: "info", icon: "play" },
  completed: { tone: "good", icon: "check" },
  cancelled: { tone: "neutral", icon: "cross" },
} as const;

export function InstanceStatus({ status }: { readonly status: InstanceSummary["status"] }): ReactNode {
  const say = useSay();
  return <Badge {...LOOKS[status]}>{say(`instance.${status}`)}</Badge>;
}

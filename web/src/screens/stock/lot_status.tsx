/** The status of a lot: in words, with a colour that only helps. */
import type { ReactNode } from "react";

import type { Text } from "../../api/shapes.ts";
import { Badge, type Tone } from "../../design/parts.tsx";
import type { IconName } from "../../design/icons.tsx";
import { type MessageKey, useSay, useTextIn } from "../../i18n/index.tsx";

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly name: MessageKey;
}

const LOOKS: Readonly<Record<string, Look>> = {
  QUARANTINE: { tone: "warn", icon: "lock", name: "status.quarantine" },
  RELEASED: { tone: "good", icon: "check", name: "status.released" },
  RELEASED_CONDITIONAL: { tone: "warn", icon: "check", name: "status.released_conditional" },
  REJECTED: { tone: "bad", icon: "cross", name: "status.rejected" },
  EXPIRED: { tone: "bad", icon: "clock", name: "status.expired" },
  REWORK: { tone: "info", icon: "play", name: "status.rework" },
  SAMPLE: { tone: "info", icon: "search", name: "status.sample" },
  RECALLED: { tone: "bad", icon: "alert", name: "status.recalled" },
  RETURN_QUARANTINE: { tone: "warn", icon: "lock", name: "status.return_quarantine" },
  NONE: { tone: "neutral", icon: "stock", name: "status.none" },
  HOLD: { tone: "warn", icon: "lock", name: "status.hold" },
};

interface Props {
  readonly status: string;
  readonly names?: Text | null;
}

/** What a status is called. */
export function useStatusName(): (status: string) => string {
  const say = useSay();
  return (status) => {
    const look = LOOKS[status.toUpperCase()];
    return look ? say(look.name) : status;
  };
}

export function LotStatus({ status, names }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const look = LOOKS[status.toUpperCase()];
  const word = names ? textIn(names) : look ? say(look.name) : status;
  return look ? (
    <Badge tone={look.tone} icon={look.icon}>
      {word}
    </Badge>
  ) : (
    <Badge>{word}</Badge>
  );
}

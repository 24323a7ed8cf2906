/** Where a field action stands and how it is classed, in words. */
import type { ReactNode } from "react";

import type { Text } from "../../api/shapes.ts";
import { Badge } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { Aside, Said, Stacked } from "../registers/cells.tsx";
import { filled, wordsOf } from "../registers/words.ts";
import type { FieldAction } from "./wire.ts";
import { CLASSES, STATES, WORDS } from "./words.ts";

type Known = Pick<FieldAction, "status" | "mode">;

export function State({ action }: { readonly action: Known }): ReactNode {
  const textIn = useTextIn();
  return (
    <span className="row">
      <Said looks={STATES} code={action.status} />
      {action.mode === "mock" ? <Badge tone="info">{textIn(WORDS.mock)}</Badge> : null}
    </span>
  );
}

const REGIONS = [
  ["china", WORDS.china],
  ["fda", WORDS.fda],
  ["eu", WORDS.eu],
] as const;

/** The three classes, each by itself: what an authority assigned counts before what is proposed. */
export function Classes({
  action,
}: {
  readonly action: Pick<FieldAction, "classes" | "assigned">;
}): ReactNode {
  const textIn = useTextIn();
  const said = (code: string): string => textIn(wordsOf(CLASSES, code));
  const shown: (readonly [string, string, Text])[] = [];
  for (const [region, name] of REGIONS) {
    const assigned = action.assigned[region] ?? null;
    const code = assigned ?? action.classes[region] ?? null;
    if (code === null) continue;
    const how = assigned === null ? WORDS.proposed : WORDS.assigned;
    const words = filled(WORDS.in_region, { region: textIn(name), class: said(code) });
    shown.push([region, textIn(words), how]);
  }
  if (shown.length === 0) return "—";
  return (
    <Stacked
      parts={shown.map(([region, words, how]) => (
        <span key={region}>
          {words} <Aside>{textIn(how)}</Aside>
        </span>
      ))}
    />
  );
}

/** Where a lot lies: each place with its status and quantity, and whether the lot is held. */
import type { ReactNode } from "react";

import { decimal, object, type Of, string, type Text } from "../../api/shapes.ts";
import { Badge } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { useAmount } from "../../units.ts";
import { Aside, Stacked } from "../registers/cells.tsx";
import { filled } from "../registers/words.ts";
import { LotStatus, useStatusName } from "./lot_status.tsx";

export const lying = object({ location: string, status: string, quantity: decimal, unit: string });

const HELD: Text = { en: "On hold", zh: "冻结" };
/** What is forbidden more than a hold forbids: it counts although the lot is held. */
const WORSE_THAN_HELD = new Set(["REJECTED", "RECALLED"]);

/** Said after what counts: the place's own status does not. */
const ALONE: Text = { en: "(otherwise: {status})", zh: "（解除后：{status}）" };

interface Props {
  readonly stock: readonly Of<typeof lying>[];
  readonly onHold: boolean;
  /** What to say when nothing of it lies anywhere. */
  readonly none: Text;
}

export function Places({ stock, onHold, none }: Props): ReactNode {
  const textIn = useTextIn();
  const amount = useAmount();
  return (
    <Stacked
      parts={[
        onHold && stock.length === 0 ? <Held key="held" /> : null,
        ...stock.map(({ location, status, quantity, unit }) => (
          <span key={`${location} ${status}`} className="place">
            <strong className="whole">{location}</strong>{" "}
            <Counting status={status} counts={onHold && !WORSE_THAN_HELD.has(status) ? "HOLD" : status} />{" "}
            <span className="number whole">{amount(quantity, unit)}</span>
          </span>
        )),
        stock.length === 0 ? (
          <span key="none" className="soft">
            {textIn(none)}
          </span>
        ) : null,
      ]}
    />
  );
}

/** The status that counts, and beside it what the place alone would say where that is another. */
export function Counting({
  status,
  counts,
}: {
  readonly status: string;
  readonly counts: string;
}): ReactNode {
  const textIn = useTextIn();
  const nameOf = useStatusName();
  return (
    <>
      <LotStatus status={counts} />
      {status === counts ? null : (
        <>
          {" "}
          <Aside>{textIn(filled(ALONE, { status: nameOf(status) }))}</Aside>
        </>
      )}
    </>
  );
}

/** That a lot is held, whatever its status says. */
export function Held(): ReactNode {
  const textIn = useTextIn();
  return (
    <Badge tone="warn" icon="lock">
      {textIn(HELD)}
    </Badge>
  );
}

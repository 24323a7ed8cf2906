/** Where a lot lies: each place with its status and quantity, and whether the lot is held. */
import type { ReactNode } from "react";

import { decimal, object, type Of, string, type Text } from "../../api/shapes.ts";
import { Badge } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { Stacked } from "../registers/cells.tsx";
import { LotStatus } from "./lot_status.tsx";

export const lying = object({ location: string, status: string, quantity: decimal, unit: string });

const HELD: Text = { en: "On hold", zh: "冻结" };

interface Props {
  readonly stock: readonly Of<typeof lying>[];
  readonly onHold: boolean;
  /** What to say when nothing of it lies anywhere. */
  readonly none: Text;
}

export function Places({ stock, onHold, none }: Props): ReactNode {
  const textIn = useTextIn();
  return (
    <Stacked
      parts={[
        onHold ? <Held key="held" /> : null,
        ...stock.map(({ location, status, quantity, unit }) => (
          <span key={`${location} ${status}`} className="place">
            <strong className="whole">{location}</strong> <LotStatus status={status} />{" "}
            <span className="number whole">
              {quantity} {unit}
            </span>
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

/** That a lot is held, whatever its status says. */
export function Held(): ReactNode {
  const textIn = useTextIn();
  return (
    <Badge tone="warn" icon="lock">
      {textIn(HELD)}
    </Badge>
  );
}

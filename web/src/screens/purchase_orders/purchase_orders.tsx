/** Every purchase order, the newest first. */
import type { ReactNode } from "react";

import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { At, Named, Said, To } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { getOrders, type Listed } from "./wire.ts";
import { STATES, WORDS } from "./words.ts";

export default function PurchaseOrders(): ReactNode {
  const textIn = useTextIn();
  const query = usePages(["purchase-orders"], getOrders);
  const columns: readonly Column<Listed>[] = [
    {
      head: WORDS.number,
      cell: ({ number }) => (
        <To href={`/registers/purchase-orders/${encodeURIComponent(number)}`}>{number}</To>
      ),
    },
    {
      head: WORDS.supplier,
      cell: ({ supplier }) => <Named name={textIn(supplier.names)} number={supplier.number} />,
    },
    {
      head: WORDS.status,
      cell: ({ status, emergency }) => (
        <span className="row">
          <Said looks={STATES} code={status} />
          {emergency ? <Badge tone="warn">{textIn(WORDS.emergency)}</Badge> : null}
        </span>
      ),
    },
    {
      head: WORDS.total,
      kind: "quantity",
      cell: ({ total, currency }) => (total === null ? "—" : `${total} ${currency}`),
    },
    { head: WORDS.since, cell: ({ created_at }) => <At time={created_at} /> },
  ];
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />} />
      <Paged query={query} columns={() => columns} keyOf={({ number }) => number} empty={WORDS.none} />
    </div>
  );
}

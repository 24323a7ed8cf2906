/** Every purchase order, the newest first. */
import type { ReactNode } from "react";

import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Paged } from "../registers/paged.tsx";
import { Back, type Column, Ledger, Named, Said, To } from "../registers/parts.tsx";
import { getOrders, type Listed } from "./wire.ts";
import { STATES, WORDS } from "./words.ts";

export default function PurchaseOrders(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
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
    {
      head: WORDS.since,
      cell: ({ created_at }) => <span className="number">{shortTime(created_at, user.zone)}</span>,
    },
  ];
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back to={["/registers", WORDS.registers]} />} />
      <Paged queryKey={["purchase-orders"]} read={getOrders} empty={WORDS.none}>
        {(rows: readonly Listed[], list) => (
          <Ledger columns={columns} rows={rows} keyOf={({ number }) => number} list={list} />
        )}
      </Paged>
    </div>
  );
}

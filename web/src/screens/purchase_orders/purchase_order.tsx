/** One purchase order: its lines with what came of them, answers, receipts with decisions, invoices, waivers. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { Link } from "wouter";

import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import {
  AnsweredPage,
  Back,
  By,
  type Column,
  FactList,
  filled,
  Ledger,
  Named,
  Said,
  same,
  Section,
  Stacked,
  To,
} from "../registers/parts.tsx";
import {
  type Confirmation,
  type Difference,
  getOrder,
  type Invoice,
  type Line,
  type Order,
  type Receipt,
  type Version,
  type Waiver,
} from "./wire.ts";
import { CONFIRMED, DECISIONS, FIELDS, MATCHES, STATES, WORDS } from "./words.ts";

const BACK = ["/registers/purchase-orders", WORDS.title] as const;

export default function PurchaseOrder({ number }: { readonly number: string }): ReactNode {
  const query = useQuery({ queryKey: ["purchase-order", number], queryFn: () => getOrder(number) });
  return (
    <AnsweredPage query={query} title={number} back={BACK}>
      {(order) => <Shown order={order} />}
    </AnsweredPage>
  );
}

function Shown({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const last = order.versions.at(-1);
  return (
    <div className="page">
      <PageHead
        title={order.number}
        above={<Back to={BACK} />}
        aside={
          <span className="row">
            <Said looks={STATES} code={order.status} />
            {order.emergency ? <Badge tone="warn">{textIn(WORDS.emergency)}</Badge> : null}
          </span>
        }
      >
        <FactList
          facts={[
            [WORDS.supplier, `${textIn(order.supplier.names)} (${order.supplier.number})`],
            [WORDS.total, last ? `${last.total} ${order.currency}` : null],
            [WORDS.version, order.version === 0 ? null : String(order.version)],
          ]}
        />
        <Link href={`/records/${order.process_instance_id}`} className="cell-link">
          {textIn(WORDS.record)}
        </Link>
      </PageHead>
      <Lines order={order} />
      <Receipts order={order} />
      <Confirmations order={order} />
      <Invoices order={order} />
      <Waivers order={order} />
      <Versions order={order} />
    </div>
  );
}

function Lines({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const amount = (value: string, unit: string): string => `${value} ${unit}`;
  const columns: readonly Column<Line>[] = [
    { head: WORDS.line, cell: ({ line }) => line },
    {
      head: WORDS.item,
      cell: ({ item, revision }) => (
        <Stacked
          parts={[
            textIn(item.names),
            <span key="number" className="soft small">
              {item.number} · {textIn(filled(WORDS.revision, { revision }))}
            </span>,
          ]}
        />
      ),
    },
    { head: WORDS.status, cell: ({ status }) => <Said looks={STATES} code={status} /> },
    { head: WORDS.ordered, kind: "quantity", cell: ({ ordered, unit }) => amount(ordered, unit) },
    {
      head: WORDS.received,
      cell: ({ received, accepted, rejected, unit }) => (
        <Stacked
          parts={[
            amount(received, unit),
            <span key="decided" className="soft small">
              {textIn(filled(WORDS.decided, { accepted, rejected }))}
            </span>,
          ]}
        />
      ),
    },
    {
      head: WORDS.outstanding,
      kind: "quantity",
      cell: ({ outstanding, unit }) => amount(outstanding, unit),
    },
    {
      head: WORDS.price,
      kind: "quantity",
      cell: ({ unit_price }) => `${unit_price} ${order.currency}`,
    },
    { head: WORDS.promised, kind: "number", cell: ({ promised_date }) => promised_date },
  ];
  return (
    <Section id={`${id}-lines`} title={WORDS.lines}>
      <Ledger
        columns={columns}
        rows={order.lines}
        keyOf={({ line }) => String(line)}
        label={textIn(WORDS.lines)}
      />
    </Section>
  );
}

function Receipts({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const columns: readonly Column<Receipt>[] = [
    {
      head: WORDS.receipt,
      cell: ({ number, delivery_note }) => <Named name={number} number={delivery_note} />,
    },
    { head: WORDS.line, cell: ({ line }) => line },
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number }) => <To href={`/stock/lots/${lot_id}`}>{lot_number}</To>,
    },
    { head: WORDS.quantity, kind: "quantity", cell: ({ quantity, unit }) => `${quantity} ${unit}` },
    {
      head: WORDS.decision,
      cell: ({ decisions, unit }) =>
        decisions.length === 0 ? (
          <span className="soft">{textIn(WORDS.undecided)}</span>
        ) : (
          <Stacked
            parts={decisions.map((each) => (
              <span key={each.at} className="row">
                <Said looks={DECISIONS} code={each.decision} />
                <span className="small">
                  {[
                    Number(each.accepted) === 0 ? "" : `${textIn(WORDS.accepted)} ${each.accepted} ${unit}`,
                    Number(each.rejected) === 0 ? "" : `${textIn(WORDS.rejected)} ${each.rejected} ${unit}`,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </span>
            ))}
          />
        ),
    },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => shortTime(at, user.zone) },
  ];
  return (
    <Section id={`${id}-receipts`} title={WORDS.receipts}>
      {order.receipts.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_receipts)}</p>
      ) : (
        <Ledger
          columns={columns}
          rows={order.receipts}
          keyOf={({ number, line }) => `${number} ${line}`}
          label={textIn(WORDS.receipts)}
        />
      )}
    </Section>
  );
}

function Confirmations({ order }: { readonly order: Order }): ReactNode {
  const id = useId();
  const { user } = usePerson();
  const columns: readonly Column<Confirmation>[] = [
    { head: WORDS.reference, cell: ({ reference }) => reference },
    { head: WORDS.version, cell: ({ version }) => version },
    { head: WORDS.status, cell: ({ confirmed }) => <Said looks={CONFIRMED} code={String(confirmed)} /> },
    { head: WORDS.differences, cell: ({ differences }) => <Differences differences={differences} /> },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => shortTime(at, user.zone) },
  ];
  if (order.confirmations.length === 0) return null;
  return (
    <Section id={`${id}-confirmations`} title={WORDS.confirmations}>
      <Ledger
        columns={columns}
        rows={order.confirmations}
        keyOf={({ reference, at }) => `${reference} ${at}`}
      />
    </Section>
  );
}

function Differences({ differences }: { readonly differences: readonly Difference[] }): ReactNode {
  const textIn = useTextIn();
  if (differences.length === 0) return <span className="soft">{textIn(WORDS.no_differences)}</span>;
  return (
    <Stacked
      parts={differences.map((each) =>
        textIn(
          filled(WORDS.difference, {
            line: each.line ?? "—",
            field: textIn(FIELDS[each.field] ?? same(each.field)),
            ordered: plain(each.ordered ?? each.expected),
            confirmed: plain(each.confirmed ?? each.found),
          }),
        ),
      )}
    />
  );
}

function plain(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "—";
}

function Invoices({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const columns: readonly Column<Invoice>[] = [
    { head: WORDS.invoice, cell: ({ number, date }) => <Named name={number} number={date} /> },
    { head: WORDS.total, kind: "quantity", cell: ({ amount }) => `${amount} ${order.currency}` },
    {
      head: WORDS.status,
      cell: ({ outcome, reason }) => (
        <Stacked parts={[<Said key="outcome" looks={MATCHES} code={outcome} />, reason]} />
      ),
    },
    { head: WORDS.differences, cell: ({ differences }) => <Differences differences={differences} /> },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => shortTime(at, user.zone) },
  ];
  return (
    <Section id={`${id}-invoices`} title={WORDS.invoices}>
      {order.invoices.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_invoices)}</p>
      ) : (
        <Ledger
          columns={columns}
          rows={order.invoices}
          keyOf={({ number, at }) => `${number} ${at}`}
          label={textIn(WORDS.invoices)}
        />
      )}
    </Section>
  );
}

function Waivers({ order }: { readonly order: Order }): ReactNode {
  const id = useId();
  const columns: readonly Column<Waiver>[] = [
    { head: WORDS.waiver, cell: ({ number }) => number },
    { head: WORDS.reason, cell: ({ reason }) => reason },
    { head: WORDS.controls, cell: ({ controls }) => controls },
    { head: WORDS.until, kind: "number", cell: ({ valid_to }) => valid_to },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
  ];
  if (order.waivers.length === 0) return null;
  return (
    <Section id={`${id}-waivers`} title={WORDS.waivers}>
      <Ledger columns={columns} rows={order.waivers} keyOf={({ number }) => number} />
    </Section>
  );
}

function Versions({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const columns: readonly Column<Version>[] = [
    {
      head: WORDS.version,
      cell: ({ version }) => (
        <a
          className="cell-link"
          href={`/api/purchase-orders/${encodeURIComponent(order.number)}/versions/${version}.pdf`}
          target="_blank"
          rel="noreferrer"
        >
          {textIn(filled(WORDS.pdf, { version }))}
        </a>
      ),
    },
    { head: WORDS.total, kind: "quantity", cell: ({ total }) => `${total} ${order.currency}` },
    { head: WORDS.reason, cell: ({ reason }) => reason ?? "—" },
    {
      head: WORDS.status,
      cell: ({ unchanged }) => (
        <Badge tone={unchanged ? "good" : "bad"} icon={unchanged ? "check" : "alert"}>
          {textIn(unchanged ? WORDS.unchanged : WORDS.altered)}
        </Badge>
      ),
    },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ frozen_at }) => shortTime(frozen_at, user.zone) },
  ];
  if (order.versions.length === 0) return null;
  return (
    <Section id={`${id}-versions`} title={WORDS.versions}>
      <Ledger columns={columns} rows={order.versions} keyOf={({ version }) => String(version)} />
    </Section>
  );
}

/** One purchase order: its lines with what came of them, how it was sent, answers, receipts, services, invoices, waivers. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { useAmount } from "../../units.ts";
import { Aside, At, By, Lot, Named, Said, Stacked } from "../registers/cells.tsx";
import { type Column, LedgerSection } from "../registers/ledger.tsx";
import { AnsweredPage, Back, FactList } from "../registers/parts.tsx";
import { filled, wordsOf } from "../registers/words.ts";
import {
  type Confirmation,
  type Difference,
  getOrder,
  type Invoice,
  type Line,
  type Mail,
  type Order,
  type Performance,
  type Receipt,
  type Version,
  type Waiver,
} from "./wire.ts";
import { CHANNELS, CONFIRMED, DECISIONS, FIELDS, MATCHES, SENDINGS, STATES, WORDS } from "./words.ts";

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
      <Performances order={order} />
      <Mails order={order} />
      <Confirmations order={order} />
      <Invoices order={order} />
      <Waivers order={order} />
      <Versions order={order} />
    </div>
  );
}

function Lines({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const amount = useAmount();
  const columns: readonly Column<Line>[] = [
    { head: WORDS.line, cell: ({ line }) => line },
    {
      head: WORDS.item,
      cell: ({ item, revision }) => (
        <Named
          name={textIn(item.names)}
          number={[item.number, revision === null ? null : textIn(filled(WORDS.revision, { revision }))]
            .filter(Boolean)
            .join(" · ")}
        />
      ),
    },
    { head: WORDS.requisition, cell: ({ requisition }) => requisition },
    { head: WORDS.status, cell: ({ status }) => <Said looks={STATES} code={status} /> },
    { head: WORDS.ordered, kind: "quantity", cell: ({ ordered, unit }) => amount(ordered, unit) },
    {
      head: WORDS.received,
      cell: ({ received, accepted, rejected, unit }) => (
        <Stacked
          parts={[
            amount(received, unit),
            <Aside key="decided">{textIn(filled(WORDS.decided, { accepted, rejected }))}</Aside>,
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
    <LedgerSection
      title={WORDS.lines}
      columns={columns}
      rows={order.lines}
      keyOf={({ line }) => String(line)}
    />
  );
}

function Receipts({ order }: { readonly order: Order }): ReactNode {
  const amount = useAmount();
  const textIn = useTextIn();
  const columns: readonly Column<Receipt>[] = [
    {
      head: WORDS.receipt,
      cell: ({ number, delivery_note }) => <Named name={number} number={delivery_note} />,
    },
    { head: WORDS.line, cell: ({ line }) => line },
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number }) => <Lot id={lot_id} number={lot_number} />,
    },
    { head: WORDS.quantity, kind: "quantity", cell: ({ quantity, unit }) => amount(quantity, unit) },
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
                    Number(each.accepted) === 0
                      ? ""
                      : `${textIn(WORDS.accepted)} ${amount(each.accepted, unit)}`,
                    Number(each.rejected) === 0
                      ? ""
                      : `${textIn(WORDS.rejected)} ${amount(each.rejected, unit)}`,
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
    { head: WORDS.at, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.receipts}
      none={WORDS.no_receipts}
      columns={columns}
      rows={order.receipts}
      keyOf={({ number, line, lot_id }) => `${number} ${line} ${lot_id}`}
    />
  );
}

/** What comes through no dock: who confirmed how much of which line, with what evidence. */
function Performances({ order }: { readonly order: Order }): ReactNode {
  const amount = useAmount();
  const columns: readonly Column<Performance>[] = [
    { head: WORDS.line, cell: ({ line }) => line },
    { head: WORDS.quantity, kind: "quantity", cell: ({ quantity, unit }) => amount(quantity, unit) },
    { head: WORDS.evidence, cell: ({ evidence }) => evidence },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.performances}
      columns={columns}
      rows={order.performances}
      keyOf={({ line, at }) => `${line} ${at}`}
    />
  );
}

/** Each sending of a version: by what, to whom, by whom, and what came back. */
function Mails({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Mail>[] = [
    { head: WORDS.version, cell: ({ version }) => version },
    { head: WORDS.channel, cell: ({ channel }) => textIn(wordsOf(CHANNELS, channel)) },
    { head: WORDS.address, cell: ({ address }) => address },
    { head: WORDS.status, cell: ({ status }) => <Said looks={SENDINGS} code={status} /> },
    { head: WORDS.answer, cell: ({ answer }) => answer ?? "—" },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.mails}
      none={WORDS.not_sent}
      columns={columns}
      rows={order.mails}
      keyOf={({ version, at, address }) => `${version} ${address} ${at}`}
    />
  );
}

function Confirmations({ order }: { readonly order: Order }): ReactNode {
  const columns: readonly Column<Confirmation>[] = [
    { head: WORDS.reference, cell: ({ reference }) => reference },
    { head: WORDS.version, cell: ({ version }) => version },
    { head: WORDS.status, cell: ({ confirmed }) => <Said looks={CONFIRMED} code={String(confirmed)} /> },
    { head: WORDS.differences, cell: ({ differences }) => <Differences differences={differences} /> },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.confirmations}
      columns={columns}
      rows={order.confirmations}
      keyOf={({ reference, at }) => `${reference} ${at}`}
    />
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
            field: textIn(wordsOf(FIELDS, each.field)),
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
  const columns: readonly Column<Invoice>[] = [
    {
      head: WORDS.invoice,
      cell: ({ number, date, receipt }) => (
        <Stacked parts={[number, <Aside key="date">{date}</Aside>, receipt]} />
      ),
    },
    { head: WORDS.total, kind: "quantity", cell: ({ amount }) => `${amount} ${order.currency}` },
    {
      head: WORDS.status,
      cell: ({ outcome, reason }) => (
        <Stacked parts={[<Said key="outcome" looks={MATCHES} code={outcome} />, reason]} />
      ),
    },
    { head: WORDS.differences, cell: ({ differences }) => <Differences differences={differences} /> },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
    { head: WORDS.at, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.invoices}
      none={WORDS.no_invoices}
      columns={columns}
      rows={order.invoices}
      keyOf={({ number, at }) => `${number} ${at}`}
    />
  );
}

function Waivers({ order }: { readonly order: Order }): ReactNode {
  const columns: readonly Column<Waiver>[] = [
    { head: WORDS.waiver, cell: ({ number }) => number },
    { head: WORDS.reason, cell: ({ reason }) => reason },
    { head: WORDS.controls, cell: ({ controls }) => controls },
    { head: WORDS.until, kind: "number", cell: ({ valid_to }) => valid_to },
    { head: WORDS.by, cell: ({ by }) => <By people={order.people} who={by} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.waivers}
      columns={columns}
      rows={order.waivers}
      keyOf={({ number }) => number}
    />
  );
}

function Versions({ order }: { readonly order: Order }): ReactNode {
  const textIn = useTextIn();
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
    { head: WORDS.at, kind: "number", cell: ({ frozen_at }) => <At time={frozen_at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.versions}
      columns={columns}
      rows={order.versions}
      keyOf={({ version }) => String(version)}
    />
  );
}

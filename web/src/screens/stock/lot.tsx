/** One lot: where it lies and in which status, and every movement that made it so. */
import "./stock.css";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { lotQuery } from "../../api/queries.ts";
import type { LotDetail } from "../../api/wire.ts";
import { Facts, Notice, PageHead } from "../../design/parts.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { useAmount } from "../../units.ts";
import { At, Named, Stacked } from "../registers/cells.tsx";
import { type Column, LedgerSection } from "../registers/ledger.tsx";
import { AnsweredPage, Back } from "../registers/parts.tsx";
import { NO_LOT, same } from "../registers/words.ts";
import { LotStatus } from "./lot_status.tsx";
import { movementKind } from "./movement_kind.ts";
import { Counting } from "./places.tsx";

export default function LotScreen({ lotId }: { readonly lotId: string }): ReactNode {
  const say = useSay();
  const query = useQuery(lotQuery(lotId));
  return (
    <AnsweredPage
      query={query}
      title={say(query.error ? "lot.not_opened" : "stock.lot")}
      back={["/stock", same(say("stock.title"))]}
      missing={[NO_LOT.title, NO_LOT.help]}
    >
      {(lot) => <ShownLot lot={lot} />}
    </AnsweredPage>
  );
}

function ShownLot({ lot }: { readonly lot: LotDetail }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  return (
    <div className="page">
      <PageHead
        title={say("lot.title", { number: lot.number })}
        above={<Back to={["/stock", same(say("stock.title"))]} />}
        aside={<LotStatus status={lot.status} names={lot.status_names} />}
      >
        <Facts
          facts={[
            ["stock.item", `${textIn(lot.item.names)} (${lot.item.number})`],
            ["lot.supplier", lot.supplier ? textIn(lot.supplier.name) : null],
            ["lot.supplier_lot", lot.supplier_lot],
            ["stock.expiry", lot.expiry],
            ["lot.received", lot.received_at ? <At key="received" time={lot.received_at} /> : null],
            [
              "lot.trace",
              <Link key="trace" href={`/registers/trace/${lot.lot_id}`}>
                {say("lot.trace_open")}
              </Link>,
            ],
            ["lot.labels", <Labels key="labels" lot={lot} />],
            [
              "lot.process",
              lot.process_instance_id ? (
                <Link key="process" href={`/records/${lot.process_instance_id}`}>
                  {say("work.so_far")}
                </Link>
              ) : null,
            ],
          ]}
        />
      </PageHead>
      {lot.holds.map((hold, index) => (
        <Notice key={index} tone="warn" title={say("lot.on_hold")}>
          <p>{[hold.reason ?? hold.kind, hold.owner_role].filter(Boolean).join(" · ")}</p>
        </Notice>
      ))}
      <Balances lot={lot} />
      {lot.statuses.length > 0 ? (
        <section className="section" aria-labelledby="lot-statuses">
          <h2 id="lot-statuses">{say("lot.statuses")}</h2>
          <ul className="stock-items">
            {lot.statuses.map((change) => (
              <li key={`${change.at} ${change.status}`} className="stock-item">
                <div className="row">
                  <LotStatus status={change.status} />
                  {change.actor ? <span>{textIn(change.actor.name)}</span> : null}
                  {change.why ? <span className="soft">{change.why}</span> : null}
                </div>
                <span className="small soft">
                  <At time={change.at} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Movements lot={lot} />
    </div>
  );
}

/** The labels to be printed; where one print does not hold all serial numbers, one link for each print. */
function Labels({ lot }: { readonly lot: LotDetail }): ReactNode {
  const say = useSay();
  const address = `/api/ledger/lots/${lot.lot_id}/labels.pdf`;
  const open = { target: "_blank", rel: "noreferrer" } as const;
  if (lot.label_prints.length === 0)
    return (
      <a href={address} {...open}>
        {say("lot.labels_print")}
      </a>
    );
  return (
    <Stacked
      parts={lot.label_prints.map(({ after, first, last }) => (
        <a key={first} href={`${address}?after=${encodeURIComponent(after)}`} {...open}>
          {say("lot.labels_print_some", { first, last })}
        </a>
      ))}
    />
  );
}

function Balances({ lot }: { readonly lot: LotDetail }): ReactNode {
  const say = useSay();
  const amount = useAmount();
  const columns: readonly Column<LotDetail["balances"][number]>[] = [
    { head: say("lot.location"), cell: ({ location }) => <Place place={location} /> },
    { head: say("stock.status"), cell: ({ status, counts }) => <Counting status={status} counts={counts} /> },
    {
      head: say("stock.quantity"),
      kind: "quantity",
      cell: ({ quantity, unit }) => amount(quantity, unit),
    },
  ];
  return (
    <LedgerSection
      title={say("lot.balances")}
      none={say("lot.no_balance")}
      columns={columns}
      rows={lot.balances}
      keyOf={({ location, status }) => `${location.code} ${status}`}
    />
  );
}

function Movements({ lot }: { readonly lot: LotDetail }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const amount = useAmount();
  const columns: readonly Column<LotDetail["movements"][number]>[] = [
    { head: say("lot.when"), kind: "number", cell: ({ at }) => <At time={at} /> },
    {
      head: say("lot.kind"),
      cell: ({ kind, why }) => <Named name={movementKind(kind, say)} number={why} />,
    },
    { head: say("lot.from"), cell: ({ from, from_status }) => <Side place={from} status={from_status} /> },
    { head: say("lot.to"), cell: ({ to, to_status }) => <Side place={to} status={to_status} /> },
    {
      head: say("stock.quantity"),
      kind: "quantity",
      cell: ({ quantity, unit }) => amount(quantity, unit),
    },
    {
      head: say("lot.who"),
      cell: ({ actor, process_instance_id, activity_names }) => (
        <Stacked
          parts={[
            <span key="who" className="person">
              {actor ? textIn(actor.name) : "—"}
            </span>,
            process_instance_id ? (
              <Link key="process" href={`/records/${process_instance_id}`} className="small person">
                {activity_names ? textIn(activity_names) : say("work.so_far")}
              </Link>
            ) : null,
          ]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={say("lot.movements")}
      none={say("lot.no_movement")}
      columns={columns}
      rows={lot.movements}
      keyOf={({ movement_id }) => movement_id}
    />
  );
}

interface SideProps {
  readonly place: LotDetail["movements"][number]["from"];
  readonly status: string | null;
}

function Side({ place, status }: SideProps): ReactNode {
  if (place === null && status === null) return "—";
  return (
    <span className="row">
      {place ? <Place place={place} /> : null}
      {status ? <LotStatus status={status} /> : null}
    </span>
  );
}

function Place({ place }: { readonly place: LotDetail["balances"][number]["location"] }): ReactNode {
  const textIn = useTextIn();
  return (
    <span>
      <strong className="whole">{place.code}</strong>{" "}
      {place.names ? <span className="soft">{textIn(place.names)}</span> : null}
    </span>
  );
}

/** One lot: where it lies and in which status, and every movement that made it so. */
import "./stock.css";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { lotQuery } from "../../api/queries.ts";
import type { LotDetail } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Facts, Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { LotStatus } from "./lot_status.tsx";
import { movementKind } from "./movement_kind.ts";

export default function LotScreen({ lotId }: { readonly lotId: string }): ReactNode {
  const say = useSay();
  const { data, error, refetch } = useQuery(lotQuery(lotId));
  if (data) return <ShownLot lot={data} />;
  return (
    <div className="page">
      {error ? (
        <>
          <PageHead title={say("lot.not_opened")} />
          <Trouble error={error} onRetry={() => void refetch()} />
        </>
      ) : (
        <Skeleton />
      )}
    </div>
  );
}

function ShownLot({ lot }: { readonly lot: LotDetail }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { user } = usePerson();
  return (
    <div className="page">
      <PageHead
        title={say("lot.title", { number: lot.number })}
        above={
          <Link href="/stock" className="back no-print">
            <Icon name="back" />
            {say("stock.title")}
          </Link>
        }
        aside={<LotStatus status={lot.status} names={lot.status_names} />}
      >
        <Facts
          facts={[
            ["stock.item", `${textIn(lot.item.names)} (${lot.item.number})`],
            ["lot.supplier", lot.supplier ? textIn(lot.supplier.name) : null],
            ["lot.supplier_lot", lot.supplier_lot],
            ["stock.expiry", lot.expiry],
            ["lot.received", lot.received_at ? shortTime(lot.received_at, user.zone) : null],
            [
              "lot.trace",
              <Link key="trace" href={`/registers/trace/${lot.lot_id}`}>
                {say("lot.trace_open")}
              </Link>,
            ],
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
      <section className="section" aria-labelledby="lot-balances">
        <h2 id="lot-balances">{say("lot.balances")}</h2>
        {lot.balances.length === 0 ? <p className="soft">{say("lot.no_balance")}</p> : null}
        {lot.balances.length > 0 ? (
          <div className="table-scroll">
            <table className="ledger-table">
              <thead>
                <tr>
                  <th scope="col">{say("lot.location")}</th>
                  <th scope="col">{say("stock.status")}</th>
                  <th scope="col" className="quantity">
                    {say("stock.quantity")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {lot.balances.map((balance) => (
                  <tr key={`${balance.location.code} ${balance.status}`}>
                    <td data-label={say("lot.location")}>
                      <Place place={balance.location} />
                    </td>
                    <td data-label={say("stock.status")}>
                      <LotStatus status={balance.status} />
                    </td>
                    <td data-label={say("stock.quantity")} className="quantity">
                      {balance.quantity} {balance.unit}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </section>
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
                <span className="number small soft">{shortTime(change.at, user.zone)}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="section" aria-labelledby="lot-movements">
        <h2 id="lot-movements">{say("lot.movements")}</h2>
        {lot.movements.length === 0 ? <p className="soft">{say("lot.no_movement")}</p> : null}
        {lot.movements.length > 0 ? <Movements lot={lot} zone={user.zone} /> : null}
      </section>
    </div>
  );
}

function Movements({ lot, zone }: { readonly lot: LotDetail; readonly zone: string }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  return (
    <div className="table-scroll">
      <table className="ledger-table">
        <thead>
          <tr>
            <th scope="col">{say("lot.when")}</th>
            <th scope="col">{say("lot.kind")}</th>
            <th scope="col">{say("lot.from")}</th>
            <th scope="col">{say("lot.to")}</th>
            <th scope="col" className="quantity">
              {say("stock.quantity")}
            </th>
            <th scope="col">{say("lot.who")}</th>
          </tr>
        </thead>
        <tbody>
          {lot.movements.map((movement) => (
            <tr key={movement.movement_id}>
              <td data-label={say("lot.when")} className="number">
                {shortTime(movement.at, zone)}
              </td>
              <td data-label={say("lot.kind")}>
                <span>
                  {movementKind(movement.kind, say)}{" "}
                  {movement.why ? <span className="soft small">{movement.why}</span> : null}
                </span>
              </td>
              <td data-label={say("lot.from")}>
                <Side place={movement.from} status={movement.from_status} />
              </td>
              <td data-label={say("lot.to")}>
                <Side place={movement.to} status={movement.to_status} />
              </td>
              <td data-label={say("stock.quantity")} className="quantity">
                {movement.quantity} {movement.unit}
              </td>
              <td data-label={say("lot.who")}>
                <span>
                  {movement.actor ? textIn(movement.actor.name) : "—"}{" "}
                  {movement.process_instance_id ? (
                    <Link href={`/records/${movement.process_instance_id}`} className="small">
                      {movement.activity_names ? textIn(movement.activity_names) : say("work.so_far")}
                    </Link>
                  ) : null}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
      <strong>{place.code}</strong> {place.names ? <span className="soft">{textIn(place.names)}</span> : null}
    </span>
  );
}

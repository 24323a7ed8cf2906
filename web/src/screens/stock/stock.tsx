/** Stock: find a lot, or an item. A scan finds what was scanned. */
import "./stock.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useId, useState } from "react";
import { Link } from "wouter";

import { itemsQuery, lotsQuery } from "../../api/queries.ts";
import { Badge, PageHead, Segments, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { useScanToFind } from "../worklist/scan_to_find.ts";
import { LotStatus } from "./lot_status.tsx";

type What = "lots" | "items";

export default function Stock(): ReactNode {
  const say = useSay();
  const id = useId();
  const [what, setWhat] = useState<What>("lots");
  const [query, setQuery] = useState("");
  const asked = useDeferredValue(query.trim());
  const found = useScanToFind(setQuery);
  return (
    <div className="page">
      <PageHead
        title={say("stock.title")}
        aside={
          <Link href="/sampling" className="cell-link">
            {say("nav.sampling")}
          </Link>
        }
      />
      <div className="row">
        <Segments<What>
          name={`${id}-what`}
          legend={say("stock.what")}
          legendHidden
          value={what}
          onChange={setWhat}
          options={[
            ["lots", say("stock.lots")],
            ["items", say("stock.items")],
          ]}
        />
        <div className="field stock-search">
          <label htmlFor={`${id}-search`} className="visually-hidden">
            {say("stock.search")}
          </label>
          <input
            id={`${id}-search`}
            className="input"
            type="search"
            placeholder={say("stock.search")}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
            }}
          />
        </div>
      </div>
      {found === null ? null : (
        <p role="status" className="small soft">
          {found}
        </p>
      )}
      {what === "lots" ? <Lots query={asked} /> : <Items query={asked} />}
    </div>
  );
}

function Lots({ query }: { readonly query: string }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { data, error, refetch } = useQuery(lotsQuery(query));
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  if (data.items.length === 0) return <div className="empty">{say("stock.nothing")}</div>;
  return (
    <div className="table-scroll">
      <table className="ledger-table">
        <thead>
          <tr>
            <th scope="col">{say("stock.lot")}</th>
            <th scope="col">{say("stock.item")}</th>
            <th scope="col">{say("stock.status")}</th>
            <th scope="col">{say("stock.expiry")}</th>
            <th scope="col" className="quantity">
              {say("stock.quantity")}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((lot) => (
            <tr key={lot.lot_id}>
              <td data-label={say("stock.lot")}>
                <Link href={`/stock/lots/${lot.lot_id}`} className="stock-link">
                  {lot.number}
                </Link>
              </td>
              <td data-label={say("stock.item")}>
                <span>
                  {textIn(lot.item.names)} <span className="soft small">{lot.item.number}</span>
                </span>
              </td>
              <td data-label={say("stock.status")}>
                <LotStatus status={lot.status} names={lot.status_names} />
              </td>
              <td data-label={say("stock.expiry")} className="number">
                {lot.expiry ?? "—"}
              </td>
              <td data-label={say("stock.quantity")} className="quantity">
                {lot.quantity === null ? "—" : `${lot.quantity} ${lot.unit ?? lot.item.unit ?? ""}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Items({ query }: { readonly query: string }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { data, error, refetch } = useQuery(itemsQuery(query));
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  if (data.items.length === 0) return <div className="empty">{say("stock.nothing")}</div>;
  return (
    <ul className="stock-items">
      {data.items.map((item) => (
        <li key={item.item_id} className="stock-item">
          <div>
            <strong>{textIn(item.names)}</strong>
            {item.description ? <p className="soft small">{textIn(item.description)}</p> : null}
            {item.manufacturer ? <p className="soft small">{item.manufacturer}</p> : null}
          </div>
          <div className="row">
            <Badge>{item.number}</Badge>
            {item.gtin ? <code className="small">{item.gtin}</code> : null}
            {item.unit ? <Badge>{item.unit}</Badge> : null}
          </div>
          {item.packages.length > 0 ? (
            <ul className="stock-packages small">
              {item.packages.map((level) => (
                <li key={level.gtin}>
                  <code>{level.gtin}</code>{" "}
                  <span className="soft">
                    {[shown(level.level), shown(level.quantity)].filter(Boolean).join(" × ")}
                  </span>
                </li>
              ))}
            </ul>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

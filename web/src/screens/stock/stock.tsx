/** Stock: find a lot, or an item. A scan finds what was scanned. */
import "./stock.css";

import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useDeferredValue, useId, useRef, useState } from "react";
import { Link } from "wouter";

import { itemsQuery, lotsQuery } from "../../api/queries.ts";
import type { LedgerItem, Lot as FoundLot } from "../../api/wire.ts";
import { More } from "../../design/more.tsx";
import { Badge, PageHead, Segments } from "../../design/parts.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { useAmount, useUnits } from "../../units.ts";
import { Lot, Named } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged } from "../registers/paged.tsx";
import { Answered, Empty } from "../registers/parts.tsx";
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

function Lots({ query: asked }: { readonly query: string }): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const amount = useAmount();
  const query = useInfiniteQuery(lotsQuery(asked));
  const columns: readonly Column<FoundLot>[] = [
    { head: say("stock.lot"), cell: ({ lot_id, number }) => <Lot id={lot_id} number={number} /> },
    {
      head: say("stock.item"),
      cell: ({ item }) => <Named name={textIn(item.names)} number={item.number} />,
    },
    {
      head: say("stock.status"),
      cell: ({ status, status_names }) => <LotStatus status={status} names={status_names} />,
    },
    { head: say("stock.expiry"), kind: "number", cell: ({ expiry }) => expiry ?? "—" },
    {
      head: say("stock.quantity"),
      kind: "quantity",
      cell: ({ quantity, unit, item }) => (quantity === null ? "—" : amount(quantity, unit ?? item.unit)),
    },
  ];
  return (
    <Paged
      query={query}
      columns={() => columns}
      keyOf={({ lot_id }) => lot_id}
      empty={say("stock.nothing")}
    />
  );
}

function Items({ query: asked }: { readonly query: string }): ReactNode {
  const say = useSay();
  const list = useRef<HTMLUListElement>(null);
  const query = useInfiniteQuery(itemsQuery(asked));
  return (
    <Answered query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return <Empty text={say("stock.nothing")} />;
        return (
          <>
            <ItemList items={items} list={list} />
            <More
              list={list}
              shown={items.length}
              hasMore={query.hasNextPage}
              busy={query.isFetchingNextPage}
              onMore={query.fetchNextPage}
            />
          </>
        );
      }}
    </Answered>
  );
}

interface ItemListProps {
  readonly items: readonly LedgerItem[];
  readonly list: RefObject<HTMLUListElement | null>;
}

function ItemList({ items, list }: ItemListProps): ReactNode {
  const unitOf = useUnits();
  const textIn = useTextIn();
  return (
    <ul className="stock-items" ref={list}>
      {items.map((item) => (
        <li key={item.item_id} className="stock-item">
          <div>
            <strong>{textIn(item.names)}</strong>
            {item.description ? <p className="soft small">{textIn(item.description)}</p> : null}
            {item.manufacturer ? <p className="soft small">{item.manufacturer}</p> : null}
          </div>
          <div className="row">
            <Badge>{item.number}</Badge>
            {item.gtin ? <code className="small">{item.gtin}</code> : null}
            {item.unit ? <Badge>{unitOf(item.unit)}</Badge> : null}
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

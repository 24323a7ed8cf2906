/**
 * A lot's trace: where it went or what it is made of, where each of these lots lies, who was sent what, and
 * whether the books agree on all of it.
 */
import "./trace.css";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import type { Text } from "../../api/shapes.ts";
import { Icon } from "../../design/icons.tsx";
import { Badge, Notice, PageHead, Segments } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { useAmount } from "../../units.ts";
import { Aside, At, Lot, Named, Stacked, To, Whole } from "../registers/cells.tsx";
import { type Column, LedgerSection } from "../registers/ledger.tsx";
import { Answered, Back, FactList, Section } from "../registers/parts.tsx";
import { filled, NO_LOT } from "../registers/words.ts";
import { Places } from "../stock/places.tsx";
import {
  asTree,
  type Balance,
  type Direction,
  findByLabel,
  getBalance,
  getTrace,
  type Sent,
  type Step,
  type Trace,
  type TracedLot,
} from "./wire.ts";
import { BECAME, CAME_IN, WORDS } from "./words.ts";

/** Deeper than this nothing is indented further. */
const DEEPEST_INDENT = 5;

export default function TraceScreen({ lotId }: { readonly lotId: string | null }): ReactNode {
  const textIn = useTextIn();
  const [direction, setDirection] = useState<Direction>("forward");
  const id = useId();
  const query = useQuery({
    queryKey: ["trace", lotId, direction],
    queryFn: () => getTrace(lotId ?? "", direction),
    enabled: lotId !== null,
    placeholderData: keepPreviousData,
  });
  const number = query.data?.lot.lot_number;
  return (
    <div className="page">
      <PageHead
        title={textIn(number === undefined ? WORDS.title : filled(WORDS.of_lot, { number }))}
        above={lotId === null ? <Back /> : <Back to={["/registers/trace", WORDS.title]} />}
      >
        {query.data ? <LotFacts lot={query.data.lot} /> : null}
      </PageHead>
      {lotId === null ? (
        <Find />
      ) : (
        <>
          {query.data ? (
            <Segments<Direction>
              name={`${id}-direction`}
              legend={textIn(WORDS.direction)}
              legendHidden
              value={direction}
              onChange={setDirection}
              options={[
                ["forward", textIn(WORDS.forward)],
                ["backward", textIn(WORDS.backward)],
              ]}
            />
          ) : null}
          <Answered query={query} missing={[NO_LOT.title, NO_LOT.help]}>
            {(trace) => <Reached trace={trace} />}
          </Answered>
          {query.data ? <MassBalance lotId={lotId} /> : null}
        </>
      )}
    </div>
  );
}

function LotFacts({ lot }: { readonly lot: TracedLot }): ReactNode {
  const textIn = useTextIn();
  return (
    <>
      <FactList
        facts={[
          [WORDS.item, `${textIn(lot.item_names)} (${lot.item_number})`],
          [WORDS.supplier, lot.supplier ? textIn(lot.supplier) : null],
          [WORDS.supplier_lot, lot.supplier_lot],
        ]}
      />
      <Link href={`/stock/lots/${lot.lot_id}`} className="cell-link">
        {textIn(WORDS.open_lot)}
      </Link>
    </>
  );
}

/** Type or scan; one lot is opened at once, several are offered. */
function Find(): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [, go] = useLocation();
  const [label, setLabel] = useState("");
  const [asked, setAsked] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["trace-label", asked],
    queryFn: () => findByLabel(asked ?? ""),
    enabled: asked !== null,
    gcTime: 0,
  });
  const only = data?.items.length === 1 ? data.items[0] : undefined;
  useEffect(() => {
    if (only) go(`/registers/trace/${only.lot_id}`);
  }, [go, only]);
  useScans((text) => {
    setLabel(text.replaceAll("\u001d", "\u241d"));
    setAsked(text);
  });
  const ask = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const wanted = label.trim();
    if (wanted === "") input.current?.focus();
    else if (wanted === asked) void refetch();
    else setAsked(wanted);
  };
  return (
    <>
      <form className="trace-find" onSubmit={ask} role="search">
        <div className="field">
          <label htmlFor={`${id}-label`}>{textIn(WORDS.label)}</label>
          <input
            id={`${id}-label`}
            ref={input}
            className="input"
            type="search"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-describedby={`${id}-help`}
            maxLength={500}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
        </div>
        <button type="submit" className="button" data-kind="primary" aria-disabled={isFetching}>
          <Icon name="search" />
          {textIn(WORDS.find)}
        </button>
      </form>
      <p id={`${id}-help`} className="small soft">
        {textIn(WORDS.help)}
      </p>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data?.items.length === 0 ? (
        <Notice tone="warn" live="status">
          <p>{textIn(WORDS.none)}</p>
        </Notice>
      ) : null}
      {data && data.items.length > 1 ? <Found lots={data.items} /> : null}
      {data?.more ? (
        <Notice tone="warn" live="status">
          <p>{textIn(WORDS.moreFound)}</p>
        </Notice>
      ) : null}
    </>
  );
}

function Found({ lots }: { readonly lots: readonly TracedLot[] }): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<TracedLot>[] = [
    {
      head: WORDS.lot,
      cell: (lot) => <To href={`/registers/trace/${lot.lot_id}`}>{lot.lot_number}</To>,
    },
    { head: WORDS.item, cell: (lot) => <ItemName lot={lot} /> },
    { head: WORDS.supplier, cell: (lot) => (lot.supplier ? textIn(lot.supplier) : "—") },
    { head: WORDS.supplier_lot, cell: (lot) => lot.supplier_lot ?? "—" },
  ];
  return <LedgerSection title={WORDS.several} columns={columns} rows={lots} keyOf={({ lot_id }) => lot_id} />;
}

function ItemName({ lot }: { readonly lot: TracedLot }): ReactNode {
  const textIn = useTextIn();
  return <Named name={textIn(lot.item_names)} number={lot.item_number} />;
}

/** Hands on what a scanner types anywhere on this screen, as it was sent. */
function useScans(scanned: (text: string) => void): void {
  const tell = useRef(scanned);
  useEffect(() => {
    tell.current = scanned;
  });
  useEffect(() => {
    let stop = (): void => undefined;
    let gone = false;
    void import("../../scanning/keyboard_wedge.ts").then(({ listenForScans }) => {
      if (gone) return;
      stop = listenForScans(document, {
        scanned({ text }) {
          tell.current(text);
        },
      });
    });
    return () => {
      gone = true;
      stop();
    };
  }, []);
}

function Reached({ trace }: { readonly trace: Trace }): ReactNode {
  const said = useAmount();
  const textIn = useTextIn();
  const forward = trace.direction === "forward";
  const onlyItself = trace.total === 1;
  const columns: readonly Column<Step>[] = [
    { head: WORDS.lot, cell: (step) => <StepLot step={step} /> },
    { head: WORDS.item, cell: (step) => <StepItem step={step} /> },
    {
      head: WORDS.amount,
      kind: "quantity",
      cell: ({ amount, amount_unit }) => (amount === null ? "—" : said(amount, amount_unit)),
    },
    {
      head: WORDS.lies,
      cell: ({ stock, on_hold }) => <Places stock={stock} onHold={on_hold} none={WORDS.nothing_lies} />,
    },
  ];
  return (
    <>
      <LedgerSection
        title={WORDS.reached}
        aside={<span className="soft number">{trace.total}</span>}
        columns={columns}
        rows={asTree(trace.lots)}
        keyOf={({ lot_id }) => lot_id}
        depthOf={({ depth }) => Math.min(depth, DEEPEST_INDENT)}
      >
        {onlyItself ? <p className="soft">{textIn(forward ? WORDS.alone : WORDS.bought)}</p> : null}
        {trace.total > trace.lots.length ? (
          <Notice tone="info">
            <p>{textIn(filled(WORDS.first_shown, { shown: trace.lots.length, total: trace.total }))}</p>
          </Notice>
        ) : null}
      </LedgerSection>
      {forward ? <Consignees sent={trace.consignees} /> : null}
    </>
  );
}

/** The item, and where it went in instead of what the bill has: for what, and under which change. */
function StepItem({ step }: { readonly step: Step }): ReactNode {
  const textIn = useTextIn();
  const meant = step.instead_of;
  return (
    <Stacked
      parts={[
        <ItemName key="item" lot={step} />,
        meant === null ? null : (
          <Aside key="instead">
            {textIn(
              meant.change === null
                ? filled(WORDS.stands_in, { item: meant.item_number })
                : filled(WORDS.stands_in_under, { item: meant.item_number, change: meant.change }),
            )}
          </Aside>
        ),
      ]}
    />
  );
}

function StepLot({ step }: { readonly step: Step }): ReactNode {
  const textIn = useTextIn();
  return (
    <Stacked
      parts={[
        <Lot key="lot" id={step.lot_id} number={step.lot_number} />,
        <Aside key="level">{textIn(filled(WORDS.level, { depth: step.depth }))}</Aside>,
        step.supplier_lot === null ? null : (
          <Aside key="supplier">
            {[step.supplier ? textIn(step.supplier) : "", step.supplier_lot].filter(Boolean).join(" · ")}
          </Aside>
        ),
      ]}
    />
  );
}

function Consignees({ sent }: { readonly sent: readonly Sent[] }): ReactNode {
  const amount = useAmount();
  const textIn = useTextIn();
  const columns: readonly Column<Sent>[] = [
    {
      head: WORDS.consignee,
      cell: (each) => (
        <Named
          name={
            <strong>
              <Whole>{each.name}</Whole>
            </strong>
          }
          number={`${each.consignee} · ${each.country}`}
        />
      ),
    },
    { head: WORDS.lot, cell: (each) => <Lot id={each.lot_id} number={each.lot_number} /> },
    { head: WORDS.quantity, kind: "quantity", cell: (each) => amount(each.quantity, each.unit) },
    {
      head: WORDS.last,
      cell: (each) => (
        <Stacked
          parts={[
            <At key="at" time={each.last_shipped_at} />,
            each.shipments > 1 ? (
              <Aside key="count">{textIn(filled(WORDS.shipments, { count: each.shipments }))}</Aside>
            ) : null,
          ]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.sent}
      none={WORDS.not_sent}
      aside={<span className="soft number">{new Set(sent.map(({ consignee }) => consignee)).size}</span>}
      columns={columns}
      rows={sent}
      keyOf={({ consignee, lot_id }) => `${consignee} ${lot_id}`}
    />
  );
}

function MassBalance({ lotId }: { readonly lotId: string }): ReactNode {
  const id = useId();
  const query = useQuery({ queryKey: ["mass-balance", lotId], queryFn: () => getBalance(lotId) });
  return (
    <Section id={`${id}-balance`} title={WORDS.balance}>
      <Answered query={query}>{(balance) => <Sides balance={balance} />}</Answered>
    </Section>
  );
}

function Sides({ balance }: { readonly balance: Balance }): ReactNode {
  const textIn = useTextIn();
  const whole = isNothing(balance.unexplained);
  const said = useAmount();
  const amount = said(balance.unexplained, balance.unit);
  return (
    <>
      {whole ? (
        <p>
          <Badge tone="good" icon="check">
            {textIn(WORDS.balanced)}
          </Badge>
        </p>
      ) : (
        <Notice tone="bad" title={textIn(filled(WORDS.unexplained, { amount }))}>
          <p>{textIn(WORDS.unexplained_help)}</p>
        </Notice>
      )}
      <div className="trace-balance">
        <Side title={WORDS.came_in} names={CAME_IN} balance={balance} />
        <Side title={WORDS.became} names={BECAME} balance={balance} />
      </div>
    </>
  );
}

function Side<Name extends keyof Balance>(props: {
  readonly title: Text;
  readonly names: Readonly<Record<Name, Text>>;
  readonly balance: Balance;
}): ReactNode {
  const textIn = useTextIn();
  const amount = useAmount();
  const shown = (Object.entries(props.names) as [Name, Text][]).filter(
    ([name]) => !isNothing(props.balance[name]),
  );
  return (
    <div className="panel">
      <h3>{textIn(props.title)}</h3>
      <dl>
        {shown.map(([name, words]) => (
          <div key={name}>
            <dt>{textIn(words)}</dt>
            <dd>{amount(props.balance[name], props.balance.unit)}</dd>
          </div>
        ))}
        {shown.length === 0 ? (
          <div>
            <dt className="soft">—</dt>
            <dd>{amount("0", props.balance.unit)}</dd>
          </div>
        ) : null}
      </dl>
    </div>
  );
}

function isNothing(amount: string): boolean {
  return /^-?0+(?:\.0+)?$/.test(amount);
}

/**
 * The board of one field action: what the war room looks at. Four numbers against their targets, the clocks,
 * every consignee with how far it is, the accounts by consignee and lot, the lots, the reports, and what closure
 * still waits for.
 */
import "./board.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { Link } from "wouter";

import type { Text } from "../../api/shapes.ts";
import { Badge, Notice, PageHead, Segments } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { regionName } from "../../i18n/regions.ts";
import { distance } from "../../i18n/times.ts";
import { useAmount } from "../../units.ts";
import { Aside, At, Named, Said, Stacked, To, Whole } from "../registers/cells.tsx";
import { type Column, Ledger, LedgerSection } from "../registers/ledger.tsx";
import { AnsweredPage, Back, FactList, Section } from "../registers/parts.tsx";
import { filled, same, wordsOf } from "../registers/words.ts";
import { Places } from "../stock/places.tsx";
import { Classes, State } from "./state.tsx";
import {
  type Account,
  type Board,
  type Clock,
  type Consignee,
  getBoard,
  type LotInReach,
  type Report,
  type Round,
} from "./wire.ts";
import { CHANNELS, CHECKS, CLOCK_STATES, PARTS, PROGRESS, TYPES, WORDS } from "./words.ts";

const BACK = ["/registers/field-actions", WORDS.title] as const;

export default function BoardScreen({ number }: { readonly number: string }): ReactNode {
  const query = useQuery({
    queryKey: ["field-action", number],
    queryFn: () => getBoard(number),
    refetchInterval: 30_000,
  });
  return (
    <AnsweredPage query={query} title={number} back={BACK}>
      {(board) => <Shown board={board} />}
    </AnsweredPage>
  );
}

function Shown({ board }: { readonly board: Board }): ReactNode {
  return (
    <div className="page">
      <Head board={board} />
      <Progress board={board} />
      {board.status === "closed" || board.status === "cancelled" ? null : <Closure board={board} />}
      <Clocks clocks={board.clocks} now={board.now} />
      <Consignees consignees={board.consignees} />
      <Accounts board={board} />
      <Rounds rounds={board.rounds} />
      <Reports reports={board.reports} />
      <Lots board={board} />
    </div>
  );
}

function Head({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const at = (time: string | null): ReactNode => (time === null ? null : <At time={time} />);
  const type = board.action_type;
  return (
    <PageHead
      title={`${board.number} · ${board.title}`}
      above={<Back to={BACK} />}
      aside={<State action={board} />}
    >
      <p>{board.description}</p>
      <FactList
        facts={[
          [WORDS.type, type === null ? null : textIn(wordsOf(TYPES, type))],
          [WORDS.classes, <Classes key="classes" action={board} />],
          [WORDS.aware, at(board.aware_at)],
          [WORDS.decided, at(board.decided_at)],
          [WORDS.closed, at(board.closed_at)],
        ]}
      />
      {board.reopens === null ? null : (
        <p className="soft">
          <Whole>{textIn(filled(WORDS.cycle, { cycle: board.cycle, number: board.reopens }))}</Whole>
        </p>
      )}
      <Link href={`/records/${board.process_instance_id}`} className="cell-link">
        {textIn(WORDS.record)}
      </Link>
    </PageHead>
  );
}

function Progress({ board }: { readonly board: Board }): ReactNode {
  const id = useId();
  const { closure } = board;
  const whole = board.consignees.length;
  const answered = board.consignees.filter(({ answered_at }) => answered_at !== null).length;
  const share = (percent: string): string => `${Number(percent)} %`;
  return (
    <Section id={`${id}-progress`} title={WORDS.progress}>
      <dl className="board-tiles">
        <Tile
          name={WORDS.notified}
          value={`${whole - closure.not_notified.length} / ${whole}`}
          good={closure.not_notified.length === 0}
        />
        <Tile
          name={WORDS.answered}
          value={`${answered} / ${whole}`}
          good={closure.not_answered.length === 0}
          below={same(share(closure.response_percent))}
        />
        <Tile
          name={WORDS.accounted}
          value={share(closure.reconciliation_percent)}
          good={Number(closure.reconciliation_percent) >= closure.reconciliation_target}
          below={filled(WORDS.target, { percent: closure.reconciliation_target })}
        />
        <Tile
          name={WORDS.effective}
          value={closure.effectiveness_percent === null ? "—" : share(closure.effectiveness_percent)}
          good={
            closure.effectiveness_percent !== null &&
            closure.checks_missing === 0 &&
            Number(closure.effectiveness_percent) >= closure.effectiveness_target
          }
          below={filled(WORDS.target, { percent: closure.effectiveness_target })}
        />
      </dl>
    </Section>
  );
}

function Tile(props: {
  readonly name: Text;
  readonly value: string;
  readonly good: boolean;
  readonly below?: Text;
}): ReactNode {
  const textIn = useTextIn();
  return (
    <div className="board-tile" data-tone={props.good ? "good" : "warn"}>
      <dt>{textIn(props.name)}</dt>
      <dd>
        {props.value} {props.good ? <span aria-hidden="true">✓</span> : null}
      </dd>
      {props.below ? <dd className="soft small">{textIn(props.below)}</dd> : null}
    </div>
  );
}

function Clocks(props: { readonly clocks: readonly Clock[]; readonly now: string }): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  const now = Date.parse(props.now);
  const shown = [...props.clocks].sort(
    (one, other) =>
      Number(one.state === "stopped") - Number(other.state === "stopped") ||
      (one.due_at ?? "").localeCompare(other.due_at ?? ""),
  );
  const columns: readonly Column<Clock>[] = [
    {
      head: WORDS.what,
      cell: ({ names, rule, authority }) => <Named name={textIn(names)} number={`${rule} · ${authority}`} />,
    },
    {
      head: WORDS.status,
      cell: ({ state, overdue }) => (
        <Said looks={CLOCK_STATES} code={state} tone={overdue ? "bad" : undefined} />
      ),
    },
    {
      head: WORDS.due,
      cell: ({ due_on, due_at, state }) => (
        <Stacked
          parts={[
            <strong key="on" className="number whole">
              {due_on ?? textIn(WORDS.gate)}
            </strong>,
            due_at === null || state === "stopped" ? null : (
              <Aside key="in">{distance(due_at, now, language)}</Aside>
            ),
          ]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.clocks}
      none={WORDS.no_clocks}
      columns={columns}
      rows={shown}
      keyOf={({ rule }, index) => `${rule} ${index}`}
    />
  );
}

type Which = "all" | "to_notify" | "notified" | "answered";

function Consignees({ consignees }: { readonly consignees: readonly Consignee[] }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [which, setWhich] = useState<Which>("all");
  const of = (state: Which): number =>
    consignees.filter((each) => state === "all" || each.state === state).length;
  const option = (state: Which, name: Text): readonly [Which, string] => [
    state,
    textIn(filled(name, { count: of(state) })),
  ];
  const shown = consignees.filter(({ state }) => which === "all" || state === which);
  return (
    <Section id={`${id}-consignees`} title={WORDS.consignees}>
      {consignees.length === 0 ? <p className="soft">{textIn(WORDS.no_consignees)}</p> : null}
      {consignees.length > 0 ? (
        <Segments<Which>
          name={`${id}-which`}
          legend={textIn(WORDS.show)}
          legendHidden
          value={which}
          onChange={setWhich}
          options={[
            option("all", WORDS.all),
            option("to_notify", WORDS.to_reach),
            option("notified", WORDS.silent),
            option("answered", WORDS.open_amounts),
          ]}
        />
      ) : null}
      {consignees.length > 0 && shown.length === 0 ? (
        <p className="soft" role="status">
          {textIn(WORDS.nobody)}
        </p>
      ) : null}
      {shown.length > 0 ? <ConsigneeTable consignees={shown} /> : null}
    </Section>
  );
}

function ConsigneeTable({ consignees }: { readonly consignees: readonly Consignee[] }): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  const columns: readonly Column<Consignee>[] = [
    {
      head: WORDS.consignee,
      cell: ({ name, number, country, tier }) => (
        <Named
          name={
            <strong>
              <Whole>{name}</Whole>
            </strong>
          }
          number={[
            number,
            regionName(country, language),
            tier > 1 ? textIn(filled(WORDS.tier, { tier })) : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        />
      ),
    },
    {
      head: WORDS.status,
      cell: ({ state, check }) => (
        <span className="row">
          <Said looks={PROGRESS} code={state} />
          {check === null ? null : <Said looks={CHECKS} code={check} />}
        </span>
      ),
    },
    {
      head: WORDS.contact,
      cell: ({ contact, phone, email }) => (
        <Stacked
          parts={[
            contact,
            phone === null ? null : (
              <a key="phone" href={`tel:${phone}`} className="cell-link">
                {phone}
              </a>
            ),
            email === null ? null : (
              <span key="email" className="small">
                <Whole>{email}</Whole>
              </span>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.reached,
      cell: ({ reached_at, channel, attempts, notice, notice_id }) => (
        <Stacked
          parts={[
            reached_at === null ? (
              <span key="not">
                {attempts === 0
                  ? textIn(WORDS.not_tried)
                  : textIn(filled(WORDS.attempts, { count: attempts }))}
              </span>
            ) : (
              <span key="at">
                <At time={reached_at} />{" "}
                <span className="whole">{channel === null ? "" : textIn(wordsOf(CHANNELS, channel))}</span>
              </span>
            ),
            notice === null || notice_id === null ? null : (
              <a
                key="letter"
                className="cell-link"
                href={`/api/field-actions/notices/${notice_id}/letter`}
                target="_blank"
                rel="noreferrer"
              >
                <span>
                  <Whole>{textIn(filled(WORDS.letter, { number: notice }))}</Whole>
                </span>
              </a>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.answered,
      cell: ({ answered_at, answered_by }) =>
        answered_at === null ? (
          <span className="soft">{textIn(WORDS.no_answer)}</span>
        ) : (
          <Stacked parts={[<At key="at" time={answered_at} />, answered_by]} />
        ),
    },
  ];
  return <Ledger columns={columns} rows={consignees} keyOf={({ number }) => number} />;
}

function Accounts({ board }: { readonly board: Board }): ReactNode {
  const amount = useAmount();
  const columns: readonly Column<Account>[] = [
    {
      head: WORDS.consignee,
      cell: ({ name, consignee }) => <Named name={name} number={consignee} />,
    },
    { head: WORDS.lot, cell: ({ lot }) => lot },
    { head: WORDS.shipped, kind: "quantity", cell: ({ shipped, unit }) => amount(shipped, unit) },
    { head: WORDS.became, cell: (account) => <Parts account={account} /> },
    {
      head: WORDS.unexplained,
      kind: "quantity",
      cell: ({ unexplained, unit }) =>
        Number(unexplained) === 0 ? (
          <Badge tone="good" icon="check">
            {amount("0", unit)}
          </Badge>
        ) : (
          <Badge tone="bad" icon="alert">
            {amount(unexplained, unit)}
          </Badge>
        ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.reconciliation}
      aside={<span className="number">{Number(board.reconciliation.percent)} %</span>}
      columns={columns}
      rows={board.reconciliation.accounts}
      keyOf={({ consignee, lot }) => `${consignee} ${lot}`}
    />
  );
}

function Parts({ account }: { readonly account: Account }): ReactNode {
  const textIn = useTextIn();
  const names = Object.entries(PARTS) as [keyof typeof PARTS, Text][];
  const shown = names.filter(([name]) => Number(account[name]) !== 0);
  if (shown.length === 0) return <span className="soft">{textIn(WORDS.nothing_known)}</span>;
  return shown.map(([name, words]) => `${account[name]} ${textIn(words)}`).join(" · ");
}

function Rounds({ rounds }: { readonly rounds: readonly Round[] }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  return (
    <Section id={`${id}-rounds`} title={WORDS.rounds}>
      {rounds.length === 0 ? <p className="soft">{textIn(WORDS.no_rounds)}</p> : null}
      {rounds.map((each) => (
        <p key={each.round}>
          <strong>{textIn(filled(WORDS.round, { round: each.round, level: each.level }))}</strong>{" "}
          {textIn(filled(WORDS.drawn, { asked: each.asked, population: each.population }))},{" "}
          {textIn(filled(WORDS.checked, { checked: each.checked, effective: each.effective }))}{" "}
          <span className="soft small">
            <At time={each.drawn_at} />
          </span>
        </p>
      ))}
    </Section>
  );
}

function Reports({ reports }: { readonly reports: readonly Report[] }): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  const columns: readonly Column<Report>[] = [
    {
      head: WORDS.report,
      cell: ({ names, number, market }) => (
        <Named name={textIn(names)} number={`${number} · ${regionName(market, language)}`} />
      ),
    },
    {
      head: WORDS.submitted,
      cell: ({ submitted_at, missing }) => (
        <Stacked
          parts={[
            submitted_at === null ? (
              <Badge key="not" tone="warn">
                {textIn(WORDS.not_submitted)}
              </Badge>
            ) : (
              <At key="at" time={submitted_at} />
            ),
            missing.length === 0 ? null : (
              <span key="missing" className="small">
                {textIn(filled(WORDS.missing, { count: missing.length }))}
              </span>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.download,
      cell: ({ number }) => {
        const path = `/api/field-actions/reports/${encodeURIComponent(number)}`;
        return (
          <span className="board-downloads">
            <a className="cell-link" href={`${path}.pdf`} target="_blank" rel="noreferrer">
              {textIn(WORDS.pdf)} <span className="visually-hidden">{number}</span>
            </a>
            <a className="cell-link" href={path} download>
              {textIn(WORDS.data)} <span className="visually-hidden">{number}</span>
            </a>
          </span>
        );
      },
    },
  ];
  return (
    <LedgerSection
      title={WORDS.reports}
      none={WORDS.no_reports}
      columns={columns}
      rows={reports}
      keyOf={({ number }) => number}
    />
  );
}

function Lots({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const { items, total } = board.lots;
  const columns: readonly Column<LotInReach>[] = [
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number, extension }) => (
        <Stacked
          parts={[
            <To key="lot" href={`/registers/trace/${lot_id}`}>
              {lot_number}
            </To>,
            extension === 0 ? null : (
              <Aside key="extension">{textIn(filled(WORDS.extension, { number: extension }))}</Aside>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.item,
      cell: ({ item_names, item_number }) => <Named name={textIn(item_names)} number={item_number} />,
    },
    {
      head: WORDS.lies,
      cell: ({ stock, on_hold }) => <Places stock={stock} onHold={on_hold} none={WORDS.nothing_lies} />,
    },
  ];
  return (
    <LedgerSection
      title={WORDS.lots}
      aside={<span className="soft number">{total}</span>}
      columns={columns}
      rows={items}
      keyOf={({ lot_id }) => lot_id}
    >
      {total > items.length ? (
        <Notice tone="info">
          <p>{textIn(filled(WORDS.first_shown, { shown: items.length, total }))}</p>
        </Notice>
      ) : null}
    </LedgerSection>
  );
}

/** What RC-05 asks before closing, as a list of what is still open. */
function Closure({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { closure } = board;
  const share = (percent: string, target: number): Text =>
    filled(WORDS.share, { percent: Number(percent), target });
  const below = (percent: string, target: number): boolean => Number(percent) < target;
  const people = new Map(board.consignees.map(({ number, name }) => [number, name]));
  const reports = new Map(board.reports.map(({ number, names }) => [number, textIn(names)]));
  /** A number says little on a phone: the name stands before it. */
  const called = (known: ReadonlyMap<string, string>, numbers: readonly string[]): string =>
    numbers
      .map((said) => {
        const [number = said] = said.split(" "); // "C-1 LOT-7" is a consignee and its lot
        const name = known.get(said) ?? known.get(number);
        return name === undefined ? said : `${name} (${said})`;
      })
      .join(textIn(WORDS.and));
  const open: readonly (readonly [boolean, Text, string])[] = [
    [
      closure.not_notified.length > 0,
      PROGRESS["to_notify"]?.[1] ?? WORDS.notified,
      called(people, closure.not_notified),
    ],
    [closure.not_answered.length > 0, WORDS.no_answer, called(people, closure.not_answered)],
    [
      below(closure.reconciliation_percent, closure.reconciliation_target),
      WORDS.reconciliation,
      textIn(share(closure.reconciliation_percent, closure.reconciliation_target)),
    ],
    [closure.unexplained.length > 0, WORDS.unexplained, called(people, closure.unexplained)],
    [
      closure.effectiveness_percent !== null &&
        below(closure.effectiveness_percent, closure.effectiveness_target),
      WORDS.rounds,
      textIn(share(closure.effectiveness_percent ?? "0", closure.effectiveness_target)),
    ],
    [closure.checks_missing > 0, filled(WORDS.checks_missing, { count: closure.checks_missing }), ""],
    [closure.not_disposed.length > 0, WORDS.not_disposed, closure.not_disposed.join(textIn(WORDS.and))],
    [closure.reports_open.length > 0, WORDS.reports_open, called(reports, closure.reports_open)],
    [!closure.root_cause, WORDS.root_cause, ""],
  ];
  const shown = open.filter(([isOpen]) => isOpen);
  return (
    <Section id={`${id}-closure`} title={WORDS.closure}>
      {shown.length === 0 ? (
        <Notice tone="good">
          <p>{textIn(WORDS.ready)}</p>
        </Notice>
      ) : (
        <ul className="board-open panel">
          {shown.map(([, name, detail]) => (
            <li key={name.en}>
              <strong>{textIn(name)}</strong>{" "}
              <span className="soft">
                <Whole>{detail}</Whole>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

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
import { Badge, Notice, PageHead, Segments, type Tone } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { distance, shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import {
  AnsweredPage,
  Back,
  type Column,
  FactList,
  filled,
  Ledger,
  Section,
  Stacked,
  To,
} from "../registers/parts.tsx";
import { LotStatus } from "../stock/lot_status.tsx";
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
      <Clocks clocks={board.clocks} now={board.now} />
      <Consignees consignees={board.consignees} />
      {board.reconciliation.accounts.length > 0 ? <Accounts board={board} /> : null}
      <Rounds rounds={board.rounds} />
      <Reports reports={board.reports} />
      <Lots board={board} />
      {board.status === "closed" || board.status === "cancelled" ? null : <Closure board={board} />}
    </div>
  );
}

function Head({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const at = (time: string | null): string | null => (time === null ? null : shortTime(time, user.zone));
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
          [WORDS.type, type === null ? null : textIn(TYPES[type] ?? { en: type, zh: type })],
          [WORDS.classes, <Classes key="classes" action={board} />],
          [WORDS.aware, at(board.aware_at)],
          [WORDS.decided, at(board.decided_at)],
          [WORDS.closed, at(board.closed_at)],
        ]}
      />
      {board.reopens === null ? null : (
        <p className="soft">{textIn(filled(WORDS.cycle, { cycle: board.cycle, number: board.reopens }))}</p>
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
          below={{ en: share(closure.response_percent), zh: share(closure.response_percent) }}
        />
        <Tile
          name={WORDS.accounted}
          value={share(closure.reconciliation_percent)}
          good={Number(closure.reconciliation_percent) >= closure.reconciliation_target}
          below={filled(WORDS.target, { percent: closure.reconciliation_target })}
        />
        <Tile
          name={WORDS.effective}
          value={board.rounds.length === 0 ? "—" : share(closure.effectiveness_percent)}
          good={
            board.rounds.length > 0 &&
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
  const id = useId();
  const now = Date.parse(props.now);
  const shown = [...props.clocks].sort(
    (one, other) =>
      Number(one.state === "stopped") - Number(other.state === "stopped") ||
      (one.due_at ?? "").localeCompare(other.due_at ?? ""),
  );
  const columns: readonly Column<Clock>[] = [
    {
      head: WORDS.what,
      cell: ({ names, rule, authority }) => (
        <Stacked
          parts={[
            textIn(names),
            <span key="rule" className="soft small">
              {rule} · {authority}
            </span>,
          ]}
        />
      ),
    },
    {
      head: WORDS.status,
      cell: ({ state, overdue }) => {
        const [tone, name] = CLOCK_STATES[state] ?? ["neutral", { en: state, zh: state }];
        return <Badge tone={overdue ? "bad" : tone}>{textIn(name)}</Badge>;
      },
    },
    {
      head: WORDS.due,
      cell: ({ due_on, due_at, state }) => (
        <Stacked
          parts={[
            <strong key="on" className="number">
              {due_on ?? "—"}
            </strong>,
            due_at === null || state === "stopped" ? null : (
              <span key="in" className="soft small">
                {distance(due_at, now, language)}
              </span>
            ),
          ]}
        />
      ),
    },
  ];
  return (
    <Section id={`${id}-clocks`} title={WORDS.clocks}>
      {shown.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_clocks)}</p>
      ) : (
        <Ledger columns={columns} rows={shown} keyOf={({ rule }, index) => `${rule} ${index}`} />
      )}
    </Section>
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
  const { user } = usePerson();
  const columns: readonly Column<Consignee>[] = [
    {
      head: WORDS.consignee,
      cell: ({ name, number, country, tier }) => (
        <Stacked
          parts={[
            <strong key="name">{name}</strong>,
            <span key="number" className="soft small">
              {[number, country, tier > 1 ? `↳ ${tier}` : ""].filter(Boolean).join(" · ")}
            </span>,
          ]}
        />
      ),
    },
    {
      head: WORDS.status,
      cell: ({ state, check }) => (
        <Look looks={[PROGRESS[state], check === null ? undefined : CHECKS[check]]} />
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
                {email}
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
                <span className="number">{shortTime(reached_at, user.zone)}</span>{" "}
                {channel === null ? "" : textIn(CHANNELS[channel] ?? { en: channel, zh: channel })}
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
                {textIn(filled(WORDS.letter, { number: notice }))}
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
          <Stacked
            parts={[
              <span key="at" className="number">
                {shortTime(answered_at, user.zone)}
              </span>,
              answered_by,
            ]}
          />
        ),
    },
  ];
  return <Ledger columns={columns} rows={consignees} keyOf={({ number }) => number} />;
}

function Look({ looks }: { readonly looks: readonly (readonly [Tone, Text] | undefined)[] }): ReactNode {
  const textIn = useTextIn();
  return (
    <span className="row">
      {looks.map((look) =>
        look === undefined ? null : (
          <Badge key={look[1].en} tone={look[0]}>
            {textIn(look[1])}
          </Badge>
        ),
      )}
    </span>
  );
}

function Accounts({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const columns: readonly Column<Account>[] = [
    {
      head: WORDS.consignee,
      cell: ({ name, consignee }) => (
        <Stacked
          parts={[
            name,
            <span key="number" className="soft small">
              {consignee}
            </span>,
          ]}
        />
      ),
    },
    { head: WORDS.lot, cell: ({ lot }) => lot },
    { head: WORDS.shipped, kind: "quantity", cell: ({ shipped, unit }) => `${shipped} ${unit}` },
    { head: WORDS.became, cell: (account) => <Parts account={account} /> },
    {
      head: WORDS.unexplained,
      kind: "quantity",
      cell: ({ unexplained, unit }) =>
        Number(unexplained) === 0 ? (
          <Badge tone="good" icon="check">{`0 ${unit}`}</Badge>
        ) : (
          <Badge tone="bad" icon="alert">{`${unexplained} ${unit}`}</Badge>
        ),
    },
  ];
  return (
    <Section
      id={`${id}-accounts`}
      title={WORDS.reconciliation}
      aside={<span className="number">{Number(board.reconciliation.percent)} %</span>}
    >
      <Ledger
        columns={columns}
        rows={board.reconciliation.accounts}
        keyOf={({ consignee, lot }) => `${consignee} ${lot}`}
        label={textIn(WORDS.reconciliation)}
      />
    </Section>
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
  const { user } = usePerson();
  const id = useId();
  return (
    <Section id={`${id}-rounds`} title={WORDS.rounds}>
      {rounds.length === 0 ? <p className="soft">{textIn(WORDS.no_rounds)}</p> : null}
      {rounds.map((each) => (
        <p key={each.round}>
          <strong>{textIn(filled(WORDS.round, { round: each.round, level: each.level }))}</strong>{" "}
          {textIn(filled(WORDS.drawn, { asked: each.asked, population: each.population }))},{" "}
          {textIn(filled(WORDS.checked, { checked: each.checked, effective: each.effective }))}{" "}
          <span className="soft small number">{shortTime(each.drawn_at, user.zone)}</span>
        </p>
      ))}
    </Section>
  );
}

function Reports({ reports }: { readonly reports: readonly Report[] }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const id = useId();
  const columns: readonly Column<Report>[] = [
    {
      head: WORDS.report,
      cell: ({ names, number, market }) => (
        <Stacked
          parts={[
            textIn(names),
            <span key="number" className="soft small">
              {number} · {market}
            </span>,
          ]}
        />
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
              <span key="at" className="number">
                {shortTime(submitted_at, user.zone)}
              </span>
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
    <Section id={`${id}-reports`} title={WORDS.reports}>
      {reports.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_reports)}</p>
      ) : (
        <Ledger columns={columns} rows={reports} keyOf={({ number }) => number} />
      )}
    </Section>
  );
}

function Lots({ board }: { readonly board: Board }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
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
              <span key="extension" className="soft small">
                {textIn(filled(WORDS.extension, { number: extension }))}
              </span>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.item,
      cell: ({ item_names, item_number }) => (
        <Stacked
          parts={[
            textIn(item_names),
            <span key="number" className="soft small">
              {item_number}
            </span>,
          ]}
        />
      ),
    },
    {
      head: WORDS.lies,
      cell: ({ stock, on_hold }) => (
        <Stacked
          parts={[
            on_hold ? (
              <Badge key="held" tone="warn" icon="lock">
                {textIn(WORDS.held)}
              </Badge>
            ) : null,
            ...stock.map((each) => (
              <span key={`${each.location} ${each.status}`}>
                <strong>{each.location}</strong> <LotStatus status={each.status} />{" "}
                <span className="number">
                  {each.quantity} {each.unit}
                </span>
              </span>
            )),
            stock.length === 0 ? (
              <span key="none" className="soft">
                {textIn(WORDS.nothing_lies)}
              </span>
            ) : null,
          ]}
        />
      ),
    },
  ];
  return (
    <Section id={`${id}-lots`} title={WORDS.lots} aside={<span className="soft number">{total}</span>}>
      {total > items.length ? (
        <Notice tone="info">
          <p>{textIn(filled(WORDS.first_shown, { shown: items.length, total }))}</p>
        </Notice>
      ) : null}
      <Ledger columns={columns} rows={items} keyOf={({ lot_id }) => lot_id} />
    </Section>
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
  const open: readonly (readonly [boolean, Text, string])[] = [
    [
      closure.not_notified.length > 0,
      PROGRESS["to_notify"]?.[1] ?? WORDS.notified,
      closure.not_notified.join(", "),
    ],
    [closure.not_answered.length > 0, WORDS.no_answer, closure.not_answered.join(", ")],
    [
      below(closure.reconciliation_percent, closure.reconciliation_target),
      WORDS.reconciliation,
      textIn(share(closure.reconciliation_percent, closure.reconciliation_target)),
    ],
    [closure.unexplained.length > 0, WORDS.unexplained, closure.unexplained.join(", ")],
    [
      below(closure.effectiveness_percent, closure.effectiveness_target),
      WORDS.rounds,
      textIn(share(closure.effectiveness_percent, closure.effectiveness_target)),
    ],
    [closure.checks_missing > 0, filled(WORDS.checks_missing, { count: closure.checks_missing }), ""],
    [closure.not_disposed.length > 0, WORDS.not_disposed, closure.not_disposed.join(", ")],
    [closure.reports_open.length > 0, WORDS.reports_open, closure.reports_open.join(", ")],
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
              <strong>{textIn(name)}</strong> <span className="soft">{detail}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

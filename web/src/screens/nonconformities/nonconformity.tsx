/** One nonconformity: its lots, what becomes of which quantity, who voted how, and what it led to. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { useAmount } from "../../units.ts";
import { At, By, Lot, Said, Stacked, To } from "../registers/cells.tsx";
import { type Column, LedgerSection } from "../registers/ledger.tsx";
import { AnsweredPage, Back, FactList } from "../registers/parts.tsx";
import { filled, same, wordsOf } from "../registers/words.ts";
import {
  type Concession,
  type Cycle,
  getNonconformity,
  type Linked,
  type Nonconformity,
  type ScopeLot,
  type Split,
  type Vote,
} from "./wire.ts";
import { Held } from "../stock/places.tsx";
import { STATES as CHANGE_STATES } from "../changes/words.ts";
import { STATES as FIELD_ACTION_STATES } from "../field_actions/words.ts";
import {
  CASES,
  CAUSES,
  CLASSES,
  DISPOSITIONS,
  FINDINGS,
  SPLITS,
  STAGES,
  STATES,
  VOTES,
  WORDS,
} from "./words.ts";

/** Where the linked cases stand, each in the words of its own register. */
const LINKED = { ...FIELD_ACTION_STATES, ...CHANGE_STATES, ...STATES };
const BACK = ["/registers/nonconformities", WORDS.title] as const;

export default function NonconformityScreen({ number }: { readonly number: string }): ReactNode {
  const query = useQuery({
    queryKey: ["nonconformity", number],
    queryFn: () => getNonconformity(number),
  });
  return (
    <AnsweredPage query={query} title={number} back={BACK}>
      {(found) => <Shown found={found} />}
    </AnsweredPage>
  );
}

interface Of {
  readonly found: Nonconformity;
}

function Shown({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const current = found.cycles.at(-1)?.process_instance_id ?? null;
  return (
    <div className="page">
      <PageHead
        title={found.number}
        above={<Back to={BACK} />}
        aside={
          <span className="row">
            <Said looks={STATES} code={found.outcome ?? "open"} />
            {found.class ? <Said looks={CLASSES} code={found.class} /> : null}
          </span>
        }
      >
        <p>{found.description}</p>
        <FactList
          facts={[
            [WORDS.stage, textIn(wordsOf(STAGES, found.stage))],
            [WORDS.severity, found.severity],
            [WORDS.requirement, found.requirement],
            [WORDS.cause, found.cause_code === null ? null : textIn(wordsOf(CAUSES, found.cause_code))],
            [WORDS.source, found.source_number === found.number ? null : found.source_number],
            [WORDS.reported, <By key="by" people={found.people} who={found.by} />],
            [WORDS.aware, <At key="aware" time={found.aware_at} />],
          ]}
        />
        {current === null ? null : (
          <Link href={`/records/${current}`} className="cell-link">
            {textIn(WORDS.record)}
          </Link>
        )}
      </PageHead>
      <Dispositions found={found} />
      <Lots found={found} />
      <Votes found={found} />
      <Concessions found={found} />
      <LinkedCases found={found} />
      <Cycles found={found} />
    </div>
  );
}

function Dispositions({ found }: Of): ReactNode {
  const amount = useAmount();
  const textIn = useTextIn();
  const columns: readonly Column<Split>[] = [
    {
      head: WORDS.disposition,
      cell: ({ disposition, instruction }) => (
        <Stacked
          parts={[<strong key="what">{textIn(wordsOf(DISPOSITIONS, disposition))}</strong>, instruction]}
        />
      ),
    },
    { head: WORDS.quantity, kind: "quantity", cell: ({ quantity, unit }) => amount(quantity, unit) },
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number }) => <Lot id={lot_id} number={lot_number} />,
    },
    { head: WORDS.reason, cell: ({ reason }) => reason },
    { head: WORDS.status, cell: ({ status }) => <Said looks={SPLITS} code={status} /> },
    { head: WORDS.done, kind: "quantity", cell: ({ done, unit }) => amount(done, unit) },
  ];
  return (
    <LedgerSection
      title={WORDS.dispositions}
      none={WORDS.no_dispositions}
      columns={columns}
      rows={found.splits}
      keyOf={({ split }) => String(split)}
    />
  );
}

function Lots({ found }: Of): ReactNode {
  const amount = useAmount();
  const textIn = useTextIn();
  const columns: readonly Column<ScopeLot>[] = [
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number }) => <To href={`/registers/trace/${lot_id}`}>{lot_number}</To>,
    },
    { head: WORDS.item, cell: ({ item_names }) => textIn(item_names) },
    {
      head: WORDS.finding,
      cell: ({ finding, on_hold }) => (
        <span className="row">
          <Said looks={FINDINGS} code={finding} />
          {on_hold ? <Held /> : null}
        </span>
      ),
    },
    { head: WORDS.affected, kind: "quantity", cell: ({ quantity, unit }) => amount(quantity, unit) },
    { head: WORDS.evidence, cell: ({ evidence }) => evidence ?? "—" },
  ];
  return (
    <LedgerSection
      title={WORDS.lots}
      none={WORDS.no_lots}
      columns={columns}
      rows={found.lots}
      keyOf={({ lot_id }) => lot_id}
    />
  );
}

function Votes({ found }: Of): ReactNode {
  const columns: readonly Column<Vote>[] = [
    { head: WORDS.role, cell: ({ role }) => role },
    {
      head: WORDS.vote,
      cell: ({ agrees, reason }) => (
        <Stacked parts={[<Said key="vote" looks={VOTES} code={String(agrees)} />, reason]} />
      ),
    },
    { head: WORDS.round, cell: ({ round }) => round },
    { head: WORDS.who, cell: ({ by }) => <By people={found.people} who={by} /> },
    { head: WORDS.when, kind: "number", cell: ({ at }) => <At time={at} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.votes}
      columns={columns}
      rows={found.votes}
      keyOf={({ round, role }) => `${round} ${role}`}
    />
  );
}

function Concessions({ found }: Of): ReactNode {
  const columns: readonly Column<Concession>[] = [
    { head: WORDS.concession, cell: ({ number }) => number },
    { head: WORDS.requirement, cell: ({ requirement }) => requirement },
    { head: WORDS.justification, cell: ({ justification }) => justification },
    { head: WORDS.until, kind: "number", cell: ({ valid_until }) => valid_until ?? "—" },
    {
      head: WORDS.granted,
      cell: ({ by, and_by }) => (
        <Stacked
          parts={[
            <By key="by" people={found.people} who={by} />,
            <By key="and" people={found.people} who={and_by} />,
          ]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.concessions}
      columns={columns}
      rows={found.concessions}
      keyOf={({ number }) => number}
    />
  );
}

function LinkedCases({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Linked>[] = [
    {
      head: WORDS.number,
      cell: ({ kind, number }) => {
        const path = CASES[kind]?.[1] ?? null;
        return path === null ? number : <To href={`${path}${encodeURIComponent(number)}`}>{number}</To>;
      },
    },
    { head: WORDS.case, cell: ({ kind }) => textIn(CASES[kind]?.[0] ?? same(kind)) },
    { head: WORDS.status, cell: ({ status }) => <Said looks={LINKED} code={status} /> },
  ];
  return (
    <LedgerSection
      title={WORDS.linked}
      none={WORDS.no_linked}
      columns={columns}
      rows={found.linked}
      keyOf={({ number }) => number}
    />
  );
}

function Cycles({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Cycle>[] = [
    {
      head: WORDS.cycles,
      cell: ({ cycle, process_instance_id }) =>
        process_instance_id === null ? (
          cycle
        ) : (
          <To href={`/records/${process_instance_id}`}>{textIn(filled(WORDS.cycle, { cycle }))}</To>
        ),
    },
    {
      head: WORDS.opened,
      cell: ({ at, by, reason }) => (
        <Stacked
          parts={[<At key="at" time={at} />, <By key="by" people={found.people} who={by} />, reason]}
        />
      ),
    },
    {
      head: WORDS.closed,
      cell: ({ closed_at, closed_by, closing_reason, outcome }) =>
        closed_at === null ? (
          "—"
        ) : (
          <Stacked
            parts={[
              <Said key="outcome" looks={STATES} code={outcome} />,
              <At key="at" time={closed_at} />,
              closed_by === null ? null : <By key="by" people={found.people} who={closed_by} />,
              closing_reason,
            ]}
          />
        ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.cycles}
      columns={columns}
      rows={found.cycles}
      keyOf={({ cycle }) => String(cycle)}
    />
  );
}

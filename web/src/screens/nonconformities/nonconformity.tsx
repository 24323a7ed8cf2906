/** One nonconformity: its lots, what becomes of which quantity, who voted how, and what it led to. */
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
  type Concession,
  type Cycle,
  getNonconformity,
  type Linked,
  type Nonconformity,
  type ScopeLot,
  type Split,
  type Vote,
} from "./wire.ts";
import { STATES as CHANGE_STATES } from "../changes/words.ts";
import { STATES as FIELD_ACTION_STATES } from "../field_actions/words.ts";
import { CASES, CLASSES, DISPOSITIONS, FINDINGS, SPLITS, STAGES, STATES, VOTES, WORDS } from "./words.ts";

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
  const { user } = usePerson();
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
            [WORDS.stage, textIn(STAGES[found.stage] ?? same(found.stage))],
            [WORDS.severity, found.severity],
            [WORDS.requirement, found.requirement],
            [WORDS.cause, found.cause_code],
            [WORDS.source, found.source_number === found.number ? null : found.source_number],
            [WORDS.reported, <By key="by" people={found.people} who={found.by} />],
            [WORDS.aware, shortTime(found.aware_at, user.zone)],
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
  const textIn = useTextIn();
  const id = useId();
  const columns: readonly Column<Split>[] = [
    {
      head: WORDS.disposition,
      cell: ({ disposition, instruction }) => (
        <Stacked
          parts={[
            <strong key="what">{textIn(DISPOSITIONS[disposition] ?? same(disposition))}</strong>,
            instruction,
          ]}
        />
      ),
    },
    { head: WORDS.quantity, kind: "quantity", cell: ({ quantity, unit }) => `${quantity} ${unit}` },
    {
      head: WORDS.lot,
      cell: ({ lot_id, lot_number }) => <To href={`/stock/lots/${lot_id}`}>{lot_number}</To>,
    },
    { head: WORDS.reason, cell: ({ reason }) => reason },
    { head: WORDS.status, cell: ({ status }) => <Said looks={SPLITS} code={status} /> },
    { head: WORDS.done, kind: "quantity", cell: ({ done, unit }) => `${done} ${unit}` },
  ];
  return (
    <Section id={`${id}-dispositions`} title={WORDS.dispositions}>
      {found.splits.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_dispositions)}</p>
      ) : (
        <Ledger
          columns={columns}
          rows={found.splits}
          keyOf={({ split }) => String(split)}
          label={textIn(WORDS.dispositions)}
        />
      )}
    </Section>
  );
}

function Lots({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
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
          {on_hold ? (
            <Badge tone="warn" icon="lock">
              {textIn(WORDS.held)}
            </Badge>
          ) : null}
        </span>
      ),
    },
    { head: WORDS.affected, kind: "quantity", cell: ({ quantity, unit }) => `${quantity} ${unit}` },
    { head: WORDS.evidence, cell: ({ evidence }) => evidence ?? "—" },
  ];
  return (
    <Section id={`${id}-lots`} title={WORDS.lots}>
      {found.lots.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_lots)}</p>
      ) : (
        <Ledger columns={columns} rows={found.lots} keyOf={({ lot_id }) => lot_id} />
      )}
    </Section>
  );
}

function Votes({ found }: Of): ReactNode {
  const id = useId();
  const { user } = usePerson();
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
    { head: WORDS.when, kind: "number", cell: ({ at }) => shortTime(at, user.zone) },
  ];
  if (found.votes.length === 0) return null;
  return (
    <Section id={`${id}-votes`} title={WORDS.votes}>
      <Ledger columns={columns} rows={found.votes} keyOf={({ round, role }) => `${round} ${role}`} />
    </Section>
  );
}

function Concessions({ found }: Of): ReactNode {
  const id = useId();
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
  if (found.concessions.length === 0) return null;
  return (
    <Section id={`${id}-concessions`} title={WORDS.concessions}>
      <Ledger columns={columns} rows={found.concessions} keyOf={({ number }) => number} />
    </Section>
  );
}

function LinkedCases({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
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
    <Section id={`${id}-linked`} title={WORDS.linked}>
      {found.linked.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_linked)}</p>
      ) : (
        <Ledger columns={columns} rows={found.linked} keyOf={({ number }) => number} />
      )}
    </Section>
  );
}

function Cycles({ found }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
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
          parts={[
            <Named key="at" name={shortTime(at, user.zone)} number={textIn(found.people[by] ?? same(by))} />,
            reason,
          ]}
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
              <Named
                key="at"
                name={shortTime(closed_at, user.zone)}
                number={closed_by === null ? "" : textIn(found.people[closed_by] ?? same(closed_by))}
              />,
              closing_reason,
            ]}
          />
        ),
    },
  ];
  return (
    <Section id={`${id}-cycles`} title={WORDS.cycles}>
      <Ledger columns={columns} rows={found.cycles} keyOf={({ cycle }) => String(cycle)} />
    </Section>
  );
}

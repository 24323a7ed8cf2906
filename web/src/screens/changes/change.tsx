/** One change: its objects with old and new, from when it counts, its tasks, and who decided what. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { Link } from "wouter";

import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { Aside, At, By, Named, Said, Stacked } from "../registers/cells.tsx";
import { type Column, LedgerSection } from "../registers/ledger.tsx";
import { AnsweredPage, Back, FactList, Section } from "../registers/parts.tsx";
import { filled, wordsOf } from "../registers/words.ts";
import {
  type Affected,
  type Change,
  type Decision,
  getChange,
  type Impact,
  type Market,
  type Task,
  type Temporary,
} from "./wire.ts";
import {
  ANSWERS,
  CLASSES,
  DECISIONS,
  EFFECTIVITIES,
  FIELDS,
  KINDS,
  OBJECT_STATES,
  OBJECTS,
  SHIPPED,
  STATES,
  STEPS,
  TASKS,
  WORDS,
} from "./words.ts";

const BACK = ["/registers/changes", WORDS.title] as const;

export default function ChangeScreen({ number }: { readonly number: string }): ReactNode {
  const query = useQuery({ queryKey: ["change", number], queryFn: () => getChange(number) });
  return (
    <AnsweredPage query={query} title={number} back={BACK}>
      {(change) => <Shown change={change} />}
    </AnsweredPage>
  );
}

interface Of {
  readonly change: Change;
}

function Shown({ change }: Of): ReactNode {
  const textIn = useTextIn();
  return (
    <div className="page">
      <PageHead
        title={`${change.number} · ${change.title}`}
        above={<Back to={BACK} />}
        aside={<Said looks={STATES} code={change.status} />}
      >
        <FactList
          facts={[
            [WORDS.kind, textIn(wordsOf(KINDS, change.kind))],
            [WORDS.class, change.class === null ? null : textIn(wordsOf(CLASSES, change.class))],
            [WORDS.reason, change.reason],
            [WORDS.who, <By key="who" people={change.people} who={change.requested_by} />],
            [WORDS.from, change.effective_from],
            [WORDS.round, change.round > 1 ? String(change.round) : null],
          ]}
        />
        <Link href={`/records/${change.process_instance_id}`} className="cell-link">
          {textIn(WORDS.record)}
        </Link>
      </PageHead>
      <Objects change={change} />
      <Effectivity change={change} />
      <Tasks change={change} />
      <Markets change={change} />
      <TemporaryAuthorisations change={change} />
      <Impacts change={change} />
      <Decisions change={change} />
    </div>
  );
}

/** A value of a record, as it would be read aloud. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

interface FieldRow {
  readonly object: Affected;
  readonly field: string;
  readonly old: string;
  readonly new: string;
}

function Objects({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const rows: readonly FieldRow[] = change.objects.flatMap((object) =>
    object.fields.length === 0
      ? [{ object, field: "—", old: "—", new: "—" }]
      : object.fields.map((each) => ({
          object,
          field: each.field,
          old: plain(each.old),
          new: plain(each.new),
        })),
  );
  const columns: readonly Column<FieldRow>[] = [
    {
      head: WORDS.object,
      cell: ({ object }) => <Named name={object.key} number={textIn(wordsOf(OBJECTS, object.kind))} />,
    },
    { head: WORDS.field, cell: ({ field }) => textIn(wordsOf(FIELDS, field)) },
    { head: WORDS.old, cell: (row) => row.old },
    { head: WORDS.new, cell: (row) => <strong>{row.new}</strong> },
    {
      head: WORDS.status,
      cell: ({ object }) => (
        <Stacked
          parts={[
            <Said key="state" looks={OBJECT_STATES} code={object.state} />,
            object.version === null ? null : (
              <Aside key="version">{textIn(filled(WORDS.version, { version: object.version }))}</Aside>
            ),
          ]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.objects}
      none={WORDS.no_objects}
      columns={columns}
      rows={rows}
      keyOf={({ object, field }) => `${object.kind} ${object.key} ${field}`}
    />
  );
}

function Effectivity({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const found = change.effectivity;
  return (
    <Section id={`${id}-effectivity`} title={WORDS.effectivity}>
      {found === null ? (
        <p className="soft">{textIn(WORDS.no_effectivity)}</p>
      ) : (
        <div className="panel">
          <FactList
            facts={[
              [WORDS.how, textIn(wordsOf(EFFECTIVITIES, found.kind))],
              [WORDS.from, found.effective_from],
              [WORDS.first, found.from_number],
              [WORDS.stock, found.stock],
              [WORDS.wip, found.wip],
              [WORDS.orders, found.open_orders],
              [WORDS.shipped, textIn(wordsOf(SHIPPED, found.shipped))],
              [WORDS.interchangeable, textIn(found.interchangeable ? WORDS.yes : WORDS.no)],
              [WORDS.owner, found.owner_role],
            ]}
          />
        </div>
      )}
    </Section>
  );
}

function Tasks({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Task>[] = [
    { head: WORDS.task, cell: ({ description }) => description },
    { head: WORDS.owner, cell: ({ owner_role }) => owner_role },
    { head: WORDS.due, kind: "number", cell: ({ due_on }) => due_on },
    { head: WORDS.status, cell: ({ state }) => <Said looks={TASKS} code={state} /> },
    {
      head: WORDS.evidence,
      cell: ({ evidence, evidence_wanted, result }) =>
        evidence === null ? (
          <span className="soft">{textIn(filled(WORDS.wanted, { evidence: evidence_wanted }))}</span>
        ) : (
          <Stacked parts={[evidence, result]} />
        ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.tasks}
      columns={columns}
      rows={change.tasks}
      keyOf={({ number }) => String(number)}
    />
  );
}

function Markets({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Market>[] = [
    { head: WORDS.market, cell: ({ names }) => <strong>{textIn(names)}</strong> },
    { head: WORDS.outcome, cell: ({ outcome_names }) => textIn(outcome_names) },
    {
      head: WORDS.approval,
      cell: ({ approval_needed, answer, submission, reference }) => {
        if (!approval_needed) return <span className="soft">{textIn(WORDS.not_needed)}</span>;
        return (
          <Stacked
            parts={[
              answer === null ? (
                <Badge key="awaited" tone="warn" icon="clock">
                  {textIn(WORDS.awaited)}
                </Badge>
              ) : (
                <Said key="answer" looks={ANSWERS} code={answer} />
              ),
              reference ?? submission,
            ]}
          />
        );
      },
    },
  ];
  return (
    <LedgerSection
      title={WORDS.markets}
      columns={columns}
      rows={change.markets}
      keyOf={({ market }) => market}
    />
  );
}

function TemporaryAuthorisations({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Temporary>[] = [
    { head: WORDS.item, cell: ({ item_number }) => item_number },
    {
      head: WORDS.lots,
      cell: ({ lots, quantity }) => (
        <Stacked parts={[lots.length === 0 ? textIn(WORDS.every_lot) : lots.join(", "), quantity]} />
      ),
    },
    {
      head: WORDS.until,
      kind: "number",
      cell: ({ valid_until, ended_at }) => (
        <Stacked
          parts={[<At key="until" time={valid_until} />, ended_at === null ? null : textIn(WORDS.ended)]}
        />
      ),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.temporary}
      columns={columns}
      rows={change.temporary}
      keyOf={({ renewal }) => String(renewal)}
    />
  );
}

function Impacts({ change }: Of): ReactNode {
  const columns: readonly Column<Impact>[] = [
    { head: WORDS.role, cell: ({ role }) => role },
    { head: WORDS.answer, cell: ({ answer }) => <Said looks={ANSWERS} code={answer} /> },
    { head: WORDS.because, cell: ({ reason, action }) => <Stacked parts={[reason, action]} /> },
  ];
  return (
    <LedgerSection title={WORDS.impacts} columns={columns} rows={change.impacts} keyOf={({ role }) => role} />
  );
}

function Decisions({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Decision>[] = [
    { head: WORDS.step, cell: ({ step }) => textIn(wordsOf(STEPS, step)) },
    {
      head: WORDS.decision,
      cell: ({ decision, reason }) => <Stacked parts={[textIn(wordsOf(DECISIONS, decision)), reason]} />,
    },
    { head: WORDS.role, cell: ({ role }) => role },
    { head: WORDS.by, cell: ({ by }) => <By people={change.people} who={by} /> },
    {
      head: WORDS.signed,
      cell: ({ signed, signed_names }) => (signed_names === null ? (signed ?? "—") : textIn(signed_names)),
    },
  ];
  return (
    <LedgerSection
      title={WORDS.decisions}
      columns={columns}
      rows={change.decisions}
      keyOf={({ step, role, by }, index) => `${step} ${role} ${by} ${index}`}
    />
  );
}

/** One change: its objects with old and new, from when it counts, its tasks, and who decided what. */
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
} from "../registers/parts.tsx";
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
            [WORDS.kind, textIn(KINDS[change.kind] ?? same(change.kind))],
            [WORDS.class, change.class === null ? null : textIn(CLASSES[change.class] ?? same(change.class))],
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
  const id = useId();
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
      cell: ({ object }) => (
        <Named name={object.key} number={textIn(OBJECTS[object.kind] ?? same(object.kind))} />
      ),
    },
    { head: WORDS.field, cell: ({ field }) => field },
    { head: WORDS.old, cell: (row) => row.old },
    { head: WORDS.new, cell: (row) => <strong>{row.new}</strong> },
    {
      head: WORDS.status,
      cell: ({ object }) => (
        <Stacked
          parts={[
            <Said key="state" looks={OBJECT_STATES} code={object.state} />,
            object.version === null ? null : (
              <span key="version" className="soft small">
                {textIn(filled(WORDS.version, { version: object.version }))}
              </span>
            ),
          ]}
        />
      ),
    },
  ];
  return (
    <Section id={`${id}-objects`} title={WORDS.objects}>
      {rows.length === 0 ? (
        <p className="soft">{textIn(WORDS.no_objects)}</p>
      ) : (
        <Ledger
          columns={columns}
          rows={rows}
          keyOf={({ object, field }) => `${object.kind} ${object.key} ${field}`}
          label={textIn(WORDS.objects)}
        />
      )}
    </Section>
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
              [WORDS.how, textIn(EFFECTIVITIES[found.kind] ?? same(found.kind))],
              [WORDS.from, found.effective_from],
              [WORDS.first, found.from_number],
              [WORDS.stock, found.stock],
              [WORDS.wip, found.wip],
              [WORDS.orders, found.open_orders],
              [WORDS.shipped, textIn(SHIPPED[found.shipped] ?? same(found.shipped))],
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
  const id = useId();
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
  if (change.tasks.length === 0) return null;
  return (
    <Section id={`${id}-tasks`} title={WORDS.tasks}>
      <Ledger
        columns={columns}
        rows={change.tasks}
        keyOf={({ number }) => String(number)}
        label={textIn(WORDS.tasks)}
      />
    </Section>
  );
}

function Markets({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const columns: readonly Column<Market>[] = [
    { head: WORDS.market, cell: ({ market }) => <strong>{market}</strong> },
    { head: WORDS.outcome, cell: ({ outcome }) => <code>{outcome}</code> },
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
  if (change.markets.length === 0) return null;
  return (
    <Section id={`${id}-markets`} title={WORDS.markets}>
      <Ledger columns={columns} rows={change.markets} keyOf={({ market }) => market} />
    </Section>
  );
}

function TemporaryAuthorisations({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
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
          parts={[shortTime(valid_until, user.zone), ended_at === null ? null : textIn(WORDS.ended)]}
        />
      ),
    },
  ];
  if (change.temporary.length === 0) return null;
  return (
    <Section id={`${id}-temporary`} title={WORDS.temporary}>
      <Ledger columns={columns} rows={change.temporary} keyOf={({ renewal }) => String(renewal)} />
    </Section>
  );
}

function Impacts({ change }: Of): ReactNode {
  const id = useId();
  const columns: readonly Column<Impact>[] = [
    { head: WORDS.role, cell: ({ role }) => role },
    { head: WORDS.answer, cell: ({ answer }) => <Said looks={ANSWERS} code={answer} /> },
    { head: WORDS.because, cell: ({ reason, action }) => <Stacked parts={[reason, action]} /> },
  ];
  if (change.impacts.length === 0) return null;
  return (
    <Section id={`${id}-impacts`} title={WORDS.impacts}>
      <Ledger columns={columns} rows={change.impacts} keyOf={({ role }) => role} />
    </Section>
  );
}

function Decisions({ change }: Of): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const columns: readonly Column<Decision>[] = [
    { head: WORDS.step, cell: ({ step }) => textIn(STEPS[step] ?? same(step)) },
    {
      head: WORDS.decision,
      cell: ({ decision, reason }) => (
        <Stacked parts={[textIn(DECISIONS[decision] ?? same(decision)), reason]} />
      ),
    },
    { head: WORDS.role, cell: ({ role }) => role },
    { head: WORDS.by, cell: ({ by }) => <By people={change.people} who={by} /> },
    { head: WORDS.signed, cell: ({ signed }) => signed ?? "—" },
  ];
  if (change.decisions.length === 0) return null;
  return (
    <Section id={`${id}-decisions`} title={WORDS.decisions}>
      <Ledger
        columns={columns}
        rows={change.decisions}
        keyOf={({ step, role, by }, index) => `${step} ${role} ${by} ${index}`}
      />
    </Section>
  );
}

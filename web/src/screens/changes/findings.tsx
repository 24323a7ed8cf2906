/**
 * Gaps and doubles in master data that the roles of who looks own: given to somebody, or closed with a reason.
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

import { Notice, PageHead, Segments } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";
import { useAsking } from "../registers/asking.ts";
import { AskDialog, Became } from "../registers/dialog.tsx";
import {
  Answered,
  Back,
  type Column,
  Empty,
  filled,
  Ledger,
  Named,
  Said,
  same,
  Stacked,
} from "../registers/parts.tsx";
import { counted, type Finding, type Findings, getFindings } from "./wire.ts";
import { FINDING_WORDS as WORDS, OBJECTS, SEVERITIES, WORDS as CHANGE_WORDS } from "./words.ts";

/** Roles that may have the checks run and findings worked off; the server decides, this only hides the doors. */
const MAY_RUN = ["QE", "QA", "ADM"];
const MAY_WORK = ["QE", "QA", "ENG", "SQE", "WHL"];

interface Opened {
  readonly finding: Finding;
  readonly to: "give" | "decide";
}

export default function FindingsScreen(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const query = useQuery({ queryKey: ["findings"], queryFn: getFindings });
  const [opened, setOpened] = useState<Opened | null>(null);
  const mayWork = MAY_WORK.some((role) => user.roles.includes(role));
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back to={["/registers", CHANGE_WORDS.registers]} />}>
        <p className="soft">{textIn(WORDS.help)}</p>
      </PageHead>
      {MAY_RUN.some((role) => user.roles.includes(role)) ? <Run /> : null}
      <Answered query={query}>
        {(findings) =>
          findings.items.length === 0 ? (
            <Empty text={WORDS.none} />
          ) : (
            <List findings={findings} onOpen={mayWork ? setOpened : null} />
          )
        }
      </Answered>
      {opened?.to === "give" && query.data ? (
        <Give
          finding={opened.finding}
          owners={query.data.owners[opened.finding.owner_role] ?? []}
          onClose={() => setOpened(null)}
        />
      ) : null}
      {opened?.to === "decide" ? <Decide finding={opened.finding} onClose={() => setOpened(null)} /> : null}
    </div>
  );
}

function Run(): ReactNode {
  const textIn = useTextIn();
  const [asked, ask] = useAsking();
  const found = asked.kind === "accepted" ? counted(asked.result, "") : null;
  return (
    <>
      <p>
        <button
          type="button"
          className="button"
          disabled={asked.kind === "busy"}
          onClick={() => void ask({ name: "run-data-quality-checks", fields: {}, about: WORDS.run })}
        >
          {textIn(WORDS.run)}
        </button>
      </p>
      <Became asked={asked} />
      {found === null ? null : (
        <Notice tone="good" live="status">
          <p>
            {textIn(filled(WORDS.ran, { checked: found.objects_checked, new: found.new, gone: found.gone }))}
          </p>
        </Notice>
      )}
    </>
  );
}

function List(props: {
  readonly findings: Findings;
  readonly onOpen: ((opened: Opened) => void) | null;
}): ReactNode {
  const textIn = useTextIn();
  const nameOf = (finding: Finding): string => {
    const known = props.findings.owners[finding.owner_role]?.find(
      ({ username }) => username === finding.assigned_to,
    );
    return known ? textIn(known.name) : (finding.assigned_to ?? "");
  };
  const columns: readonly Column<Finding>[] = [
    {
      head: WORDS.finding,
      cell: (finding) => (
        <Stacked
          parts={[
            <strong key="name">{textIn(finding.names)}</strong>,
            <span key="detail" className="soft small">
              {detail(finding)}
            </span>,
          ]}
        />
      ),
    },
    {
      head: WORDS.object,
      cell: ({ kind, key }) => <Named name={key} number={textIn(OBJECTS[kind] ?? same(kind))} />,
    },
    { head: WORDS.severity, cell: ({ severity }) => <Said looks={SEVERITIES} code={severity} /> },
    { head: WORDS.owner, cell: ({ owner_role }) => owner_role },
    {
      head: WORDS.status,
      cell: (finding) =>
        finding.assigned_to === null ? (
          "—"
        ) : (
          <Stacked
            parts={[
              textIn(filled(WORDS.assigned, { name: nameOf(finding) })),
              finding.due_on === null ? null : (
                <span key="due" className="number small">
                  {textIn(filled(WORDS.due, { day: finding.due_on }))}
                </span>
              ),
            ]}
          />
        ),
    },
  ];
  const open = props.onOpen;
  const working: readonly Column<Finding>[] =
    open === null
      ? []
      : [
          {
            head: WORDS.work,
            cell: (finding) => (
              <span className="row">
                <button type="button" className="button" onClick={() => open({ finding, to: "give" })}>
                  {textIn(WORDS.give)}
                  <span className="visually-hidden"> {finding.key}</span>
                </button>
                <button type="button" className="button" onClick={() => open({ finding, to: "decide" })}>
                  {textIn(WORDS.decide)}
                  <span className="visually-hidden"> {finding.key}</span>
                </button>
              </span>
            ),
          },
        ];
  return (
    <Ledger
      columns={[...columns, ...working]}
      rows={props.findings.items}
      keyOf={({ finding_id }) => finding_id}
    />
  );
}

/** What the rule adds: which field is missing, which records are the same. */
function detail(finding: Finding): string {
  return Object.values(finding.detail)
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value) => typeof value === "string" || typeof value === "number")
    .join(" · ");
}

interface Working {
  readonly finding: Finding;
  readonly onClose: () => void;
}

function Give(props: Working & { readonly owners: Findings["owners"][string] }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { finding, owners, onClose } = props;
  const [assignee, setAssignee] = useState(finding.assigned_to ?? owners[0]?.username ?? "");
  const [until, setUntil] = useState(finding.due_on ?? "");
  const [asked, ask] = useAsking();
  const send = async (): Promise<void> => {
    const given = {
      finding_id: finding.finding_id,
      revision: finding.revision,
      assignee,
      due_on: until === "" ? null : until,
    };
    const about = filled({ en: "Assign: {key}", zh: "分派：{key}" }, { key: finding.key });
    if (await ask({ name: "assign-finding", fields: given, about })) onClose();
  };
  return (
    <AskDialog
      title={textIn(WORDS.give_title)}
      action={WORDS.give}
      asked={asked}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <p>
        <strong>{textIn(finding.names)}</strong> {finding.key}
      </p>
      <div className="field">
        <label htmlFor={`${id}-to`}>{textIn(WORDS.to)}</label>
        <select
          id={`${id}-to`}
          className="input"
          required
          value={assignee}
          onChange={(event) => setAssignee(event.target.value)}
        >
          {owners.map(({ username, name }) => (
            <option key={username} value={username}>
              {textIn(name)}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-until`}>{textIn(WORDS.until)}</label>
        <input
          id={`${id}-until`}
          className="input"
          type="date"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      </div>
    </AskDialog>
  );
}

type Resolution = "corrected" | "accepted";

function Decide({ finding, onClose }: Working): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [resolution, setResolution] = useState<Resolution>("corrected");
  const [why, setWhy] = useState("");
  const [asked, ask] = useAsking();
  const send = async (): Promise<void> => {
    const { finding_id, revision } = finding;
    const about = filled({ en: "Close: {key}", zh: "关闭：{key}" }, { key: finding.key });
    const fields = { finding_id, revision, resolution, why: why.trim() };
    if (await ask({ name: "resolve-finding", fields, about })) onClose();
  };
  return (
    <AskDialog
      title={textIn(WORDS.decide_title)}
      action={WORDS.decide}
      asked={asked}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <p>
        <strong>{textIn(finding.names)}</strong> {finding.key}
      </p>
      <Segments<Resolution>
        name={`${id}-resolution`}
        legend={textIn(WORDS.decision)}
        value={resolution}
        onChange={setResolution}
        options={[
          ["corrected", textIn(WORDS.corrected)],
          ["accepted", textIn(WORDS.accepted)],
        ]}
      />
      <p className="small soft">
        {textIn(resolution === "corrected" ? WORDS.corrected_help : WORDS.accepted_help)}
      </p>
      <div className="field">
        <label htmlFor={`${id}-why`}>{textIn(WORDS.why)}</label>
        <textarea
          id={`${id}-why`}
          className="input"
          rows={3}
          required
          maxLength={2000}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
      </div>
    </AskDialog>
  );
}

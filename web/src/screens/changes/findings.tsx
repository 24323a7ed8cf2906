/**
 * Gaps and doubles in master data that the roles of who looks own: given to somebody, or closed with a reason.
 */
import { type ReactNode, useId, useState } from "react";

import type { Text } from "../../api/shapes.ts";
import { Notice, PageHead, Segments } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";
import { useAsking } from "../registers/asking.ts";
import { AskDialog, Became, Why } from "../registers/dialog.tsx";
import { Aside, Named, Said, Stacked } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { filled, wordsOf } from "../registers/words.ts";
import { counted, type Finding, type Findings, getFindings } from "./wire.ts";
import { FIELDS, FINDING_WORDS as WORDS, OBJECTS, SEVERITIES } from "./words.ts";

/** Roles that may have the checks run and findings worked off; the server decides, this only hides the doors. */
const MAY_RUN = ["QE", "QA", "ADM"];
const MAY_WORK = ["QE", "QA", "ENG", "SQE", "WHL"];

type Owners = Findings["owners"];

/** Who may be given a finding, by role, in all the pages that were asked for. */
function ownersIn(pages: readonly Findings[]): Owners {
  return Object.assign({}, ...pages.map(({ owners }) => owners)) as Owners;
}

interface Opened {
  readonly finding: Finding;
  readonly to: "give" | "decide";
}

export default function FindingsScreen(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const query = usePages(["findings"], getFindings);
  const [opened, setOpened] = useState<Opened | null>(null);
  const mayWork = MAY_WORK.some((role) => user.roles.includes(role));
  const nameOf = (finding: Finding, owners: Owners): string => {
    const known = owners[finding.owner_role]?.find(({ username }) => username === finding.assigned_to);
    return known ? textIn(known.name) : (finding.assigned_to ?? "");
  };
  const shown = (owners: Owners): readonly Column<Finding>[] => [
    {
      head: WORDS.finding,
      cell: (finding) => (
        <Stacked
          parts={[
            <strong key="name">{textIn(finding.names)}</strong>,
            <Aside key="detail">{detail(finding, textIn)}</Aside>,
          ]}
        />
      ),
    },
    {
      head: WORDS.object,
      cell: ({ kind, key }) => <Named name={key} number={textIn(wordsOf(OBJECTS, kind))} />,
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
              textIn(filled(WORDS.assigned, { name: nameOf(finding, owners) })),
              finding.due_on === null ? null : (
                <Aside key="due">{textIn(filled(WORDS.due, { day: finding.due_on }))}</Aside>
              ),
            ]}
          />
        ),
    },
  ];
  const work: readonly Column<Finding>[] = [
    {
      head: WORDS.work,
      cell: (finding) => (
        <span className="row">
          {(["give", "decide"] as const).map((to) => (
            <button key={to} type="button" className="button" onClick={() => setOpened({ finding, to })}>
              {textIn(WORDS[to])}
              <span className="visually-hidden"> {finding.key}</span>
            </button>
          ))}
        </span>
      ),
    },
  ];
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />}>
        <p className="soft">{textIn(WORDS.help)}</p>
      </PageHead>
      {MAY_RUN.some((role) => user.roles.includes(role)) ? <Run /> : null}
      <Paged
        query={query}
        columns={(pages) => [...shown(ownersIn(pages)), ...(mayWork ? work : [])]}
        keyOf={({ finding_id }) => finding_id}
        empty={WORDS.none}
      />
      {opened?.to === "give" ? (
        <Give
          finding={opened.finding}
          owners={ownersIn(query.data?.pages ?? [])[opened.finding.owner_role] ?? []}
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

/** What the rule adds: which field is missing, which records are the same. */
function detail(finding: Finding, textIn: (text: Text) => string): string {
  return Object.values(finding.detail)
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map((value) => textIn(wordsOf({ ...OBJECTS, ...FIELDS }, String(value))))
    .join(" · ");
}

interface Working {
  readonly finding: Finding;
  readonly onClose: () => void;
}

function Give(props: Working & { readonly owners: Owners[string] }): ReactNode {
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
      <Why value={why} onChange={setWhy} />
    </AskDialog>
  );
}

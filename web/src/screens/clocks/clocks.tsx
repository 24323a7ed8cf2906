/**
 * The clocks that the law counts and that my roles own, the soonest first. What is overdue is red and says so in
 * words. The words of this screen stay in it: few people open it, and the catalogues belong to the first load.
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { Link } from "wouter";

import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  nullable,
  object,
  type Of,
  oneOf,
  string,
  type Text,
  text,
} from "../../api/shapes.ts";
import { Badge, Notice, PageHead, Segments, Skeleton, type Tone } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { distance, fullTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";

const clock = object({
  clock_id: string,
  rule: string,
  names: text,
  source: string,
  authority: string,
  calendar: string,
  subject_kind: string,
  subject_number: string,
  process_instance_id: nullable(string),
  owner_role: string,
  started_at: string,
  start_evidence: string,
  state: oneOf("running", "warned", "breached", "elapsed", "stopped"),
  overdue: boolean,
  due_on: nullable(string),
  due_at: nullable(string),
  provisional: boolean,
  due_on_by_calendar: nullable(string),
});
type Clock = Of<typeof clock>;
const clocks = object({ items: array(clock), now: string });

const OVERSEERS = ["QA", "RA", "MR", "AUD"];
type Whose = "mine" | "all";

const WORDS = {
  title: { en: "Statutory clocks", zh: "法定时限" },
  help: {
    en: "What an authority counts. A clock stops when its step is done, with the proof of it.",
    zh: "由监管机构计算的时限。完成相应步骤并附证据后停止。",
  },
  whose: { en: "Whose clocks", zh: "范围" },
  mine: { en: "Mine", zh: "我的" },
  all: { en: "Everybody's", zh: "全部" },
  none: { en: "No clock is running.", zh: "没有进行中的时限。" },
  due: { en: "Due", zh: "到期" },
  gate: { en: "before the action", zh: "措施实施前" },
  what: { en: "What", zh: "事项" },
  record: { en: "Record", zh: "记录" },
  started: { en: "Started", zh: "起算" },
  owner: { en: "Owner", zh: "负责角色" },
  provisional: { en: "Provisional: the year's calendar is not published", zh: "暂定：该年放假安排尚未公布" },
  moved: { en: "By today's calendar it would be due on", zh: "按现行日历到期日应为" },
} as const satisfies Record<string, Text>;

const STATES: Readonly<Record<Clock["state"], readonly [Tone, Text]>> = {
  running: ["neutral", { en: "Running", zh: "进行中" }],
  warned: ["warn", { en: "Running out", zh: "即将到期" }],
  breached: ["bad", { en: "Overdue", zh: "已逾期" }],
  elapsed: ["good", { en: "Waiting time over", zh: "等待期满" }],
  stopped: ["good", { en: "Stopped", zh: "已停止" }],
};

export default function Clocks(): ReactNode {
  const textIn = useTextIn();
  const name = useId();
  const { user } = usePerson();
  const [whose, setWhose] = useState<Whose>("mine");
  const { data, error } = useQuery({
    queryKey: ["clocks", whose],
    queryFn: () => request(`/api/clocks?whose=${whose}`, clocks),
    refetchInterval: 60_000,
  });
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)}>
        <p className="soft">{textIn(WORDS.help)}</p>
      </PageHead>
      {OVERSEERS.some((role) => user.roles.includes(role)) ? (
        <div className="row">
          <Segments<Whose>
            name={name}
            legend={textIn(WORDS.whose)}
            value={whose}
            onChange={setWhose}
            options={[
              ["mine", textIn(WORDS.mine)],
              ["all", textIn(WORDS.all)],
            ]}
          />
        </div>
      ) : null}
      {error ? <Trouble error={error} /> : null}
      {!data && !error ? <Skeleton /> : null}
      {data?.items.length === 0 ? <Notice tone="good">{textIn(WORDS.none)}</Notice> : null}
      {data && data.items.length > 0 ? <ClockTable items={data.items} now={Date.parse(data.now)} /> : null}
    </div>
  );
}

function ClockTable(props: { readonly items: readonly Clock[]; readonly now: number }): ReactNode {
  const textIn = useTextIn();
  const heads = [WORDS.due, WORDS.what, WORDS.record, WORDS.started, WORDS.owner];
  return (
    <div className="table-scroll">
      <table className="ledger-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head.en} scope="col">
                {textIn(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.items.map((each) => (
            <ClockRow key={each.clock_id} clock={each} now={props.now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ClockRow(props: { readonly clock: Clock; readonly now: number }): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  const { user } = usePerson();
  const found = props.clock;
  const [tone, state] = STATES[found.state];
  return (
    <tr data-state={found.state}>
      <td data-label={textIn(WORDS.due)}>
        <span>
          <Badge tone={found.overdue ? "bad" : tone}>{textIn(state)}</Badge>{" "}
          <strong className="number">{found.due_on ?? textIn(WORDS.gate)}</strong>
          {found.due_at ? (
            <span className="small soft"> {distance(found.due_at, props.now, language)}</span>
          ) : null}
          {found.provisional ? <span className="small"> · {textIn(WORDS.provisional)}</span> : null}
          {found.due_on_by_calendar ? (
            <span className="small">
              {" "}
              · {textIn(WORDS.moved)} <span className="number">{found.due_on_by_calendar}</span>
            </span>
          ) : null}
        </span>
      </td>
      <td data-label={textIn(WORDS.what)}>
        <span>
          {textIn(found.names)}{" "}
          <span className="small soft">
            {found.rule} · {found.authority} · {found.calendar}
          </span>
        </span>
      </td>
      <td data-label={textIn(WORDS.record)}>
        {found.process_instance_id ? (
          <Link href={`/records/${found.process_instance_id}`}>{found.subject_number}</Link>
        ) : (
          found.subject_number
        )}
      </td>
      <td data-label={textIn(WORDS.started)}>
        <span>
          <span className="number">{fullTime(found.started_at, user.zone)}</span>{" "}
          <span className="small soft">{found.start_evidence}</span>
        </span>
      </td>
      <td data-label={textIn(WORDS.owner)}>{found.owner_role}</td>
    </tr>
  );
}

/**
 * The clocks that the law counts and that my roles own, the soonest first. What is overdue is red and says so in
 * words. The words of this screen stay in it: few people open it, and the catalogues belong to the first load.
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

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
import { PageHead, Segments } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { distance, fullTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Aside, type Looks, Named, Said, Stacked, To } from "../registers/cells.tsx";
import { type Column, Ledger } from "../registers/ledger.tsx";
import { Answered, Back, Empty } from "../registers/parts.tsx";

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

const STATES: Looks = {
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
  const query = useQuery({
    queryKey: ["clocks", whose],
    queryFn: () => request(`/api/clocks?whose=${whose}`, clocks),
    refetchInterval: 60_000,
  });
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />}>
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
      <Answered query={query}>
        {({ items, now }) =>
          items.length === 0 ? <Empty text={WORDS.none} /> : <List clocks={items} now={Date.parse(now)} />
        }
      </Answered>
    </div>
  );
}

function List(props: { readonly clocks: readonly Clock[]; readonly now: number }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const columns: readonly Column<Clock>[] = [
    { head: WORDS.due, cell: (clock) => <Due clock={clock} now={props.now} /> },
    {
      head: WORDS.what,
      cell: ({ names, rule, authority, calendar }) => (
        <Named name={textIn(names)} number={`${rule} · ${authority} · ${calendar}`} />
      ),
    },
    {
      head: WORDS.record,
      cell: ({ process_instance_id, subject_number }) =>
        process_instance_id ? (
          <To href={`/records/${process_instance_id}`}>{subject_number}</To>
        ) : (
          subject_number
        ),
    },
    {
      head: WORDS.started,
      cell: ({ started_at, start_evidence }) => (
        <Named name={fullTime(started_at, user.zone)} number={start_evidence} />
      ),
    },
    { head: WORDS.owner, cell: ({ owner_role }) => owner_role },
  ];
  return <Ledger columns={columns} rows={props.clocks} keyOf={({ clock_id }) => clock_id} />;
}

function Due({ clock, now }: { readonly clock: Clock; readonly now: number }): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  return (
    <Stacked
      parts={[
        <span key="on" className="row">
          <Said looks={STATES} code={clock.state} tone={clock.overdue ? "bad" : undefined} />
          <strong className="number whole">{clock.due_on ?? textIn(WORDS.gate)}</strong>
        </span>,
        clock.due_at === null ? null : <Aside key="in">{distance(clock.due_at, now, language)}</Aside>,
        clock.provisional ? <Aside key="provisional">{textIn(WORDS.provisional)}</Aside> : null,
        clock.due_on_by_calendar === null ? null : (
          <Aside key="moved">{`${textIn(WORDS.moved)} ${clock.due_on_by_calendar}`}</Aside>
        ),
      ]}
    />
  );
}

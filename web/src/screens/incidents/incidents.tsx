/** What failed and needs somebody: what happened, what to do, and the commands that settle it, with a reason. */
import { type ReactNode, useState } from "react";

import { array, integer, nullable, object, type Of, string, type Text, text } from "../../api/shapes.ts";
import { Badge, PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";
import { useAsking } from "../registers/asking.ts";
import { Aside, At, Stacked, To } from "../registers/cells.tsx";
import { AskDialog, Why } from "../registers/dialog.tsx";
import type { Column } from "../registers/ledger.tsx";
import { pageOf, Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { filled, same, wordsOf } from "../registers/words.ts";

const incident = object({
  incident_id: string,
  raised_at: string,
  process_instance_id: nullable(string),
  title: nullable(string),
  command: string,
  error: string,
  delivery: nullable(string),
  name: nullable(string),
  attempts: nullable(integer),
  retry_at: nullable(string),
  what_to_do: text,
  choices: array(string),
});
type Incident = Of<typeof incident>;
const incidents = object({ items: array(incident), next: nullable(string) });

const WORDS = {
  title: { en: "Incidents", zh: "系统异常" },
  none: { en: "Nothing is held up.", zh: "没有待处理的异常。" },
  what: { en: "What failed", zh: "异常内容" },
  about: { en: "About", zh: "所属记录" },
  state: { en: "State", zh: "状态" },
  tried: { en: "tries so far: {count}", zh: "已尝试 {count} 次" },
  again: { en: "Tried again", zh: "将自动重试" },
  waits: { en: "Waits for somebody", zh: "等待处理" },
  todo: { en: "What to do", zh: "处理方法" },
  settle: { en: "Settle", zh: "处理" },
  number: { en: "Incident {number}", zh: "异常编号 {number}" },
} as const satisfies Record<string, Text>;

const DELIVERIES: Readonly<Record<string, Text>> = {
  timer: { en: "Timer", zh: "定时器" },
  message: { en: "Message", zh: "消息" },
  signal: { en: "Signal", zh: "信号" },
};

/** The commands that settle an incident: what the button says, and what the dialog explains. */
const CHOICES: Readonly<Record<string, { readonly name: Text; readonly help: Text }>> = {
  "retry-delivery": {
    name: { en: "Retry now", zh: "立即重试" },
    help: {
      en: "It is carried out again now. Mend what failed first.",
      zh: "将立即重新执行，请先排除故障。",
    },
  },
  "skip-delivery": {
    name: { en: "Skip for good", zh: "跳过（不再执行）" },
    help: {
      en: "It will never be carried out. Who waits for it waits on.",
      zh: "将不再执行；等待它的步骤会继续等待。",
    },
  },
  "resolve-incident": {
    name: { en: "Close", zh: "关闭" },
    help: { en: "Say what was found and mended.", zh: "请说明原因及处理情况。" },
  },
};
const MAY_SETTLE = ["ADM"];

const getIncidents = (cursor: string | null) => pageOf("/api/incidents", incidents, cursor);

interface Settling {
  readonly incident: Incident;
  readonly choice: string;
}

export default function Incidents(): ReactNode {
  const textIn = useTextIn();
  const [settling, setSettling] = useState<Settling | null>(null);
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />} />
      <List onSettle={setSettling} />
      {settling === null ? null : (
        <Settle
          key={`${settling.incident.incident_id} ${settling.choice}`}
          settling={settling}
          onClose={() => setSettling(null)}
        />
      )}
    </div>
  );
}

function List(props: { readonly onSettle: (settling: Settling) => void }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const query = usePages(["incidents"], getIncidents);
  const maySettle = MAY_SETTLE.some((role) => user.roles.includes(role));
  const columns: readonly Column<Incident>[] = [
    {
      head: WORDS.what,
      cell: ({ delivery, name, command, error, incident_id, raised_at }) => (
        <Stacked
          parts={[
            <strong key="what">
              {delivery === null ? command : textIn(wordsOf(DELIVERIES, delivery))} {name ?? ""}
            </strong>,
            <span key="error" className="small">
              {error}
            </span>,
            <Aside key="number">
              <At time={raised_at} /> · {textIn(filled(WORDS.number, { number: incident_id.slice(-8) }))}
            </Aside>,
          ]}
        />
      ),
    },
    {
      head: WORDS.about,
      cell: ({ process_instance_id, title }) =>
        process_instance_id === null ? (
          "—"
        ) : (
          <To href={`/records/${process_instance_id}`}>{title ?? process_instance_id.slice(0, 8)}</To>
        ),
    },
    {
      head: WORDS.state,
      cell: ({ attempts, retry_at, delivery }) => (
        <Stacked
          parts={[
            delivery === null || retry_at === null ? (
              <Badge key="waits" tone="bad">
                {textIn(WORDS.waits)}
              </Badge>
            ) : (
              <Badge key="again" tone="warn">
                {textIn(WORDS.again)}
              </Badge>
            ),
            retry_at === null ? null : (
              <span key="at" className="small">
                <At time={retry_at} />
              </span>
            ),
            attempts === null ? null : (
              <Aside key="tried">{textIn(filled(WORDS.tried, { count: attempts }))}</Aside>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.todo,
      cell: (each) => (
        <Stacked
          parts={[
            textIn(each.what_to_do),
            maySettle ? (
              <span key="choices" className="row">
                {each.choices.map((choice) => (
                  <button
                    key={choice}
                    type="button"
                    className="button"
                    onClick={() => props.onSettle({ incident: each, choice })}
                  >
                    {textIn(CHOICES[choice]?.name ?? same(choice))}
                  </button>
                ))}
              </span>
            ) : null,
          ]}
        />
      ),
    },
  ];
  return (
    <Paged
      query={query}
      columns={() => columns}
      keyOf={({ incident_id }) => incident_id}
      empty={WORDS.none}
    />
  );
}

function Settle(props: { readonly settling: Settling; readonly onClose: () => void }): ReactNode {
  const textIn = useTextIn();
  const { incident: about, choice } = props.settling;
  const words = CHOICES[choice] ?? { name: same(choice), help: same("") };
  const [why, setWhy] = useState("");
  const [asked, ask] = useAsking();
  const send = async (): Promise<void> => {
    const fields = { incident_id: about.incident_id, why: why.trim() };
    if (await ask({ name: choice, fields, about: words.name })) props.onClose();
  };
  return (
    <AskDialog
      title={textIn(words.name)}
      action={words.name}
      asked={asked}
      onSubmit={() => void send()}
      onClose={props.onClose}
    >
      <p>
        <strong>{about.name ?? about.command}</strong> {about.error}
      </p>
      <p className="soft">{textIn(words.help)}</p>
      <Why value={why} onChange={setWhy} />
    </AskDialog>
  );
}

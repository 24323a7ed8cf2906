/**
 * Who does one's work while one is away, and whose work one does: on the account's page. The words of this part
 * stay in it, out of the first load.
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

import { request } from "../../api/client.ts";
import { array, boolean, object, type Of, string, type Text, text } from "../../api/shapes.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { useAsking } from "../registers/asking.ts";
import { AskDialog, Why } from "../registers/dialog.tsx";
import { Answered } from "../registers/parts.tsx";
import { filled } from "../registers/words.ts";

const delegation = object({
  delegation_id: string,
  role: string,
  given: boolean,
  from: text,
  to: text,
  starts_at: string,
  ends_at: string,
  reason: string,
  in_force: boolean,
  over: boolean,
});
const answer = object({
  delegations: array(delegation),
  people: array(object({ username: string, names: text, roles: array(string) })),
});
type Delegation = Of<typeof delegation>;
type People = Of<typeof answer>["people"];

const WORDS = {
  title: { en: "While you are away", zh: "离岗委托" },
  help: {
    en: "Have a colleague do the work of one of your roles for a time. They sign in their own name; the record says for whom.",
    zh: "可在一段时间内委托同事处理您某一角色的工作。受托人以本人名义签名，记录注明委托人。",
  },
  none: { en: "No delegation is in force.", zh: "没有生效中的委托。" },
  give: { en: "Delegate a role", zh: "委托角色" },
  end: { en: "End it", zh: "终止委托" },
  role: { en: "Role", zh: "角色" },
  person: { en: "To", zh: "受托人" },
  from: { en: "From", zh: "自" },
  until: { en: "Until the end of", zh: "至（含当日）" },
  to_other: { en: "{role}: {name} does your work", zh: "{role}：由{name}代理" },
  for_other: { en: "{role}: you do the work of {name}", zh: "{role}：您代理{name}" },
  period: { en: "{from} to {until}", zh: "{from} 至 {until}" },
  later: { en: "not yet begun", zh: "尚未开始" },
} as const satisfies Record<string, Text>;

export default function Delegations(): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [giving, setGiving] = useState(false);
  const query = useQuery({ queryKey: ["delegations"], queryFn: () => request("/api/delegations", answer) });
  return (
    <section className="section" aria-labelledby={`${id}-away`}>
      <h2 id={`${id}-away`}>{textIn(WORDS.title)}</h2>
      <p className="soft small">{textIn(WORDS.help)}</p>
      <Answered query={query}>
        {({ delegations, people }) => (
          <>
            <Listed delegations={delegations.filter((each) => !each.over)} />
            <p className="row">
              <button
                type="button"
                className="button"
                onClick={() => {
                  setGiving(true);
                }}
              >
                {textIn(WORDS.give)}
              </button>
            </p>
            {giving ? (
              <Give
                people={people}
                onClose={() => {
                  setGiving(false);
                }}
              />
            ) : null}
          </>
        )}
      </Answered>
    </section>
  );
}

function Listed({ delegations }: { readonly delegations: readonly Delegation[] }): ReactNode {
  const textIn = useTextIn();
  const [asked, ask] = useAsking();
  const { user } = usePerson();
  if (delegations.length === 0) return <p>{textIn(WORDS.none)}</p>;
  const end = (each: Delegation): void => {
    void ask({ name: "end-delegation", fields: { delegation_id: each.delegation_id }, about: WORDS.end });
  };
  return (
    <ul className="settings-delegations">
      {delegations.map((each) => (
        <li key={each.delegation_id} className="row">
          <span>
            <strong>
              {textIn(
                filled(each.given ? WORDS.to_other : WORDS.for_other, {
                  role: each.role,
                  name: textIn(each.given ? each.to : each.from),
                }),
              )}
            </strong>
            <br />
            <span className="small soft">
              {textIn(
                filled(WORDS.period, {
                  from: shortTime(each.starts_at, user.zone),
                  until: shortTime(each.ends_at, user.zone),
                }),
              )}
              {each.in_force ? null : ` · ${textIn(WORDS.later)}`} · {each.reason}
            </span>
          </span>
          <button
            type="button"
            className="button"
            disabled={asked.kind === "busy"}
            onClick={() => {
              end(each);
            }}
          >
            {textIn(WORDS.end)}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Give({ people, onClose }: { readonly people: People; readonly onClose: () => void }): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const [asked, ask] = useAsking();
  const [role, setRole] = useState(user.roles[0] ?? "");
  const able = people.filter((each) => !each.roles.includes(role));
  const [chosen, setChosen] = useState("");
  const to = able.some((each) => each.username === chosen) ? chosen : (able[0]?.username ?? "");
  const [from, setFrom] = useState(dayOf(new Date()));
  const [until, setUntil] = useState(dayOf(new Date(Date.now() + 7 * 86_400_000)));
  const [why, setWhy] = useState("");
  const send = async (): Promise<void> => {
    const ends = new Date(`${until}T00:00:00`);
    ends.setDate(ends.getDate() + 1);
    const fields = {
      role,
      to_username: to,
      starts_at: new Date(`${from}T00:00:00`).toISOString(),
      ends_at: ends.toISOString(),
      why: why.trim(),
    };
    if (await ask({ name: "delegate-role", fields, about: WORDS.give })) onClose();
  };
  return (
    <AskDialog
      title={textIn(WORDS.give)}
      action={WORDS.give}
      asked={asked}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <Choice label={textIn(WORDS.role)} value={role} change={setRole} id={`${id}-role`}>
        {user.roles.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Choice>
      <Choice label={textIn(WORDS.person)} value={to} change={setChosen} id={`${id}-to`}>
        {able.map((each) => (
          <option key={each.username} value={each.username}>
            {textIn(each.names)} ({each.username})
          </option>
        ))}
      </Choice>
      <Day label={textIn(WORDS.from)} value={from} change={setFrom} id={`${id}-from`} />
      <Day label={textIn(WORDS.until)} value={until} change={setUntil} id={`${id}-until`} />
      <Why value={why} onChange={setWhy} />
    </AskDialog>
  );
}

interface Field {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

function Choice({ id, label, value, change, children }: Field & { readonly children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        required
        value={value}
        onChange={(event) => {
          change(event.target.value);
        }}
      >
        {children}
      </select>
    </div>
  );
}

function Day({ id, label, value, change }: Field): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type="date"
        required
        value={value}
        onChange={(event) => {
          change(event.target.value);
        }}
      />
    </div>
  );
}

/** A day as the person's calendar has it. */
function dayOf(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

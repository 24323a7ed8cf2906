/**
 * Key figures: each with its value, what it is compared with, and what it means. Whether a target is met is said in
 * words; the colour only helps. Those that miss their target come first.
 */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { request } from "../../api/client.ts";
import {
  array,
  boolean,
  integer,
  nullable,
  object,
  type Of,
  oneOf,
  string,
  type Text,
  text,
} from "../../api/shapes.ts";
import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { fullTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Aside, type Looks, Said, Stacked } from "../registers/cells.tsx";
import { type Column, Ledger } from "../registers/ledger.tsx";
import { Answered, Back, Empty } from "../registers/parts.tsx";
import { filled, wordsOf } from "../registers/words.ts";

const figure = object({
  code: string,
  names: text,
  definition: text,
  unit: string,
  better: oneOf("less", "more"),
  value: nullable(string),
  beside: nullable(string),
  counted: integer,
  target: nullable(string),
  met: nullable(boolean),
  since: string,
  until: string,
});
type Figure = Of<typeof figure>;
const figures = object({ items: array(figure), now: string });

const WORDS = {
  title: { en: "Key figures", zh: "质量指标" },
  help: {
    en: "Read from the book now ({now}). Targets and periods are set in the document kpi_targets.",
    zh: "实时取自账册（{now}）。目标与统计期在 kpi_targets 文件中设定。",
  },
  none: { en: "The document kpi_targets names no figure.", zh: "kpi_targets 文件未设定任何指标。" },
  figure: { en: "Figure", zh: "指标" },
  value: { en: "Value", zh: "数值" },
  target: { en: "Target", zh: "目标" },
  rests: { en: "Rests on", zh: "统计依据" },
  most: { en: "at most {value}", zh: "不超过 {value}" },
  least: { en: "at least {value}", zh: "不低于 {value}" },
  ninety: { en: "90th percentile {value}", zh: "第 90 百分位 {value}" },
  records: { en: "{count} counted since {since}", zh: "自 {since} 起 {count} 条记录" },
  nothing: { en: "Nothing to count since {since}", zh: "自 {since} 起无记录" },
} as const satisfies Record<string, Text>;

const STATES: Looks = {
  met: ["good", { en: "On target", zh: "达标" }],
  missed: ["bad", { en: "Off target", zh: "未达标" }],
  watched: ["neutral", { en: "Trend only", zh: "仅看趋势" }],
  nothing: ["neutral", { en: "No data", zh: "无数据" }],
};

const UNITS: Readonly<Record<string, Text>> = {
  percent: { en: "{value} %", zh: "{value}%" },
  per_1000: { en: "{value} per 1,000", zh: "{value}‰" },
  wd: { en: "{value} working days", zh: "{value} 个工作日" },
  d: { en: "{value} days", zh: "{value} 天" },
  h: { en: "{value} h", zh: "{value} 小时" },
  min: { en: "{value} min", zh: "{value} 分钟" },
};

function stateOf({ value, met }: Figure): string {
  if (value === null) return "nothing";
  if (met === null) return "watched";
  return met ? "met" : "missed";
}

const ORDER = ["missed", "met", "watched", "nothing"];

export default function Kpis(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const query = useQuery({ queryKey: ["kpis"], queryFn: () => request("/api/kpis", figures) });
  const now = query.data === undefined ? "…" : fullTime(query.data.now, user.zone);
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />}>
        <p className="soft">{textIn(filled(WORDS.help, { now }))}</p>
      </PageHead>
      <Answered query={query}>
        {({ items }) => (items.length === 0 ? <Empty text={WORDS.none} /> : <List figures={items} />)}
      </Answered>
    </div>
  );
}

function List(props: { readonly figures: readonly Figure[] }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const inUnit = (value: string, unit: string): string => textIn(filled(wordsOf(UNITS, unit), { value }));
  const columns: readonly Column<Figure>[] = [
    {
      head: WORDS.figure,
      cell: ({ names, definition }) => (
        <Stacked
          parts={[
            <strong key="name">{textIn(names)}</strong>,
            <Aside key="means">{textIn(definition)}</Aside>,
          ]}
        />
      ),
    },
    {
      head: WORDS.value,
      cell: (shown) => (
        <Stacked
          parts={[
            <span key="value" className="row">
              <Said looks={STATES} code={stateOf(shown)} />
              {shown.value === null ? null : (
                <strong className="number whole">{inUnit(shown.value, shown.unit)}</strong>
              )}
            </span>,
            shown.beside === null ? null : (
              <Aside key="beside">
                {textIn(filled(WORDS.ninety, { value: inUnit(shown.beside, shown.unit) }))}
              </Aside>
            ),
          ]}
        />
      ),
    },
    {
      head: WORDS.target,
      cell: ({ target, better, unit }) =>
        target === null
          ? "—"
          : textIn(filled(better === "less" ? WORDS.most : WORDS.least, { value: inUnit(target, unit) })),
    },
    {
      head: WORDS.rests,
      cell: ({ counted, since }) => (
        <Stacked
          parts={[
            textIn(
              filled(counted === 0 ? WORDS.nothing : WORDS.records, {
                count: counted,
                since: fullTime(since, user.zone).slice(0, 10),
              }),
            ),
          ]}
        />
      ),
    },
  ];
  const rows = [...props.figures].sort(
    (one, other) => ORDER.indexOf(stateOf(one)) - ORDER.indexOf(stateOf(other)),
  );
  return <Ledger columns={columns} rows={rows} keyOf={({ code }) => code} label={textIn(WORDS.title)} />;
}

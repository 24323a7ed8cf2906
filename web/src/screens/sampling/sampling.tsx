/**
 * What a sampling plan accepts: the operating characteristic of normal and tightened inspection, drawn and as a
 * table that says the same. The words of this screen stay in it, out of the first load.
 */
import "./sampling.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

import { request } from "../../api/client.ts";
import { array, integer, nullable, object, type Of, string, type Text } from "../../api/shapes.ts";
import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { type Column, Ledger } from "../registers/ledger.tsx";
import { Answered, Back } from "../registers/parts.tsx";
import { same } from "../registers/words.ts";

const answer = object({
  curves: array(
    object({
      name: string,
      code_letter: nullable(string),
      n: integer,
      ac: integer,
      re: integer,
      limiting_quality: nullable(string),
      points: array(object({ p: string, pa: string })),
    }),
  ),
});
type Curve = Of<typeof answer>["curves"][number];

const WORDS = {
  title: { en: "What a sampling plan accepts", zh: "抽样方案的接收概率" },
  help: {
    en: "The operating characteristic: how likely a lot is accepted when a share of it is nonconforming.",
    zh: "抽检特性曲线（OC 曲线）：批中不合格品率与接收概率的关系。",
  },
  lot: { en: "Lot size", zh: "批量" },
  wrong: {
    en: "Enter the lot size as a whole number from 1 to 9999999.",
    zh: "请输入批量：1 至 9999999 的整数。",
  },
  aql: { en: "AQL", zh: "AQL" },
  normal: { en: "Normal", zh: "正常检验" },
  tightened: { en: "Tightened", zh: "加严检验" },
  share: { en: "Nonconforming", zh: "不合格品率" },
  chance: { en: "Probability of acceptance", zh: "接收概率" },
  limit: { en: "Accepted one time in ten at", zh: "接收概率为 10% 时的不合格品率" },
} as const satisfies Record<string, Text>;

const LIMITS = ["0.10", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5"];
const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 46;
const BOTTOM = 34;

export default function Sampling(): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [lot, setLot] = useState("1000");
  const [aql, setAql] = useState("1.0");
  const asked = /^[1-9]\d{0,6}$/.test(lot);
  const query = useQuery({
    queryKey: ["oc", lot, aql],
    queryFn: () => request(`/api/sampling/oc?lot_size=${lot}&aql=${aql}`, answer),
    enabled: asked,
    staleTime: Infinity,
  });
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />}>
        <p className="soft">{textIn(WORDS.help)}</p>
      </PageHead>
      <div className="row">
        <span className="row">
          <label htmlFor={`${id}-lot`}>{textIn(WORDS.lot)}</label>
          <input
            id={`${id}-lot`}
            className="input number oc-input"
            inputMode="numeric"
            value={lot}
            aria-invalid={!asked}
            aria-describedby={asked ? undefined : `${id}-wrong`}
            onChange={(event) => setLot(event.target.value.trim())}
          />
        </span>
        <span className="row">
          <label htmlFor={`${id}-aql`}>{textIn(WORDS.aql)}</label>
          <select
            id={`${id}-aql`}
            className="input oc-input"
            value={aql}
            onChange={(event) => setAql(event.target.value)}
          >
            {LIMITS.map((limit) => (
              <option key={limit}>{limit}</option>
            ))}
          </select>
        </span>
      </div>
      {asked ? (
        <Answered query={query}>{({ curves }) => <Characteristic curves={curves} />}</Answered>
      ) : (
        <p id={`${id}-wrong`} className="field-error" role="alert">
          {textIn(WORDS.wrong)}
        </p>
      )}
    </div>
  );
}

function Characteristic({ curves }: { readonly curves: readonly Curve[] }): ReactNode {
  const textIn = useTextIn();
  const named = (curve: Curve): string =>
    `${textIn(curve.name === "tightened" ? WORDS.tightened : WORDS.normal)} · ${curve.code_letter ?? ""} ${curve.n}/${curve.ac}`;
  const percent = (share: string): string => `${(Number(share) * 100).toFixed(1)} %`;
  const shares = (curves[0]?.points ?? []).map((_, at) => at);
  const columns: readonly Column<number>[] = [
    {
      head: WORDS.share,
      kind: "number",
      cell: (at) => <strong>{percent(curves[0]?.points[at]?.p ?? "0")}</strong>,
    },
    ...curves.map((curve) => ({
      head: same(named(curve)),
      kind: "number" as const,
      cell: (at: number) => curve.points[at]?.pa,
    })),
  ];
  return (
    <div className="oc">
      <figure>
        <Drawing curves={curves} label={textIn(WORDS.help)} />
        <figcaption>
          {curves.map((curve) => (
            <p key={curve.name} className="oc-key" data-curve={curve.name}>
              <strong>{named(curve)}</strong>{" "}
              {curve.limiting_quality ? (
                <span className="small">
                  {textIn(WORDS.limit)} <span className="number">{percent(curve.limiting_quality)}</span>
                </span>
              ) : null}
            </p>
          ))}
        </figcaption>
      </figure>
      <Ledger columns={columns} rows={shares} keyOf={(at) => String(at)} label={textIn(WORDS.chance)} />
    </div>
  );
}

/** The curves alone; whoever cannot see them reads the table beside. */
function Drawing({
  curves,
  label,
}: {
  readonly curves: readonly Curve[];
  readonly label: string;
}): ReactNode {
  const widest = Math.max(
    ...curves.map((curve) => Number(curve.points.find((p) => Number(p.pa) < 0.005)?.p ?? 0.3)),
  );
  const x = (share: number): number => LEFT + (share / widest) * (WIDTH - LEFT - 10);
  const y = (chance: number): number => 10 + (1 - chance) * (HEIGHT - BOTTOM - 10);
  const marks = [0, 0.25, 0.5, 0.75, 1];
  return (
    <svg className="oc-drawing" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {marks.map((mark) => (
        <g key={mark} className="oc-grid">
          <line x1={LEFT} x2={WIDTH - 10} y1={y(mark)} y2={y(mark)} />
          <text x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
            {mark.toFixed(2)}
          </text>
          <line x1={x(mark * widest)} x2={x(mark * widest)} y1={y(1)} y2={y(0)} />
          <text x={x(mark * widest)} y={HEIGHT - BOTTOM + 20} textAnchor={mark === 1 ? "end" : "middle"}>
            {(mark * widest * 100).toFixed(1)} %
          </text>
        </g>
      ))}
      {curves.map((curve) => (
        <polyline
          key={curve.name}
          className="oc-curve"
          data-curve={curve.name}
          points={curve.points
            .filter((point) => Number(point.p) <= widest)
            .map((point) => `${x(Number(point.p)).toFixed(1)},${y(Number(point.pa)).toFixed(1)}`)
            .join(" ")}
        />
      ))}
    </svg>
  );
}

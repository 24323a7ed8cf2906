/** Where every register is found: traces, orders, changes, nonconformities, field actions, and the rest. */
import "./registers.css";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { closedRegistersQuery } from "../../api/queries.ts";
import type { Text } from "../../api/shapes.ts";
import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { usePerson } from "../../session/signed_in.tsx";

const TITLE: Text = { en: "Registers", zh: "台账" };

interface Register {
  readonly path: string;
  readonly name: Text;
  readonly about: Text;
  /** Who may read it; everybody where nothing is said. The server decides, this only hides the door. */
  readonly roles?: readonly string[];
}

const REGISTERS: readonly Register[] = [
  {
    path: "/registers/trace",
    name: { en: "Trace", zh: "批次追溯" },
    about: {
      en: "What a lot went into, what went into it, where it lies and who was sent it.",
      zh: "批次的去向与来源、存放位置、发货对象和数量平衡。",
    },
  },
  {
    path: "/registers/field-actions",
    name: { en: "Field actions", zh: "召回与现场措施" },
    about: {
      en: "Recalls and exercises: consignees, accounts, clocks, reports.",
      zh: "召回与演练：收货单位、数量核对、时限与报告。",
    },
  },
  {
    path: "/registers/nonconformities",
    name: { en: "Nonconformities", zh: "不合格品" },
    about: {
      en: "What is open and how old it is; what was decided about each.",
      zh: "未关闭项目及龄期，各项的处置与关联案件。",
    },
  },
  {
    path: "/registers/purchase-orders",
    name: { en: "Purchase orders", zh: "采购订单" },
    about: {
      en: "Lines, receipts with their decisions, invoices, waivers.",
      zh: "订单行、收货与判定、发票、例外采购批准。",
    },
  },
  {
    path: "/registers/changes",
    name: { en: "Changes", zh: "变更" },
    about: {
      en: "What changes, from when, which tasks are open, who decided.",
      zh: "受影响对象、生效方式、任务与决定。",
    },
  },
  {
    path: "/registers/kpis",
    name: { en: "Key figures", zh: "质量指标" },
    about: {
      en: "What quality watches: value, target and what it rests on.",
      zh: "关注的质量指标：数值、目标与统计依据。",
    },
  },
  {
    path: "/registers/findings",
    name: { en: "Findings about master data", zh: "主数据检查结果" },
    about: {
      en: "Gaps and doubles that your roles own, to be worked off.",
      zh: "由您的角色负责的缺项与重复项。",
    },
  },
  {
    path: "/clocks",
    name: { en: "Statutory clocks", zh: "法定时限" },
    about: { en: "What an authority counts, the soonest first.", zh: "监管机构计算的时限，按到期先后排列。" },
  },
  {
    path: "/sampling",
    name: { en: "Sampling plans", zh: "抽样方案" },
    about: { en: "What a plan accepts, as a curve and a table.", zh: "抽样方案的接收概率曲线与数值。" },
  },
  {
    path: "/registers/incidents",
    name: { en: "Incidents", zh: "系统异常" },
    about: { en: "What failed and needs somebody: retry or skip.", zh: "待处理的系统异常：重试或跳过。" },
    roles: ["ADM", "QA", "AUD"],
  },
];

export default function Registers(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const { data } = useQuery(closedRegistersQuery);
  const isOpen = ({ path, roles }: Register): boolean =>
    (roles?.some((role) => user.roles.includes(role)) ?? true) &&
    !(data?.closed.some((name) => path === `/registers/${name}`) ?? false);
  const shown = REGISTERS.filter(isOpen);
  return (
    <div className="page">
      <PageHead title={textIn(TITLE)} />
      <ul className="registers">
        {shown.map(({ path, name, about }) => (
          <li key={path}>
            <Link href={path} className="register">
              <strong>{textIn(name)}</strong>
              <span className="soft">{textIn(about)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

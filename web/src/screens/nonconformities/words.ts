/** The words of the nonconformities' screens. */
import type { Text } from "../../api/shapes.ts";
import type { Looks } from "../registers/cells.tsx";

export const WORDS = {
  title: { en: "Nonconformities", zh: "不合格品" },
  none_open: { en: "No nonconformity is open.", zh: "没有未关闭的不合格品。" },
  none: { en: "There is no nonconformity.", zh: "暂无不合格品记录。" },
  which: { en: "Which", zh: "范围" },
  open: { en: "Open, by age", zh: "未关闭（按龄期）" },
  all: { en: "All", zh: "全部" },
  number: { en: "Number", zh: "编号" },
  what: { en: "What", zh: "不合格描述" },
  item: { en: "Item", zh: "物料" },
  status: { en: "Status", zh: "状态" },
  severity: { en: "Severity", zh: "严重度" },
  class: { en: "Class", zh: "等级" },
  age: { en: "Age", zh: "龄期" },
  days: { en: "{days} days", zh: "{days} 天" },
  listed: { en: "on the weekly list", zh: "列入周报" },
  managers: { en: "general manager informed", zh: "须报总经理" },
  stage: { en: "Found", zh: "发现环节" },
  requirement: { en: "Requirement", zh: "不满足的要求" },
  cause: { en: "Cause", zh: "原因" },
  source: { en: "Source", zh: "来源" },
  reported: { en: "Reported by", zh: "报告人" },
  aware: { en: "Aware since", zh: "获知时间" },
  risk: { en: "Risk", zh: "风险值" },
  lots: { en: "Lots in scope", zh: "涉及批次" },
  no_lots: { en: "The scope has not been decided yet.", zh: "尚未确定范围。" },
  lot: { en: "Lot", zh: "批次" },
  finding: { en: "Finding", zh: "结论" },
  affected: { en: "Affected", zh: "受影响数量" },
  evidence: { en: "Evidence", zh: "证据" },
  dispositions: { en: "Dispositions", zh: "处置" },
  no_dispositions: { en: "Nothing has been proposed yet.", zh: "尚未提出处置方案。" },
  disposition: { en: "Disposition", zh: "处置方式" },
  quantity: { en: "Quantity", zh: "数量" },
  done: { en: "Done", zh: "已完成" },
  reason: { en: "Reason", zh: "原因" },
  votes: { en: "Votes", zh: "评审表决" },
  role: { en: "Role", zh: "角色" },
  vote: { en: "Vote", zh: "意见" },
  who: { en: "Who", zh: "人员" },
  when: { en: "When", zh: "时间" },
  round: { en: "Round", zh: "轮次" },
  concessions: { en: "Concessions", zh: "让步放行" },
  concession: { en: "Concession", zh: "让步编号" },
  justification: { en: "Justification", zh: "理由" },
  until: { en: "Valid until", zh: "有效期至" },
  granted: { en: "Granted by", zh: "批准人" },
  linked: { en: "Linked cases", zh: "关联案件" },
  no_linked: { en: "It led to no other case.", zh: "没有关联案件。" },
  case: { en: "Case", zh: "案件" },
  cycles: { en: "Cycles", zh: "处理轮次" },
  cycle: { en: "Cycle {cycle}", zh: "第 {cycle} 轮" },
  record: { en: "Steps and signatures", zh: "步骤与签名" },
  opened: { en: "Opened", zh: "开启" },
  closed: { en: "Closed", zh: "关闭" },
} as const satisfies Record<string, Text>;

export const STATES: Looks = {
  open: ["warn", { en: "Open", zh: "未关闭" }],
  closed: ["good", { en: "Closed", zh: "已关闭" }],
  void: ["neutral", { en: "Void", zh: "不成立" }],
  cancelled: ["neutral", { en: "Cancelled", zh: "已取消" }],
  not_warranted: ["neutral", { en: "Not warranted", zh: "无需采取" }],
};

export const CLASSES: Looks = {
  CRITICAL: ["bad", { en: "Critical", zh: "严重" }],
  MAJOR: ["warn", { en: "Major", zh: "主要" }],
  MINOR: ["neutral", { en: "Minor", zh: "次要" }],
};

export const FINDINGS: Looks = {
  affected: ["bad", { en: "Affected", zh: "受影响" }],
  suspect: ["warn", { en: "Suspect", zh: "可疑" }],
  clear: ["good", { en: "Clear", zh: "排除" }],
};

export const SPLITS: Looks = {
  proposed: ["info", { en: "Proposed", zh: "已提出" }],
  approved: ["warn", { en: "Approved, to be done", zh: "已批准，待执行" }],
  done: ["good", { en: "Done", zh: "已完成" }],
  failed: ["bad", { en: "Failed", zh: "未能执行" }],
  withdrawn: ["neutral", { en: "Withdrawn", zh: "已撤回" }],
};

export const VOTES: Looks = {
  true: ["good", { en: "Agrees", zh: "同意" }],
  false: ["bad", { en: "Disagrees", zh: "不同意" }],
};

export const DISPOSITIONS: Readonly<Record<string, Text>> = {
  SCRAP: { en: "Scrap", zh: "报废" },
  RETURN: { en: "Return to supplier", zh: "退供应商" },
  REWORK: { en: "Rework", zh: "返工" },
  REPAIR: { en: "Repair", zh: "返修" },
  USE_AS_IS: { en: "Use as is", zh: "让步使用" },
  SORT: { en: "Sort", zh: "挑选" },
  SUPPLIER_REWORK: { en: "Rework at the supplier", zh: "供应商返工" },
  REGRADE: { en: "Regrade", zh: "降级" },
  RETAIN: { en: "Retain", zh: "留存" },
};

export const STAGES: Readonly<Record<string, Text>> = {
  incoming: { en: "Incoming", zh: "进货" },
  in_process: { en: "In process", zh: "过程" },
  final: { en: "Final", zh: "成品" },
  stock: { en: "Stock", zh: "库存" },
  return: { en: "Return", zh: "退货" },
  label: { en: "Label", zh: "标签" },
  software: { en: "Software", zh: "软件" },
  audit: { en: "Audit", zh: "审核" },
  supplier: { en: "Supplier", zh: "供应商" },
  other: { en: "Other", zh: "其他" },
};

/** The causes that an investigation chooses from (nonconformance/forms/investigation.json). */
export const CAUSES: Readonly<Record<string, Text>> = {
  man: { en: "People", zh: "人员" },
  machine: { en: "Machine", zh: "设备" },
  material: { en: "Material", zh: "材料" },
  method: { en: "Method", zh: "方法" },
  measurement: { en: "Measurement", zh: "测量" },
  environment: { en: "Environment", zh: "环境" },
  human_error: { en: "Human error", zh: "人为差错" },
  it: { en: "IT", zh: "信息系统" },
  supplier: { en: "Supplier", zh: "供应商" },
  design: { en: "Design", zh: "设计" },
  unknown: { en: "Not found", zh: "未查明" },
};

/** Cases by the name of their process: what they are called, and where their own screen is. */
export const CASES: Readonly<Record<string, readonly [Text, string | null]>> = {
  supplier_corrective_action: [{ en: "Supplier corrective action", zh: "供应商纠正措施" }, null],
  corrective_action: [{ en: "CAPA", zh: "纠正预防措施" }, null],
  change_control: [{ en: "Change", zh: "变更" }, "/registers/changes/"],
  recall: [{ en: "Field action", zh: "召回与现场措施" }, "/registers/field-actions/"],
};

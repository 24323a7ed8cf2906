/** The words of the field actions' screens. */
import type { Text } from "../../api/shapes.ts";
import type { Looks } from "../registers/cells.tsx";

export const WORDS = {
  title: { en: "Field actions", zh: "召回与现场措施" },
  none: {
    en: "There is no field action. One is opened with “Start”, by quality.",
    zh: "暂无召回或现场措施；由质量部在“发起”中建立。",
  },
  number: { en: "Number", zh: "编号" },
  what: { en: "What", zh: "事项" },
  status: { en: "Status", zh: "状态" },
  type: { en: "Kind", zh: "类型" },
  classes: { en: "Class", zh: "级别" },
  aware: { en: "Aware since", zh: "获知时间" },
  decided: { en: "Decided", zh: "决定时间" },
  closed: { en: "Closed", zh: "关闭时间" },
  mock: { en: "Exercise", zh: "模拟召回" },
  cycle: { en: "Cycle {cycle}, reopens {number}", zh: "第 {cycle} 轮，重启自 {number}" },
  record: { en: "Steps and signatures", zh: "步骤与签名" },
  china: { en: "China", zh: "中国" },
  fda: { en: "FDA", zh: "FDA" },
  eu: { en: "EU", zh: "欧盟" },
  in_region: { en: "{region}: {class}", zh: "{region}：{class}" },
  proposed: { en: "proposed", zh: "拟定" },
  assigned: { en: "by the authority", zh: "监管机构认定" },
  progress: { en: "Where it stands", zh: "进展" },
  notified: { en: "Notified", zh: "已通知" },
  answered: { en: "Answered", zh: "已回复" },
  accounted: { en: "Accounted for", zh: "数量已核对" },
  effective: { en: "Effective", zh: "措施有效" },
  target: { en: "target {percent} %", zh: "目标 {percent}%" },
  of: { en: "{part} of {whole}", zh: "{part} / {whole}" },
  clocks: { en: "Clocks", zh: "时限" },
  no_clocks: { en: "No clock runs.", zh: "没有时限。" },
  due: { en: "Due", zh: "到期" },
  gate: { en: "before the action", zh: "措施实施前" },
  tier: { en: "tier {tier}", zh: "第 {tier} 级" },
  and: { en: "; ", zh: "；" },
  consignees: { en: "Consignees", zh: "收货单位" },
  consignee: { en: "Consignee", zh: "收货单位" },
  show: { en: "Which consignees", zh: "筛选收货单位" },
  all: { en: "All {count}", zh: "全部 {count}" },
  to_reach: { en: "Not reached {count}", zh: "未通知到 {count}" },
  silent: { en: "Reached, no answer {count}", zh: "已通知未回复 {count}" },
  open_amounts: { en: "Answered, amounts open {count}", zh: "已回复数量未清 {count}" },
  nobody: { en: "Nobody in this list.", zh: "该列表为空。" },
  no_consignees: { en: "Nothing in reach was shipped.", zh: "涉及批次均未发货。" },
  contact: { en: "Contact", zh: "联系人" },
  reached: { en: "Reached", zh: "通知送达" },
  attempts: { en: "{count} attempts", zh: "已尝试 {count} 次" },
  not_tried: { en: "not tried yet", zh: "尚未通知" },
  check: { en: "Check", zh: "有效性核查" },
  letter: { en: "Letter {number}", zh: "通知函 {number}" },
  no_answer: { en: "No answer", zh: "未回复" },
  reconciliation: { en: "Reconciliation", zh: "数量核对" },
  lot: { en: "Lot", zh: "批次" },
  shipped: { en: "Shipped", zh: "发货" },
  became: { en: "What became of it", zh: "去向" },
  unexplained: { en: "Unexplained", zh: "未说明" },
  nothing_known: { en: "nothing known", zh: "情况不明" },
  lots: { en: "Lots in reach", zh: "涉及批次" },
  item: { en: "Item", zh: "物料" },
  lies: { en: "Still with us", zh: "库存" },
  nothing_lies: { en: "none", zh: "无" },
  extension: { en: "Added by extension {number}", zh: "第 {number} 次扩大范围" },
  first_shown: { en: "The first {shown} of {total} are shown.", zh: "共 {total} 个，仅显示前 {shown} 个。" },
  reports: { en: "Reports to authorities", zh: "监管报告" },
  no_reports: { en: "No report has been prepared.", zh: "尚无报告。" },
  report: { en: "Report", zh: "报告" },
  submitted: { en: "Submitted", zh: "提交" },
  not_submitted: { en: "not submitted", zh: "未提交" },
  missing: { en: "{count} fields without an answer", zh: "{count} 项待补充" },
  download: { en: "Download", zh: "下载" },
  pdf: { en: "PDF", zh: "PDF" },
  data: { en: "Data", zh: "数据" },
  rounds: { en: "Effectiveness checks", zh: "有效性核查" },
  no_rounds: { en: "No check has been drawn yet.", zh: "尚未抽取核查样本。" },
  round: { en: "Round {round}, level {level}", zh: "第 {round} 轮，{level} 级" },
  drawn: { en: "{asked} of {population} consignees drawn", zh: "从 {population} 家中抽取 {asked} 家" },
  checked: { en: "{checked} checked, {effective} effective", zh: "已核查 {checked} 家，有效 {effective} 家" },
  closure: { en: "What closure waits for", zh: "关闭条件" },
  ready: { en: "Everything that closure asks is there.", zh: "关闭条件均已满足。" },
  root_cause: { en: "The root cause", zh: "根本原因" },
  checks_missing: { en: "{count} effectiveness checks", zh: "{count} 项有效性核查" },
  not_disposed: { en: "What came back is not disposed of", zh: "退回产品尚未处置" },
  reports_open: { en: "Reports without a receipt", zh: "报告未取得回执" },
  share: { en: "{percent} % of {target} %", zh: "{percent}%（目标 {target}%）" },
} as const satisfies Record<string, Text>;

export const STATES: Looks = {
  assessing: ["info", { en: "Being assessed", zh: "评估中" }],
  decided: ["info", { en: "Decided", zh: "已决定" }],
  not_reported: ["neutral", { en: "Not reportable", zh: "无需报告" }],
  executing: ["warn", { en: "Under way", zh: "实施中" }],
  completed: ["info", { en: "Completed", zh: "已完成" }],
  closed: ["good", { en: "Closed", zh: "已关闭" }],
  cancelled: ["neutral", { en: "Cancelled", zh: "已取消" }],
};

export const TYPES: Readonly<Record<string, Text>> = {
  recall: { en: "Recall", zh: "召回" },
  correction: { en: "Correction", zh: "纠正" },
  fsca: { en: "Field safety corrective action", zh: "现场安全纠正措施" },
  market_withdrawal: { en: "Market withdrawal", zh: "撤出市场" },
  stock_recovery: { en: "Stock recovery", zh: "库存收回" },
  advisory_notice: { en: "Advisory notice", zh: "忠告性通知" },
  routine_servicing: { en: "Routine servicing", zh: "例行维修" },
  none: { en: "No action", zh: "不采取措施" },
};

export const CLASSES: Readonly<Record<string, Text>> = {
  I: { en: "I", zh: "一级" },
  II: { en: "II", zh: "二级" },
  III: { en: "III", zh: "三级" },
  unclassified: { en: "not classified", zh: "未定级" },
  fsca: { en: "FSCA", zh: "FSCA" },
  fsca_public_health_threat: { en: "FSCA, public health threat", zh: "FSCA（严重公共卫生威胁）" },
  field_action: { en: "field action", zh: "现场措施" },
  none: { en: "none", zh: "无" },
};

/** How far a consignee is, from nothing done to everything explained. */
export const PROGRESS: Looks = {
  to_notify: ["bad", { en: "Not reached", zh: "未通知到" }],
  notified: ["warn", { en: "No answer", zh: "未回复" }],
  answered: ["warn", { en: "Amounts open", zh: "数量未清" }],
  accounted: ["good", { en: "Accounted for", zh: "已核对" }],
};

export const CHANNELS: Readonly<Record<string, Text>> = {
  mail: { en: "e-mail", zh: "电子邮件" },
  letter: { en: "letter", zh: "信函" },
  phone: { en: "phone", zh: "电话" },
  portal: { en: "response page", zh: "回复页面" },
  visit: { en: "visit", zh: "上门" },
  hand: { en: "handed over", zh: "当面交付" },
};

export const CHECKS: Looks = {
  asked: ["info", { en: "To be checked", zh: "待核查" }],
  effective: ["good", { en: "Effective", zh: "有效" }],
  not_effective: ["bad", { en: "Not effective", zh: "无效" }],
};

export const CLOCK_STATES: Looks = {
  running: ["neutral", { en: "Running", zh: "进行中" }],
  warned: ["warn", { en: "Running out", zh: "即将到期" }],
  breached: ["bad", { en: "Overdue", zh: "已逾期" }],
  elapsed: ["good", { en: "Waiting time over", zh: "等待期满" }],
  stopped: ["good", { en: "Stopped", zh: "已停止" }],
};

/** The parts of an account; what is nothing is not shown. */
export const PARTS = {
  returned: { en: "returned", zh: "已退回" },
  used: { en: "used", zh: "已使用" },
  destroyed: { en: "destroyed", zh: "已销毁" },
  corrected: { en: "corrected", zh: "已纠正" },
  still_there: { en: "still there", zh: "仍在现场" },
  passed_on: { en: "passed on", zh: "已转售" },
} as const satisfies Record<string, Text>;

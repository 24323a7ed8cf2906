/** The words of the changes' screens and of the findings about master data. */
import type { Text } from "../../api/shapes.ts";
import type { Looks } from "../registers/cells.tsx";

export const WORDS = {
  title: { en: "Changes", zh: "变更" },
  none: {
    en: "There is no change. One is asked for under “Start”.",
    zh: "暂无变更；请在“发起”中提出变更申请。",
  },
  number: { en: "Number", zh: "编号" },
  what: { en: "What", zh: "变更内容" },
  status: { en: "Status", zh: "状态" },
  class: { en: "Class", zh: "等级" },
  kind: { en: "Kind", zh: "类型" },
  who: { en: "Asked by", zh: "申请人" },
  from: { en: "Effective", zh: "生效" },
  reason: { en: "Reason", zh: "变更原因" },
  because: { en: "Reason", zh: "理由" },
  round: { en: "Round of assessment", zh: "评估轮次" },
  record: { en: "Steps and signatures", zh: "步骤与签名" },
  objects: { en: "What it changes", zh: "受影响对象" },
  no_objects: { en: "No object has been named.", zh: "未指定对象。" },
  object: { en: "Object", zh: "对象" },
  field: { en: "Field", zh: "字段" },
  old: { en: "Old", zh: "原值" },
  new: { en: "New", zh: "新值" },
  version: { en: "version {version}", zh: "第 {version} 版" },
  effectivity: { en: "Effectivity", zh: "生效方式" },
  no_effectivity: { en: "Not planned yet.", zh: "尚未计划。" },
  how: { en: "How", zh: "方式" },
  first: { en: "From number", zh: "起始编号" },
  stock: { en: "Stock", zh: "库存" },
  wip: { en: "Work in progress", zh: "在制品" },
  orders: { en: "Open orders", zh: "未清订单" },
  shipped: { en: "Shipped", zh: "已发货" },
  interchangeable: { en: "Interchangeable", zh: "可互换" },
  yes: { en: "yes", zh: "是" },
  no: { en: "no", zh: "否" },
  owner: { en: "Owner", zh: "负责角色" },
  tasks: { en: "Tasks", zh: "任务" },
  task: { en: "Task", zh: "任务" },
  due: { en: "Due", zh: "到期" },
  evidence: { en: "Evidence", zh: "证据" },
  wanted: { en: "wanted: {evidence}", zh: "要求：{evidence}" },
  markets: { en: "Markets", zh: "市场" },
  market: { en: "Market", zh: "市场" },
  outcome: { en: "Decision", zh: "决定" },
  approval: { en: "Approval", zh: "批准" },
  not_needed: { en: "not needed", zh: "无需批准" },
  awaited: { en: "Awaited", zh: "等待批准" },
  impacts: { en: "Assessment", zh: "影响评估" },
  role: { en: "Role", zh: "角色" },
  answer: { en: "Answer", zh: "结论" },
  decisions: { en: "Decisions", zh: "决定" },
  step: { en: "Step", zh: "步骤" },
  decision: { en: "Decision", zh: "决定" },
  by: { en: "Who", zh: "人员" },
  signed: { en: "Signed as", zh: "签名含义" },
  temporary: { en: "Temporary authorisations", zh: "临时授权" },
  item: { en: "Item", zh: "物料" },
  lots: { en: "Lots", zh: "批次" },
  every_lot: { en: "every lot", zh: "所有批次" },
  until: { en: "Until", zh: "截止" },
  ended: { en: "ended", zh: "已终止" },
} as const satisfies Record<string, Text>;

export const STATES: Looks = {
  open: ["info", { en: "Being assessed", zh: "评估中" }],
  deferred: ["neutral", { en: "Deferred", zh: "已推迟" }],
  planned: ["info", { en: "Planned", zh: "已计划" }],
  released: ["warn", { en: "Released", zh: "已批准放行" }],
  effective: ["good", { en: "In force", zh: "已生效" }],
  temporary: ["warn", { en: "Temporary", zh: "临时有效" }],
  closed: ["good", { en: "Closed", zh: "已关闭" }],
  rejected: ["bad", { en: "Rejected", zh: "已否决" }],
  withdrawn: ["neutral", { en: "Withdrawn", zh: "已撤回" }],
  lapsed: ["neutral", { en: "Lapsed", zh: "已失效" }],
};

export const CLASSES: Readonly<Record<string, Text>> = {
  MAJOR: { en: "Major", zh: "重大" },
  MODERATE: { en: "Moderate", zh: "中等" },
  MINOR: { en: "Minor", zh: "轻微" },
  "MAJOR-CSV": { en: "Major, computerised system", zh: "重大（计算机化系统）" },
  "MINOR-CSV": { en: "Minor, computerised system", zh: "轻微（计算机化系统）" },
};

export const KINDS: Readonly<Record<string, Text>> = {
  permanent: { en: "Permanent", zh: "永久变更" },
  emergency: { en: "Emergency", zh: "紧急变更" },
  deviation: { en: "Deviation", zh: "临时偏离" },
};

export const OBJECTS: Readonly<Record<string, Text>> = {
  item: { en: "Item", zh: "物料" },
  item_revision: { en: "Item revision", zh: "物料版本" },
  bill_of_materials: { en: "Bill of materials", zh: "物料清单" },
  inspection_plan: { en: "Inspection plan", zh: "检验方案" },
  supplier: { en: "Supplier", zh: "供应商" },
  approved_supply: { en: "Approved supply", zh: "合格供方" },
  configuration: { en: "Configuration", zh: "配置" },
  definition: { en: "Process", zh: "流程" },
  document: { en: "Document", zh: "文件" },
  equipment: { en: "Equipment", zh: "设备" },
};

/** Fields of master data that changes and findings name; one that is not here is shown by its own name. */
export const FIELDS: Readonly<Record<string, Text>> = {
  revision: { en: "Revision", zh: "版本" },
  status: { en: "Status", zh: "状态" },
  manufacturer: { en: "Manufacturer", zh: "制造商" },
  catalogue_number: { en: "Catalogue number", zh: "目录号" },
  model: { en: "Model", zh: "型号" },
  name_en: { en: "Name (English)", zh: "英文名称" },
  name_zh: { en: "Name (Chinese)", zh: "中文名称" },
  shelf_life_months: { en: "Shelf life (months)", zh: "有效期限（月）" },
  storage_conditions: { en: "Storage conditions", zh: "储存条件" },
  expiry_required: { en: "Expiry required", zh: "有效期管理" },
  temperature_class: { en: "Temperature class", zh: "温度等级" },
  documents_required: { en: "Documents required", zh: "随货文件要求" },
  item_number: { en: "Item number", zh: "物料编号" },
  site: { en: "Site", zh: "地点" },
  country: { en: "Country", zh: "国家" },
  sterile: { en: "Sterile", zh: "无菌" },
  implant: { en: "Implant", zh: "植入" },
};

export const OBJECT_STATES: Looks = {
  proposed: ["neutral", { en: "Proposed", zh: "已提出" }],
  authorised: ["info", { en: "Authorised", zh: "已授权" }],
  applied: ["good", { en: "In force", zh: "已生效" }],
  dropped: ["neutral", { en: "Dropped", zh: "已放弃" }],
};

export const TASKS: Looks = {
  open: ["warn", { en: "Open", zh: "未完成" }],
  done: ["good", { en: "Done", zh: "已完成" }],
  failed: ["bad", { en: "Failed", zh: "未通过" }],
  dropped: ["neutral", { en: "Dropped", zh: "已取消" }],
};

export const ANSWERS: Looks = {
  no_impact: ["good", { en: "No impact", zh: "无影响" }],
  impact: ["warn", { en: "Impact", zh: "有影响" }],
  approved: ["good", { en: "Approved", zh: "已批准" }],
  refused: ["bad", { en: "Refused", zh: "未批准" }],
};

export const EFFECTIVITIES: Readonly<Record<string, Text>> = {
  immediate: { en: "at once", zh: "立即" },
  date: { en: "from a date", zh: "按日期" },
  lot: { en: "from a lot", zh: "按批次" },
  serial: { en: "from a serial number", zh: "按序列号" },
  use_up: { en: "when the old is used up", zh: "旧件用完后" },
  rework: { en: "after rework", zh: "返工后" },
  scrap: { en: "the old is scrapped", zh: "旧件报废" },
  mixed: { en: "old and new mixed", zh: "新旧混用" },
};

export const SHIPPED: Readonly<Record<string, Text>> = {
  none: { en: "nothing", zh: "不处理" },
  next_service: { en: "at the next service", zh: "下次维护时" },
  field_action: { en: "field action", zh: "召回或现场措施" },
};

export const STEPS: Readonly<Record<string, Text>> = {
  screening: { en: "Screening", zh: "初审" },
  board: { en: "Change board", zh: "变更委员会" },
  plan: { en: "Plan", zh: "计划" },
  verification: { en: "Verification", zh: "验证" },
  release: { en: "Release", zh: "放行" },
  effectiveness: { en: "Effectiveness", zh: "有效性" },
  class: { en: "Class", zh: "类别" },
  temporary: { en: "Temporary change", zh: "临时变更" },
  emergency_late: { en: "Emergency not approved in time", zh: "紧急变更逾期未批准" },
  first_article: { en: "First article", zh: "首件检验" },
  observation: { en: "Observation", zh: "观察期" },
  old_stock: { en: "Old stock", zh: "旧库存" },
};

export const DECISIONS: Readonly<Record<string, Text>> = {
  accept: { en: "accepted", zh: "受理" },
  approve: { en: "approves", zh: "同意" },
  approved: { en: "approved", zh: "批准" },
  reject: { en: "rejects", zh: "否决" },
  rejected: { en: "rejected", zh: "否决" },
  defer: { en: "deferred", zh: "推迟" },
  effective: { en: "effective", zh: "有效" },
  not_effective: { en: "not effective", zh: "无效" },
  approved_way: { en: "back to the approved way", zh: "恢复原批准状态" },
  stop: { en: "stopped", zh: "停止使用" },
  go_on: { en: "goes on until its day", zh: "继续使用至到期日" },
  passed: { en: "passed", zh: "合格" },
  failed: { en: "failed", zh: "不合格" },
  begun: { en: "begun", zh: "已开始" },
  extended: { en: "extended", zh: "已延长" },
  fewer_lots: { en: "checked with fewer lots", zh: "以较少批次评价" },
  lots_reached: { en: "enough lots", zh: "批数已够" },
  gone: { en: "used up", zh: "已用完" },
  back: { en: "come back", zh: "有退回" },
};

export const FINDING_WORDS = {
  title: { en: "Findings about master data", zh: "主数据检查结果" },
  help: {
    en: "Gaps and doubles that your roles own. A finding closes by itself when the next run no longer finds it.",
    zh: "由您的角色负责的缺项与重复项。下次检查不再发现时自动关闭。",
  },
  none: { en: "Nothing is open for your roles.", zh: "您的角色没有待处理项。" },
  run: { en: "Look again now", zh: "立即检查" },
  ran: {
    en: "Looked at {checked} records: {new} new, {gone} gone.",
    zh: "已检查 {checked} 条记录：新增 {new} 项，消除 {gone} 项。",
  },
  finding: { en: "Finding", zh: "检查结果" },
  object: { en: "Record", zh: "记录" },
  severity: { en: "Severity", zh: "严重度" },
  status: { en: "Status", zh: "状态" },
  assigned: { en: "Given to {name}", zh: "已分派给 {name}" },
  due: { en: "until {day}", zh: "截止 {day}" },
  owner: { en: "Owner", zh: "负责角色" },
  work: { en: "Work", zh: "处理" },
  give: { en: "Assign", zh: "分派" },
  decide: { en: "Decide", zh: "处理" },
  give_title: { en: "Give the finding to somebody", zh: "分派检查结果" },
  decide_title: { en: "Close the finding", zh: "关闭检查结果" },
  to: { en: "To", zh: "分派给" },
  until: { en: "Until (optional)", zh: "截止日期（选填）" },
  decision: { en: "Decision", zh: "结论" },
  corrected: { en: "Corrected", zh: "已更正" },
  accepted: { en: "Accepted as it is", zh: "接受现状" },
  corrected_help: { en: "The next run looks whether it is gone.", zh: "下次检查将核实是否已消除。" },
  accepted_help: { en: "It stays closed until the record changes.", zh: "记录变化之前不再列出。" },
} as const satisfies Record<string, Text>;

export const SEVERITIES: Looks = {
  high: ["bad", { en: "High", zh: "高" }],
  medium: ["warn", { en: "Medium", zh: "中" }],
  low: ["neutral", { en: "Low", zh: "低" }],
};

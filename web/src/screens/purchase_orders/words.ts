/** The words of the purchase orders' screens. */
import type { Text } from "../../api/shapes.ts";
import type { Looks } from "../registers/cells.tsx";

export const WORDS = {
  title: { en: "Purchase orders", zh: "采购订单" },
  none: {
    en: "There is no purchase order. One begins with a requisition, under “Start”.",
    zh: "暂无采购订单；请在“发起”中提交采购申请。",
  },
  number: { en: "Order", zh: "订单号" },
  supplier: { en: "Supplier", zh: "供应商" },
  status: { en: "Status", zh: "状态" },
  total: { en: "Total", zh: "金额" },
  since: { en: "Begun", zh: "建立时间" },
  emergency: { en: "Emergency", zh: "紧急" },
  version: { en: "Version", zh: "版本" },
  site: { en: "Site", zh: "地点" },
  record: { en: "Steps and signatures", zh: "步骤与签名" },
  lines: { en: "Lines", zh: "订单行" },
  line: { en: "Line", zh: "行" },
  item: { en: "Item", zh: "物料" },
  revision: { en: "Revision {revision}", zh: "版本 {revision}" },
  ordered: { en: "Ordered", zh: "订购" },
  received: { en: "Received", zh: "收货" },
  accepted: { en: "Accepted", zh: "接收" },
  rejected: { en: "Rejected", zh: "拒收" },
  decided: { en: "{accepted} accepted, {rejected} rejected", zh: "接收 {accepted}，拒收 {rejected}" },
  outstanding: { en: "Outstanding", zh: "未到" },
  price: { en: "Unit price", zh: "单价" },
  promised: { en: "Promised", zh: "承诺交期" },
  versions: { en: "Versions", zh: "订单版本" },
  by: { en: "Who", zh: "人员" },
  at: { en: "When", zh: "时间" },
  reason: { en: "Reason", zh: "原因" },
  unchanged: { en: "unchanged", zh: "未被改动" },
  altered: { en: "altered", zh: "已被改动" },
  pdf: { en: "PDF of version {version}", zh: "第 {version} 版 PDF" },
  requisition: { en: "Requisition", zh: "采购申请" },
  mails: { en: "Sent to the supplier", zh: "发送记录" },
  not_sent: { en: "Not sent yet.", zh: "尚未发送。" },
  channel: { en: "By", zh: "方式" },
  address: { en: "To", zh: "收件人" },
  answer: { en: "Answer", zh: "回执" },
  performances: { en: "Services and handovers", zh: "服务完成与交付" },
  evidence: { en: "Evidence", zh: "凭证" },
  confirmations: { en: "Confirmations", zh: "供应商确认" },
  reference: { en: "Reference", zh: "确认编号" },
  differences: { en: "Differences", zh: "差异" },
  no_differences: { en: "as ordered", zh: "与订单一致" },
  difference: {
    en: "line {line}, {field}: {ordered} → {confirmed}",
    zh: "第 {line} 行 {field}：{ordered} → {confirmed}",
  },
  receipts: { en: "Receipts and decisions", zh: "收货与判定" },
  no_receipts: { en: "Nothing has come yet.", zh: "尚未到货。" },
  receipt: { en: "Receipt", zh: "收货单" },
  lot: { en: "Lot", zh: "批次" },
  quantity: { en: "Quantity", zh: "数量" },
  decision: { en: "Decision", zh: "判定" },
  undecided: { en: "not decided yet", zh: "尚未判定" },
  invoices: { en: "Invoices", zh: "发票" },
  no_invoices: { en: "No invoice has come.", zh: "尚未收到发票。" },
  invoice: { en: "Invoice", zh: "发票号" },
  waivers: { en: "Waivers", zh: "例外采购批准" },
  waiver: { en: "Waiver", zh: "批准号" },
  controls: { en: "Controls", zh: "控制措施" },
  until: { en: "Valid until", zh: "有效期至" },
} as const satisfies Record<string, Text>;

export const STATES: Looks = {
  draft: ["neutral", { en: "Draft", zh: "草稿" }],
  sent: ["info", { en: "Sent", zh: "已发出" }],
  held: ["warn", { en: "Held", zh: "暂停" }],
  closed: ["good", { en: "Closed", zh: "已关闭" }],
  cancelled: ["neutral", { en: "Cancelled", zh: "已取消" }],
  open: ["info", { en: "Open", zh: "未清" }],
};

export const SENDINGS: Looks = {
  pending: ["neutral", { en: "To be sent", zh: "待发送" }],
  sending: ["info", { en: "Being sent", zh: "发送中" }],
  sent: ["good", { en: "Sent", zh: "已发送" }],
  failed: ["bad", { en: "Not taken by the server", zh: "服务器未接收" }],
  withdrawn: ["warn", { en: "Taken back", zh: "已撤回" }],
};

export const CHANNELS: Readonly<Record<string, Text>> = {
  mail: { en: "E-mail", zh: "电子邮件" },
  portal: { en: "Supplier's portal", zh: "供应商门户" },
  edi: { en: "EDI", zh: "电子数据交换" },
  paper: { en: "Paper", zh: "纸质" },
};

export const DECISIONS: Looks = {
  ACCEPT: ["good", { en: "Accepted", zh: "接收" }],
  REJECT: ["bad", { en: "Rejected", zh: "拒收" }],
  DISPOSED: ["info", { en: "Disposed of", zh: "已处置" }],
  CANCELLED: ["neutral", { en: "Receipt cancelled", zh: "收货已撤销" }],
};

export const MATCHES: Looks = {
  matched: ["good", { en: "Matches", zh: "匹配" }],
  blocked: ["bad", { en: "Blocked", zh: "已冻结" }],
  accepted_with_difference: ["warn", { en: "Accepted with a difference", zh: "有差异，已批准" }],
};

export const CONFIRMED: Looks = {
  true: ["good", { en: "Confirmed", zh: "已确认" }],
  false: ["bad", { en: "Not confirmed", zh: "未确认" }],
};

export const FIELDS: Readonly<Record<string, Text>> = {
  quantity: { en: "quantity", zh: "数量" },
  not_accepted: { en: "quantity, not accepted yet", zh: "数量（尚未接收）" },
  price: { en: "price", zh: "价格" },
  date: { en: "date", zh: "交期" },
  revision: { en: "revision", zh: "版本" },
  amount: { en: "amount", zh: "金额" },
};

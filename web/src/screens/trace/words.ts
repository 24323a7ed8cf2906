/** The words of the trace. */
import type { Text } from "../../api/shapes.ts";

export const WORDS = {
  title: { en: "Trace", zh: "批次追溯" },
  label: { en: "Lot, serial number or barcode", zh: "批号、序列号或条码" },
  help: {
    en: "Type the number, or scan the label on any screen of the trace.",
    zh: "输入编号，或在本页面直接扫描标签。",
  },
  find: { en: "Trace", zh: "追溯" },
  moreFound: {
    en: "More lots are like this than are shown. Type more of the number, or scan the label.",
    zh: "符合条件的批次多于所列，请输入更完整的编号或扫描标签。",
  },
  none: {
    en: "No lot carries this. Check the number on the label.",
    zh: "没有找到该批次，请核对标签上的编号。",
  },
  several: { en: "Choose the lot", zh: "请选择批次" },
  lot: { en: "Lot", zh: "批次" },
  of_lot: { en: "Trace of lot {number}", zh: "批次追溯：{number}" },
  item: { en: "Item", zh: "物料" },
  supplier: { en: "Supplier", zh: "供应商" },
  supplier_lot: { en: "Supplier's lot", zh: "供应商批号" },
  open_lot: { en: "Stock and movements of the lot", zh: "批次库存与移动记录" },
  direction: { en: "Direction", zh: "方向" },
  forward: { en: "Where it went", zh: "去向" },
  backward: { en: "What it is made of", zh: "来源" },
  reached: { en: "Lots in reach", zh: "涉及批次" },
  alone: { en: "Nothing else was made of it.", zh: "尚未用于其他批次。" },
  bought: { en: "Nothing else went into it.", zh: "没有其他来源批次。" },
  first_shown: {
    en: "The nearest {shown} of {total} lots are shown. Trace on from one of them to see more.",
    zh: "共 {total} 个批次，仅显示最近的 {shown} 个；可从其中任一批次继续追溯。",
  },
  level: { en: "Level {depth}", zh: "第 {depth} 层" },
  amount: { en: "Amount used", zh: "用量" },
  stands_in: { en: "Stands in for {item}", zh: "替代 {item}" },
  stands_in_under: { en: "Stands in for {item} under {change}", zh: "按 {change} 替代 {item}" },
  lies: { en: "Where it lies", zh: "存放位置" },
  nothing_lies: { en: "none on hand", zh: "无库存" },
  sent: { en: "Shipped to", zh: "发货对象" },
  not_sent: { en: "None of it was shipped.", zh: "尚未发货。" },
  consignee: { en: "Consignee", zh: "收货单位" },
  quantity: { en: "Quantity", zh: "数量" },
  last: { en: "Last shipped", zh: "最近发货" },
  shipments: { en: "{count} shipments", zh: "发货 {count} 次" },
  balance: { en: "Mass balance", zh: "数量平衡" },
  balanced: { en: "Everything is explained", zh: "数量全部对上" },
  unexplained: { en: "{amount} unexplained", zh: "{amount} 去向不明" },
  unexplained_help: {
    en: "Movements, consumption and sales records do not agree. Report it to quality.",
    zh: "移动记录、用料记录与销售记录不一致，请报告质量部。",
  },
  came_in: { en: "Came in", zh: "来料" },
  became: { en: "What became of it", zh: "去向" },
} as const satisfies Record<string, Text>;

/** The two sides of a mass balance, in the order in which they are read. */
export const CAME_IN = {
  received: { en: "Received", zh: "收货" },
  produced: { en: "Produced", zh: "生产入库" },
  from_lots: { en: "From other lots", zh: "由其他批次转入" },
  counted_up: { en: "Found in a count", zh: "盘盈" },
} as const satisfies Record<string, Text>;

export const BECAME = {
  on_hand: { en: "On hand", zh: "现有库存" },
  issued: { en: "Used in production", zh: "生产领用" },
  to_lots: { en: "To other lots", zh: "转入其他批次" },
  shipped: { en: "Shipped, less returns", zh: "发货（已扣退货）" },
  sampled: { en: "Used as samples", zh: "抽样消耗" },
  scrapped: { en: "Scrapped", zh: "报废" },
  destroyed: { en: "Destroyed", zh: "销毁" },
  returned_to_supplier: { en: "Returned to supplier", zh: "退供应商" },
  counted_down: { en: "Missing in a count", zh: "盘亏" },
} as const satisfies Record<string, Text>;

/** The form's own words, in both languages; what a form's author wrote stands in the form file. */
import type { Language, Text } from "./texts.ts";

const WORDS = {
  problem: { en: "There is a problem", zh: "表单有问题" },
  problem_count: { en: "{count} answers need your attention.", zh: "有 {count} 处需要处理。" },
  error: { en: "Error", zh: "错误" },
  out_of_limit: { en: "Out of limit", zh: "超限" },
  below: { en: "Too low", zh: "低于下限" },
  above: { en: "Too high", zh: "高于上限" },
  required: { en: "required", zh: "必填" },
  optional: { en: " (optional)", zh: "（选填）" },
  computed: { en: "worked out", zh: "自动计算" },
  not_yet: { en: "not yet known", zh: "待计算" },
  nothing: { en: "nothing", zh: "无" },
  from: { en: "from {low}", zh: "≥ {low}" },
  up_to: { en: "up to {high}", zh: "≤ {high}" },
  between: { en: "{low} to {high}", zh: "{low} ~ {high}" },
  from_date: { en: "not before {low}", zh: "不早于 {low}" },
  up_to_date: { en: "not after {high}", zh: "不晚于 {high}" },
  yes: { en: "Yes", zh: "是" },
  no: { en: "No", zh: "否" },
  choose: { en: "Choose…", zh: "请选择…" },
  clear: { en: "Clear", zh: "清除" },
  search_choice: { en: "Type to search", zh: "输入以查找" },
  choices_found: { en: "{count} choices", zh: "{count} 个选项" },
  none_found: { en: "Nothing matches.", zh: "没有匹配的选项。" },
  more_found: { en: "and {count} more; type to narrow down", zh: "还有 {count} 个，请继续输入" },
  day: { en: "Day", zh: "日" },
  no_day: { en: "The label shows no day", zh: "标签上没有日" },
  time_zone: { en: "Time zone {offset}", zh: "时区 {offset}" },
  now: { en: "Now", zh: "现在" },
  today: { en: "Today", zh: "今天" },
  scan_here: { en: "Scan or type the barcode", zh: "扫描或录入条码" },
  type_instead: { en: "Keyboard", zh: "键盘" },
  scan_again: { en: "Scan again", zh: "重新扫描" },
  scanned: { en: "Scanned", zh: "已扫描" },
  scan_filled: { en: "Scanned. Filled in: {fields}.", zh: "扫描成功，已填入：{fields}。" },
  scan_accepted: { en: "Scan accepted.", zh: "扫描成功。" },
  scan_refused: { en: "Not accepted", zh: "未接受" },
  scan_no_place: { en: "This form has no field for a barcode.", zh: "此表单没有条码字段。" },
  scan_cut_off: {
    en: "The scan has no end. Set the scanner to send Enter after each barcode.",
    zh: "扫描内容没有结束符，请将扫描枪设置为每次扫描后发送回车。",
  },
  take_photo: { en: "Take a photo", zh: "拍照" },
  choose_file: { en: "Choose a file", zh: "选择文件" },
  remove_file: { en: "Remove {name}", zh: "移除 {name}" },
  preparing: { en: "Making ready…", zh: "处理中…" },
  uploaded: { en: "Sent", zh: "已上传" },
  upload_waiting: { en: "On this device, will be sent", zh: "已存于本机，待上传" },
  file_unreadable: { en: "This file cannot be read.", zh: "无法读取该文件。" },
  row: { en: "Row {number}", zh: "第 {number} 行" },
  in_rows: { en: "({count} rows)", zh: "（共 {count} 行）" },
  row_number: { en: "No.", zh: "序号" },
  rows_filled: { en: "{filled} of {count} rows filled", zh: "已填 {filled} / {count} 行" },
  add_row: { en: "Add a row", zh: "添加一行" },
  remove_row: { en: "Remove row {number}", zh: "删除第 {number} 行" },
  row_removed: { en: "Row {number} removed.", zh: "已删除第 {number} 行。" },
  pasted: { en: "{count} values pasted.", zh: "已粘贴 {count} 个值。" },
  step: { en: "Step {step} of {count}", zh: "第 {step} 步，共 {count} 步" },
  next: { en: "Next step", zh: "下一步" },
  back: { en: "Back", zh: "上一步" },
  step_problem: { en: "has a problem", zh: "有问题" },
} as const satisfies Readonly<Record<string, Text>>;

export type Word = keyof typeof WORDS;

/** A word of the form, with {names} replaced. */
export function word(
  language: Language,
  name: Word,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return WORDS[name][language].replace(/\{(\w+)\}/g, (place, key: string) =>
    Object.hasOwn(params, key) ? String(params[key]) : place,
  );
}

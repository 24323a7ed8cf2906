/** Scanners: what they type is told from what people type, and read as GS1 data. */
export { type Element, type Elements, type LabelDate } from "./element_strings.ts";
export { answerScan } from "./feedback.ts";
export {
  GROUP_SEPARATOR,
  type KeyboardScan,
  listenForScans,
  SCAN_FIELD,
  VISIBLE_SEPARATOR,
  type WedgeListener,
  type WedgeSettings,
} from "./keyboard_wedge.ts";
export { readScan, type Scan } from "./read_scan.ts";
export { ScanRefused } from "./refusals.ts";
export { wedgeSettings } from "./device_settings.ts";

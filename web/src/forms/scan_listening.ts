/** Scans while a form is open: read, put where they belong, answered to eye, ear and hand. */
import { wedgeSettings } from "../scanning/device_settings.ts";
import { answerScan } from "../scanning/feedback.ts";
import { type KeyboardScan, listenForScans } from "../scanning/keyboard_wedge.ts";
import type { Circumstances } from "./deciding.ts";
import { asWords, type Json, Wrong } from "./fields/base.ts";
import { loadScanReader, scanReader } from "./fields/scan_reader.ts";
import { elementId, type ScanNews } from "./form_context.tsx";
import type { Field } from "./model.ts";
import { type Path, pointer, templatePointer } from "./pointers.ts";
import {
  barcodeFor,
  elementFor,
  type Filled,
  fillsOf,
  markOf,
  type ScanJson,
  unitFor,
  withFilled,
} from "./scan_target.ts";
import type { FieldState, FormData, Screen } from "./screen.ts";
import type { Language } from "./texts.ts";
import { labelOf } from "./wording.ts";
import { word } from "./words.ts";

/** Codes that hold a number of one's own and no GS1 data: Code 128 and Code 39, as a scanner announces them. */
const PLAIN = /^\](?:C0|C2|A[01-57])/;

export interface ScannedForm {
  readonly formId: string;
  readonly circumstances: () => Circumstances;
  readonly screen: () => Screen;
  readonly change: (path: Path, value: Json | undefined) => void;
  readonly replace: (update: (data: FormData) => FormData) => void;
  readonly tell: (news: ScanNews) => void;
}

/** Take the scans of a form until the returned function is called. */
export function takeScans(form: ScannedForm): () => void {
  return listenForScans(
    document,
    {
      scanned: (scan) => void scanned(form, scan),
      cutOff: () => {
        refuse(form, firstBarcode(form.screen()), textOf("scan_cut_off"));
      },
    },
    wedgeSettings(),
  );
}

async function scanned(form: ScannedForm, { text, field }: KeyboardScan): Promise<void> {
  const focused = fieldKey(field, form.formId, form.screen());
  const own = focused === null ? undefined : form.screen().states.get(focused);
  const isNumber = own !== undefined && own.field.type.name !== "barcode";
  if (isNumber && PLAIN.test(text)) {
    fill(form, own, text.slice(3), text);
    answer(form, { answer: "accepted", key: own.key, words: textOf("scan_accepted") });
    return;
  }
  await loadScanReader();
  try {
    take(form, scanReader()(text, form.circumstances().now), focused);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    // A number typed by hand and closed with Enter is a number, not a bad scan.
    if (isNumber && !text.startsWith("]")) focusNext(form.formId, own.key, form.screen());
    else refuse(form, focused ?? firstBarcode(form.screen()), { code: error.code, params: error.params });
  }
}

function take(form: ScannedForm, scan: ScanJson, focused: string | null): void {
  const { states } = form.screen();
  const target = barcodeFor(scan, states, focused);
  const own = focused === null ? undefined : states.get(focused);
  // In a row for one unit, after the label was scanned: this unit only, the label stays what was counted.
  const unit = own === undefined || target === null ? undefined : unitFor(scan, own, target);
  if (own !== undefined && unit !== undefined) {
    fill(form, own, unit, asWords(scan["raw"]));
    answer(form, { answer: "accepted", key: own.key, words: textOf("scan_accepted") });
    return;
  }
  if (target !== null) {
    const fields = form.screen().outcome.decided?.form.fields ?? [];
    // Of the data as they are then: two scans may come before the screen has followed the first.
    form.replace((data) => withFilled(data, fillsOf(scan, target, fields, data)));
    const [, ...filled] = fillsOf(scan, target, fields, form.screen().data);
    answer(form, { answer: "accepted", key: target.key, words: filledText(form.screen(), fields, filled) });
    focusNext(form.formId, target.key, form.screen());
    return;
  }
  const element = own === undefined ? undefined : elementFor(scan, own);
  if (own === undefined || element === undefined) {
    refuse(form, null, textOf("scan_no_place"));
    return;
  }
  fill(form, own, element, asWords(scan["raw"]));
  answer(form, { answer: "accepted", key: own.key, words: textOf("scan_accepted") });
}

/** Put what was scanned into a field for one number, and beside it that it was scanned. */
function fill(form: ScannedForm, own: FieldState, value: string, raw: string): void {
  const filled = [{ path: own.path, value }, ...markOf(raw, own, form.screen().states)];
  form.replace((data) => withFilled(data, filled));
}

function answer(form: ScannedForm, news: ScanNews): void {
  answerScan(news.answer);
  form.tell(news);
}

function refuse(form: ScannedForm, key: string | null, words: ScanNews["words"]): void {
  answer(form, { answer: "refused", key, words });
}

/** Our own words as the answer to a scan. */
function inBoth(of: (language: Language) => string): ScanNews["words"] {
  return { code: "", message: { en: of("en"), zh: of("zh") } };
}

function textOf(name: Parameters<typeof word>[1]): ScanNews["words"] {
  return inBoth((language) => word(language, name));
}

function filledText(screen: Screen, fields: readonly Field[], filled: readonly Filled[]): ScanNews["words"] {
  const named = filled.flatMap(({ path }) => {
    const field = fields.find((one) => pointer(one.path) === templatePointer(path));
    // A row that the scan adds is not on the screen yet.
    const shown = screen.states.has(pointer(path)) || path.some((step) => typeof step === "number");
    return field !== undefined && field.type.name !== "entry" && shown ? [{ field }] : [];
  });
  if (named.length === 0) return textOf("scan_accepted");
  return inBoth((language) => {
    const names = named.map((state) => labelOf(language, state));
    return word(language, "scan_filled", { fields: names.join(language === "zh" ? "、" : ", ") });
  });
}

/** The field of this form that an input belongs to. */
function fieldKey(input: HTMLInputElement | null, formId: string, screen: Screen): string | null {
  if (input === null) return null;
  for (const key of screen.states.keys()) if (elementId(formId, key) === input.id) return key;
  return null;
}

function firstBarcode(screen: Screen): string | null {
  for (const state of screen.states.values()) if (state.field.type.name === "barcode") return state.key;
  return null;
}

/** After a scan: the next barcode field without an answer, if there is one; else the focus stays. */
function focusNext(formId: string, after: string, screen: Screen): void {
  for (const state of screen.states.values()) {
    const isNext = state.field.type.name === "barcode" && state.key !== after && state.value === undefined;
    if (isNext && state.enabled) {
      document.getElementById(elementId(formId, state.key))?.focus();
      return;
    }
  }
}

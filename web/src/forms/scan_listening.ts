/** Scans while a form is open: read, put where they belong, answered to eye, ear and hand. */
import { wedgeSettings } from "../scanning/device_settings.ts";
import { answerScan } from "../scanning/feedback.ts";
import { type KeyboardScan, listenForScans } from "../scanning/keyboard_wedge.ts";
import type { Circumstances } from "./deciding.ts";
import { asWords, isObject, type Json, Wrong } from "./fields/base.ts";
import { loadScanReader, scanReader } from "./fields/scan_reader.ts";
import { elementId, type ScanNews } from "./form_context.tsx";
import type { FieldError } from "./findings.ts";
import type { Field, FormModel } from "./model.ts";
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
import { type FieldState, type FormData, nextScreen, type Screen } from "./screen.ts";
import { isEmpty } from "./submission.ts";
import type { Language } from "./texts.ts";
import { labelOf } from "./wording.ts";
import { word } from "./words.ts";

/**
 * Codes that hold a number of one's own and no device identifier: Code 128 and Code 39, as a scanner announces them,
 * without the beginning of HIBC or MA.
 */
const PLAIN = /^\](?:C0|C2|A[01-57])(?!\+[0-9A-Z$]|MA\.[0-9]{3}\.)/;

/** Types of fields that a label answers. */
const SCANNED = new Set(["barcode", "item", "location", "lot", "serial"]);

export interface ScannedForm {
  readonly formId: string;
  readonly model: FormModel;
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
  const isPlain = PLAIN.test(text);
  // A number that says it is one and was scanned past every field goes where the next label is waited for.
  const own = focused === null && isPlain ? nextNumber(form) : form.screen().states.get(focused ?? "");
  const isNumber = own !== undefined && own.field.type.name !== "barcode";
  if (isNumber && isPlain) {
    takeNumber(form, own, text.slice(3), text);
    return;
  }
  await loadScanReader();
  try {
    take(form, scanReader()(text, form.circumstances().now), focused);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    // A number typed by hand, or by a scanner that says nothing of itself: it is a number, not a bad scan.
    if (isNumber && !text.startsWith("]")) entered(form, own);
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
    takeNumber(form, own, unit, asWords(scan["raw"]));
    return;
  }
  if (target !== null) {
    const fields = form.screen().outcome.decided?.form.fields ?? [];
    const filled = fillsOf(scan, target, fields, form.screen().data);
    const wrong = wrongBy(form, filled);
    // Of the data as they are then: two scans may come before the screen has followed the first.
    form.replace((data) => withFilled(data, fillsOf(scan, target, fields, data)));
    const words = wrong ?? filledText(form.screen(), fields, filled.slice(1));
    said(form, target, words, wrong !== null, [
      ...filled.map(({ path }) => pointer(path)),
      ...fillable(target),
    ]);
    return;
  }
  const element = own === undefined ? undefined : elementFor(scan, own);
  if (own === undefined || element === undefined) {
    refuse(form, null, textOf("scan_no_place"));
    return;
  }
  takeNumber(form, own, element, asWords(scan["raw"]));
}

/** Put what was scanned into a field for one number, and beside it that it was scanned. */
function takeNumber(form: ScannedForm, own: FieldState, value: string, raw: string): void {
  const filled = [{ path: own.path, value }, ...markOf(raw, own, form.screen().states)];
  const wrong = wrongBy(form, filled);
  form.replace((data) => withFilled(data, filled));
  said(form, own, wrong ?? textOf("scan_accepted"), wrong !== null, [own.key]);
}

/** A number that stands in its field already: heard right or wrong as a scan is. */
function entered(form: ScannedForm, own: FieldState): void {
  const wrong = own.errors[0];
  if (wrong === undefined) focusNext(form, own.key, [own.key]);
  else said(form, own, wrong, true, []);
}

/** Answer a scan that was put into `at` and fills `filled`: right, and on to the next; or wrong, and once more. */
function said(
  form: ScannedForm,
  at: FieldState,
  words: ScanNews["words"],
  isWrong: boolean,
  filled: readonly string[],
): void {
  answer(form, { answer: isWrong ? "refused" : "accepted", key: at.key, words });
  if (isWrong) selectAll(form.formId, at.key);
  else focusNext(form, at.key, filled);
}

/** What is wrong with what a scan fills (another bin, an expired lot), by the form's own rules; null when it is right. */
function wrongBy(form: ScannedForm, filled: readonly Filled[]): FieldError | null {
  const screen = form.screen();
  const next = nextScreen(form.model, form.circumstances(), withFilled(screen.data, filled), screen);
  for (const { path } of filled) {
    const error = next.states.get(pointer(path))?.errors[0];
    if (error !== undefined) return error;
  }
  return null;
}

/** What a barcode field may fill, whether this scan did or not: nothing of it is scanned by itself next. */
function fillable(target: FieldState): readonly string[] {
  const fills = target.field.schema["x-fills"];
  return isObject(fills) ? Object.values(fills).map(String) : [];
}

function answer(form: ScannedForm, news: ScanNews): void {
  answerScan(news.answer);
  form.tell(news);
}

function refuse(form: ScannedForm, key: string | null, words: ScanNews["words"]): void {
  answer(form, { answer: "refused", key, words });
  // What was read stays to be looked at, and the next scan takes its place.
  if (key !== null && document.activeElement?.id === elementId(form.formId, key)) selectAll(form.formId, key);
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

/** The first field for one number that waits for an answer, in the order of the form. */
function nextNumber({ formId, screen }: ScannedForm): FieldState | undefined {
  return Array.from(screen().states.values()).find(
    (state) =>
      state.field.type.name !== "barcode" &&
      SCANNED.has(state.field.type.name) &&
      isAsked(formId, state) &&
      isEmpty(state.value),
  );
}

/** Whether a person can answer the field now: it is on the screen, open, and not worked out. */
function isAsked(formId: string, { field, enabled, key }: FieldState): boolean {
  const isOpen = enabled && field.computed === null && field.type.name !== "entry";
  return isOpen && document.getElementById(elementId(formId, key)) !== null;
}

/**
 * After a scan: the next field that a label answers, those before it last. What was filled just now is passed over,
 * and an answer that has to be given by hand is not: where one comes first the focus stays, for the next unit.
 */
function focusNext(form: ScannedForm, after: string, filled: readonly string[]): void {
  const { formId } = form;
  const states = Array.from(form.screen().states.values());
  const here = states.findIndex(({ key }) => key === after);
  const skipped = new Set(filled);
  for (const state of [...states.slice(here + 1), ...states.slice(0, Math.max(0, here))]) {
    if (skipped.has(state.key) || skipped.has(templatePointer(state.path))) continue;
    if (!isEmpty(state.value) || !isAsked(formId, state)) continue;
    if (SCANNED.has(state.field.type.name)) {
      document.getElementById(elementId(formId, state.key))?.focus();
      return;
    }
    if (state.field.required) return;
  }
}

/** The next scan takes the place of what stands in the field. */
function selectAll(formId: string, key: string): void {
  const input = document.getElementById(elementId(formId, key));
  if (!(input instanceof HTMLInputElement)) return;
  input.focus();
  // After the screen has put what was scanned into it.
  requestAnimationFrame(() => {
    input.select();
  });
}

/** Limits, choices and checks across fields: what can only be said when all fields are decided. */
import { type Decided, evaluateAt, refuse, settingAt, shownValue, touched } from "./deciding.ts";
import { filledBy } from "./fields/barcode.ts";
import { asWords, isObject, Wrong } from "./fields/base.ts";
import { type FieldError, finding } from "./findings.ts";
import type { Check, Field } from "./model.ts";
import { addsRow, beside, instances, parsePointer, type Path, pointer } from "./pointers.ts";
import { type Param, render } from "./texts.ts";

/** Judge every answer that stands; gives the notices of those recorded all the same. */
export function judgeFields(decided: Decided): FieldError[] {
  const notices: FieldError[] = [];
  const scans: [Readonly<Record<string, string>>, Path][] = [];
  for (const field of decided.form.fields) {
    for (const path of instances(field.path, decided.rows)) {
      const key = pointer(path);
      if (!decided.answers.has(key) || decided.wrong.has(key)) continue;
      const fills = field.schema["x-fills"];
      if (isObject(fills)) scans.push([fills as Readonly<Record<string, string>>, path]);
      if (touched(decided, field.judgedBy, path)) continue;
      const notice = judge(decided, field, path);
      if (notice !== null) notices.push(notice);
    }
  }
  for (const [fills, path] of scans) compareWithScan(decided, fills, path);
  return notices;
}

function judge(decided: Decided, field: Field, path: Path): FieldError | null {
  const answer = decided.answers.get(pointer(path));
  if (answer === undefined || field.type.judge === undefined) return null;
  const setting = (keyword: string): unknown => settingAt(decided, field.schema, keyword, path);
  try {
    const notice = field.type.judge(answer, field.schema, setting);
    return notice && finding(path, notice.code, notice.params);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    refuse(decided, path, error.code, error.params);
    return null;
  }
}

function compareWithScan(decided: Decided, fills: Readonly<Record<string, string>>, path: Path): void {
  const scan = decided.answers.get(pointer(path))?.record;
  const elements = isObject(scan) ? scan["elements"] : undefined;
  if (!isObject(elements)) return;
  for (const [element, target] of Object.entries(fills)) {
    const template = parsePointer(target);
    // A row that a scan added may be taken out again.
    if (!(element in elements) || addsRow(template, path)) continue;
    const at = beside(template, path);
    const answer = decided.answers.get(pointer(at));
    if (answer === undefined || decided.wrong.has(pointer(at))) continue;
    const scanned = filledBy(elements[element]);
    const said = answer.beside?.["_match"] ?? answer.record;
    if (asWords(said) !== scanned) refuse(decided, at, "differs_from_scan", { scanned });
  }
}

/** Run the form's own checks, each where nothing it looks at is wrong already. */
export function runChecks(decided: Decided): FieldError[] {
  const failed: FieldError[] = [];
  for (const check of decided.form.checks) {
    for (const path of instances(check.path, decided.rows)) {
      if (touched(decided, check.needs, path)) continue;
      const error = run(decided, check, path);
      if (error !== null) failed.push(error);
    }
  }
  return failed;
}

function run(decided: Decided, check: Check, path: Path): FieldError | null {
  if (path.length > 0 && !decided.visible.has(pointer(path))) return null;
  if (check.when !== null && evaluateAt(decided, check.when, path) !== true) return null;
  // Not true is not met: a check that cannot be worked out has not been passed.
  if (evaluateAt(decided, check.condition, path) === true) return null;
  const params: Record<string, Param> = {};
  for (const words of [check.message.en, check.message.zh]) {
    for (const [, place = ""] of words.matchAll(/\{([^{}]*)\}/g)) {
      params[place] ??= shownValue(evaluateAt(decided, place.trim(), path));
    }
  }
  return {
    path: pointer(path),
    code: `check.${check.id}`,
    message: render(check.message, params),
    params,
  };
}

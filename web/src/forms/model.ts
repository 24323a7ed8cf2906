/** A form as the server sends it (forms/model.py `to_client`), and what of it is worked out once when it opens. */
import { FIELD_TYPES } from "./fields/index.ts";
import type { FieldType, Schema } from "./fields/base.ts";
import { parsePointer, parseScope, pointer, type Template } from "./pointers.ts";
import { loadRule, type Rule } from "./rules.ts";
import { propertiesOf } from "./submission.ts";
import type { Text } from "./texts.ts";

/** An element of the layout: JSON Forms UI schema, with "Display" for a value of the case. */
export interface UiElement {
  readonly type: string;
  readonly scope?: string;
  readonly label?: Text;
  readonly text?: Text;
  readonly rule?: unknown;
  readonly options?: { readonly detail?: UiElement };
  readonly elements?: readonly UiElement[];
  readonly [keyword: string]: unknown;
}

interface ClientCheck {
  readonly id: string;
  readonly path: string;
  readonly when?: string;
  readonly assert: string;
  readonly message: Text;
}

/** What a terminal gets: the form file with named texts put in, and its expressions as trees. */
export interface ClientForm {
  readonly form: string;
  readonly hash: string;
  readonly title: Text;
  readonly schema: Schema;
  readonly ui: UiElement;
  readonly computed?: Readonly<Record<string, string>>;
  readonly checks?: readonly ClientCheck[];
  /** FEEL text -> its tree. */
  readonly expressions: Readonly<Record<string, unknown>>;
  /** Pointers of the fields, each after those it depends on. */
  readonly order: readonly string[];
  /** Pointer of a field -> those that its existence and its computed value depend on. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  /** Pointer of a field -> those that its limits depend on. */
  readonly judged_by: Readonly<Record<string, readonly string[]>>;
  /** Id of a check -> the fields it looks at. */
  readonly check_needs: Readonly<Record<string, readonly string[]>>;
}

export interface Field {
  readonly path: Template;
  readonly type: FieldType;
  readonly schema: Schema;
  readonly isList: boolean;
  readonly required: boolean;
  /** Its FEEL, if it is computed. */
  readonly computed: string | null;
  /** Nobody fills it in: it is computed, or says how another came to be. */
  readonly isFixed: boolean;
  /** For each control that shows the field, the rules on it and around it. */
  readonly controls: readonly (readonly Rule[])[];
  readonly needs: ReadonlySet<string>;
  readonly judgedBy: ReadonlySet<string>;
}

/** A rule across fields: when `when` is true, `condition` must be true, else `message`. */
export interface Check {
  readonly id: string;
  readonly path: Template;
  readonly when: string | null;
  readonly condition: string;
  readonly message: Text;
  readonly needs: ReadonlySet<string>;
}

export interface FormModel {
  readonly schema: Schema;
  readonly ui: UiElement;
  readonly expressions: Readonly<Record<string, unknown>>;
  /** In the order of the file. */
  readonly fields: readonly Field[];
  /** In the order in which they can be decided. */
  readonly order: readonly Field[];
  /** By the pointer of the template ("/readings/[*]/value"). */
  readonly byTemplate: ReadonlyMap<string, Field>;
  readonly checks: readonly Check[];
}

/** Work out once what every examination of the form needs. */
export function loadModel(form: ClientForm): FormModel {
  const controls = new Map<string, Rule[][]>();
  collectControls(form.ui, [], [], controls);
  const fields: Field[] = [];
  collectFields(form, form.schema, [], controls, fields);
  const byTemplate = new Map(fields.map((field) => [pointer(field.path), field]));
  return {
    schema: form.schema,
    ui: form.ui,
    expressions: form.expressions,
    fields,
    order: form.order.map((at) => byTemplate.get(at)).filter((field) => field !== undefined),
    byTemplate,
    checks: (form.checks ?? []).map((check) => ({
      id: check.id,
      path: parsePointer(check.path),
      when: check.when ?? null,
      condition: check.assert,
      message: check.message,
      needs: new Set(form.check_needs[check.id]),
    })),
  };
}

function collectFields(
  form: ClientForm,
  schema: Schema,
  around: Template,
  controls: ReadonlyMap<string, Rule[][]>,
  fields: Field[],
): void {
  const required = schema["required"];
  for (const [name, member] of Object.entries(propertiesOf(schema))) {
    const path = [...around, name];
    const at = pointer(path);
    const type = FIELD_TYPES[String(member["x-field"])];
    if (type === undefined) {
      collectFields(form, member, path, controls, fields);
      continue;
    }
    fields.push({
      path,
      type,
      schema: member,
      isList: member["type"] === "array",
      required: Array.isArray(required) && required.includes(name),
      computed: form.computed?.[at] ?? null,
      isFixed: form.computed?.[at] !== undefined || type.name === "entry",
      controls: controls.get(at) ?? [],
      needs: new Set(form.needs[at]),
      judgedBy: new Set(form.judged_by[at]),
    });
    if (type.name === "table")
      collectFields(form, member["items"] as Schema, [...path, "*"], controls, fields);
  }
}

function collectControls(
  element: UiElement,
  row: Template,
  around: readonly Rule[],
  controls: Map<string, Rule[][]>,
): void {
  const rule = loadRule(element.rule, row);
  const rules = rule === null ? around : [...around, rule];
  if (element.type === "Control") {
    const path = [...row, ...(parseScope(element.scope ?? "") ?? [])];
    const at = pointer(path);
    controls.set(at, [...(controls.get(at) ?? []), [...rules]]);
    // The rules around the table decide the table; a column has those inside the row.
    if (element.options?.detail !== undefined) {
      collectControls(element.options.detail, [...path, "*"], [], controls);
    }
  }
  for (const inner of element.elements ?? []) collectControls(inner, row, rules, controls);
}

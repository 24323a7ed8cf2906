/** Where a value lies: paths of one submission, and templates with * for any row of a table. */

/** A place in submitted data: ["readings", 0, "value"]. */
export type Path = readonly (string | number)[];

/** A field, wherever its rows are: ["readings", "*", "value"]. */
export type Template = readonly string[];

/** The JSON pointer (RFC 6901) of a path or template. Also the key under which we keep things by path. */
export function pointer(path: Path): string {
  let text = "";
  for (const step of path) {
    // Names of fields need no escape; only a name that somebody invented may.
    text += `/${typeof step === "number" || !/[~/]/.test(step) ? step : step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }
  return text;
}

/** The pointer of the field that `path` is a value of: numbers become *. */
export function templatePointer(path: Path): string {
  return pointer(path.map((step) => (typeof step === "number" ? "*" : step)));
}

/** The template that a JSON pointer names ("/readings/[*]/value"). */
export function parsePointer(text: string): Template {
  if (!text.startsWith("/")) return [];
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The path that a pointer of a submission names: steps of digits are rows. */
export function parsePath(text: string): Path {
  return parsePointer(text).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** The template that a JSON Forms scope names ("#/properties/a/properties/b"), or null. */
export function parseScope(scope: string): Template | null {
  if (scope === "#") return [];
  const steps = scope.split("/");
  if (steps[0] !== "#" || steps.length % 2 === 0) return null;
  if (steps.some((step, at) => at % 2 === 1 && step !== "properties")) return null;
  return steps.filter((_, at) => at > 0 && at % 2 === 0);
}

/** The field `template` seen from `path`: in the same row, when both lie in one table. */
export function beside(template: Template, path: Path): Path {
  return template.map((step, place) => (step === "*" ? (path[place] ?? step) : step));
}

/** Whether what a barcode field at `barcode` fills is a column of a table that it is not in. */
export function addsRow(target: Template, barcode: Path): boolean {
  const star = target.indexOf("*");
  return star >= 0 && target.slice(0, star).some((step, place) => step !== barcode[place]);
}

/** Whether two paths do not lie in different rows of the same table. */
export function inSameRow(one: Path, other: Path): boolean {
  for (let place = 0; place < Math.min(one.length, other.length); place += 1) {
    if (one[place] === other[place]) continue;
    return !(typeof one[place] === "number" && typeof other[place] === "number");
  }
  return true;
}

/** What lies at `path` of a tree of objects and lists. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The paths that a field has: one, or one for each row of its table. `rows` counts rows by pointer. */
export function instances(template: Template, rows: ReadonlyMap<string, number>): Path[] {
  const star = template.indexOf("*");
  if (star < 0) return [template];
  const table = template.slice(0, star);
  const rest = template.slice(star + 1);
  const count = rows.get(pointer(table)) ?? 0;
  return Array.from({ length: count }, (_, row) => [...table, row, ...rest]);
}

/**
 * A record as lines of label and value, in the words of its form. What the form does not know is shown with its
 * own name: nothing that is signed may stay out of sight.
 */
import type { Text } from "../api/shapes.ts";
import type { Language } from "../design/preferences.ts";

export interface Words {
  readonly yes: string;
  readonly no: string;
  readonly none: string;
  readonly scanned: string;
  readonly typed: string;
}

export type Line =
  | { readonly kind: "value"; readonly key: string; readonly label: string; readonly value: string }
  | { readonly kind: "file"; readonly key: string; readonly label: string; readonly files: readonly File[] }
  | {
      readonly kind: "table";
      readonly key: string;
      readonly label: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: "group"; readonly key: string; readonly label: string; readonly lines: readonly Line[] };

export interface File {
  readonly sha256: string;
  readonly mime: string;
  readonly name: string;
}

type Json = Readonly<Record<string, unknown>>;

interface Reading {
  readonly texts: Json;
  /** Where a unit that names another field is looked up: the row first, then the record. */
  readonly scopes: readonly Json[];
  readonly language: Language;
  readonly words: Words;
}

/** Lines for `data` in the order of the form's fields, then what the form does not name. */
export function recordLines(
  form: unknown,
  data: Readonly<Record<string, unknown>>,
  language: Language,
  words: Words,
): readonly Line[] {
  const file = isObject(form) ? form : {};
  const texts = isObject(file["texts"]) ? file["texts"] : {};
  const reading = { texts, scopes: [data], language, words };
  return objectLines(isObject(file["schema"]) ? file["schema"] : {}, data, reading, "");
}

function objectLines(schema: Json, data: Json, reading: Reading, path: string): readonly Line[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const known = Object.keys(properties).filter((name) => Object.hasOwn(data, name));
  const unknown = Object.keys(data).filter((name) => !Object.hasOwn(properties, name));
  return [...known, ...unknown].map((name) => {
    const field = isObject(properties[name]) ? properties[name] : {};
    return line(field, name, data[name], reading, `${path}/${name}`);
  });
}

function line(field: Json, name: string, value: unknown, reading: Reading, key: string): Line {
  const label = words(field["x-label"] ?? field["title"], reading) || name;
  const files = filesIn(value);
  if (files !== null) return { kind: "file", key, label, files };
  if (isText(value)) return { kind: "value", key, label, value: words(value, reading) };
  if (Array.isArray(value) && value.length > 0 && value.every(isObject))
    return table(field, value, reading, key, label);
  if (isObject(value) && !isScan(value) && !isEntry(value) && Object.keys(value).length > 0)
    return { kind: "group", key, label, lines: objectLines(field, value, reading, key) };
  return { kind: "value", key, label, value: plain(field, value, reading) };
}

function table(field: Json, rows: readonly Json[], reading: Reading, key: string, label: string): Line {
  const items = isObject(field["items"]) ? field["items"] : {};
  const properties = isObject(items["properties"]) ? items["properties"] : {};
  const names = [
    ...Object.keys(properties).filter((name) => rows.some((row) => Object.hasOwn(row, name))),
    ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => !Object.hasOwn(properties, name)))),
  ];
  const fieldOf = (name: string): Json => (isObject(properties[name]) ? properties[name] : {});
  return {
    kind: "table",
    key,
    label,
    columns: names.map((name) => words(fieldOf(name)["x-label"], reading) || name),
    rows: rows.map((row) => {
      const inRow = { ...reading, scopes: [row, ...reading.scopes] };
      return names.map((name) => {
        const files = filesIn(row[name]);
        return files === null
          ? plain(fieldOf(name), row[name], inRow)
          : files.map((file) => file.name).join(", ");
      });
    }),
  };
}

function plain(field: Json, value: unknown, reading: Reading): string {
  if (isNothing(value)) return reading.words.none;
  if (Array.isArray(value))
    return value
      .map((entry) => plain(isObject(field["items"]) ? field["items"] : field, entry, reading))
      .join(", ");
  if (isText(value)) return words(value, reading);
  if (isObject(value) && isEntry(value)) return entryText(value, reading);
  if (isObject(value)) return isScan(value) ? scanText(value) : JSON.stringify(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const labels = field["x-labels"];
  const spoken = isObject(labels) ? words(labels[text], reading) : "";
  if (typeof value === "boolean") return spoken || (value ? reading.words.yes : reading.words.no);
  if (spoken) return spoken === text ? text : `${spoken} (${text})`;
  const unit = unitOf(field["x-unit"], reading);
  return unit ? `${text} ${unit}` : text;
}

/** A unit as the form says it; "= name" is the value of another field. Other expressions have no unit here. */
function unitOf(unit: unknown, reading: Reading): string {
  const said = words(unit, reading);
  const named = /^=\s*([A-Za-z_]\w*)$/.exec(said)?.[1];
  if (named === undefined) return said.startsWith("=") ? "" : said;
  const found = reading.scopes.find((scope) => Object.hasOwn(scope, named))?.[named];
  return typeof found === "string" ? found : "";
}

/** A text of a form: in both languages, by the name of a text of the file, or as it stands. */
function words(found: unknown, { texts, language }: Pick<Reading, "texts" | "language">): string {
  if (isText(found)) return found[language] || found.en;
  if (isObject(found) && typeof found["text"] === "string") return words(found["text"], { texts, language });
  if (typeof found !== "string") return "";
  const named = texts[found];
  return isText(named) ? named[language] || named.en : found;
}

function isText(value: unknown): value is Text {
  return isObject(value) && typeof value["en"] === "string" && typeof value["zh"] === "string";
}

function isScan(value: Json): boolean {
  return typeof value["raw"] === "string" && isObject(value["elements"]);
}

/** Whether a value says how an identifier was entered. */
function isEntry(value: Json): boolean {
  const names = Object.keys(value);
  return (
    (value["how"] === "scanned" || value["how"] === "typed") &&
    names.every((name) => name === "how" || name === "raw")
  );
}

function entryText(value: Json, { words }: Reading): string {
  const raw = textOf(value["raw"]).replaceAll("\u001d", "\u241d");
  const how = value["how"] === "scanned" ? words.scanned : words.typed;
  return raw ? `${how} [${raw}]` : how;
}

/** A scan as its elements, with what was scanned behind them; GS is made visible. */
function scanText(value: Json): string {
  const elements = Object.entries(isObject(value["elements"]) ? value["elements"] : {})
    .map(([name, found]) => `${name} ${isObject(found) ? textOf(found["value"]) : textOf(found)}`)
    .join(" · ");
  const raw = textOf(value["raw"]).replaceAll("\u001d", "\u241d");
  return elements ? `${elements} [${raw}]` : raw;
}

function filesIn(value: unknown): readonly File[] | null {
  const candidates = Array.isArray(value) ? value : [value];
  const files = candidates.map((candidate) =>
    isObject(candidate) && typeof candidate["sha256"] === "string"
      ? {
          sha256: candidate["sha256"],
          mime: textOf(candidate["mime"]),
          name: textOf(candidate["name"]) || candidate["sha256"].slice(0, 12),
        }
      : null,
  );
  return files.length > 0 && files.every((file) => file !== null) ? files : null;
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `now` says otherwise than `before`, for fields that both have: their names with the earlier value. */
export function changedFields(before: Json, now: Json): ReadonlyMap<string, unknown> {
  return new Map(
    Object.keys(now)
      .filter(
        (name) => Object.hasOwn(before, name) && JSON.stringify(before[name]) !== JSON.stringify(now[name]),
      )
      .map((name) => [`/${name}`, before[name]]),
  );
}

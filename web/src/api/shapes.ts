/**
 * Small readers for what comes over the wire: each turns an unknown JSON value into a typed one or says
 * exactly where it is not what it should be. Fields we do not know are ignored, so that an older client still
 * understands a newer server.
 */

/** A text in both languages of the product. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** The wire carried something else than agreed; `path` says where. */
export class WireMismatch extends Error {
  override readonly name = "WireMismatch";
  readonly path: string;

  constructor(path: string, expected: string, found: unknown) {
    super(`${path || "/"}: expected ${expected}, found ${describe(found)}`);
    this.path = path;
  }
}

export type Shape<T> = (value: unknown, path: string) => T;
export type Of<S> = S extends Shape<infer T> ? T : never;

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `${typeof value} ${JSON.stringify(value)}`;
}

export const string: Shape<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw new WireMismatch(path, "a string", value);
};

export const integer: Shape<number> = (value, path) => {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new WireMismatch(path, "an integer", value);
};

export const boolean: Shape<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw new WireMismatch(path, "true or false", value);
};

/** A decimal is a string of digits on the wire, never a JSON number: no digit may be lost in a float. */
export const decimal: Shape<string> = (value, path) => {
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return value;
  throw new WireMismatch(path, "a decimal written as a string", value);
};

export const json: Shape<unknown> = (value) => value;

export function oneOf<const T extends string>(...allowed: readonly T[]): Shape<T> {
  return (value, path) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new WireMismatch(path, allowed.join(" | "), value);
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null || value === undefined ? null : shape(value, path));
}

/** Absent, null or wrong-free: what may be left out is filled with `otherwise`. */
export function withDefault<T>(shape: Shape<T>, otherwise: T): Shape<T> {
  return (value, path) => (value === null || value === undefined ? otherwise : shape(value, path));
}

export function array<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new WireMismatch(path, "an array", value);
    return value.map((entry, index) => shape(entry, `${path}/${index}`));
  };
}

export const record: Shape<Readonly<Record<string, unknown>>> = (value, path) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new WireMismatch(path, "an object", value);
};

export function recordOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(record(value, path)).map(([key, entry]) => [key, shape(entry, `${path}/${key}`)]),
    );
}

export function object<F extends Record<string, Shape<unknown>>>(
  fields: F,
): Shape<{ readonly [K in keyof F]: Of<F[K]> }> {
  const entries = Object.entries(fields);
  return (value, path) => {
    const found = record(value, path);
    return Object.fromEntries(entries.map(([key, shape]) => [key, shape(found[key], `${path}/${key}`)])) as {
      readonly [K in keyof F]: Of<F[K]>;
    };
  };
}

export const text: Shape<Text> = object({ en: string, zh: string });

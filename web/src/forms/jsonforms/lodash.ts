/**
 * The few lodash functions that @jsonforms/core 3.8 and @jsonforms/react 3.8 call, small.
 *
 * lodash itself is 17 KB (gzip) of the form chunk, most of it `lodash/fp` for two calls. What JSON Forms
 * asks of each function is narrow and was read from its source; `lodash.test.ts` compares every function
 * with the real lodash on those uses, and `build_plugin.ts` puts them in place at build time.
 */

type Iteratee<T> = (item: T) => unknown;
type Path = string | readonly string[];

function segments(path: Path): readonly string[] {
  return typeof path === "string" ? path.split(/[.[\]]/).filter((part) => part !== "") : path;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** True for null, undefined, numbers, booleans, "", [], {}. */
export function isEmpty(value: unknown): boolean {
  if (typeof value === "string" || Array.isArray(value)) return value.length === 0;
  if (!isObject(value)) return true;
  return Object.keys(value).length === 0;
}

/** "receivedDate" -> "Received Date". Our forms carry their own titles; this is only a last resort. */
export function startCase(text: string): string {
  const words = text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7f]+/g) ?? [];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}

export function keys(value: object): string[] {
  return Object.keys(value);
}

export function range(start: number, end: number, step: number): number[] {
  const numbers: number[] = [];
  for (let at = start; at < end; at += step) numbers.push(at);
  return numbers;
}

export function get(object: unknown, path: Path | undefined): unknown {
  if (path === undefined) return undefined;
  let value = object;
  for (const part of segments(path)) {
    if (value === null || value === undefined) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

export function has(object: unknown, key: string): boolean {
  return isObject(object) && Object.hasOwn(object, key);
}

export function find<T>(items: readonly T[], matches: Iteratee<T>): T | undefined {
  return items.find(matches);
}

export function includes<T>(items: readonly T[], item: T): boolean {
  return items.includes(item);
}

export function filter<T>(items: readonly T[] | null | undefined, matches: Iteratee<T>): T[] {
  return (items ?? []).filter(matches);
}

/** Equality of JSON values. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isObject(left) || !isObject(right) || Array.isArray(left) !== Array.isArray(right)) {
    return false;
  }
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isEqual(left[name], right[name]))
  );
}

/** Deep merge of plain objects into the first. */
export function merge(
  target: Record<string, unknown>,
  ...sources: readonly (Record<string, unknown> | undefined)[]
): Record<string, unknown> {
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      if (value === undefined && name in target) continue;
      const old = target[name];
      target[name] =
        isObject(value) && !Array.isArray(value) ? merge(isObject(old) ? old : {}, value) : cloneDeep(value);
    }
  }
  return target;
}

/** Copy of a JSON value. */
export function cloneDeep<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneDeep) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cloneDeep(item)])) as T;
}

export function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

export function maxBy<T>(items: readonly T[] | undefined, rank: (item: T) => number): T | undefined {
  let best: T | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const item of items ?? []) {
    const here = rank(item);
    if (here > highest) [best, highest] = [item, here];
  }
  return best;
}

export function remove<T>(items: T[], matches: Iteratee<T>): T[] {
  const gone = items.filter(matches);
  items.splice(0, items.length, ...items.filter((item) => !gone.includes(item)));
  return gone;
}

export function endsWith(text: string, end: string): boolean {
  return text.endsWith(end);
}

export function last<T>(items: readonly T[]): T | undefined {
  return items.at(-1);
}

export function reduce<T, R>(items: readonly T[], step: (result: R, item: T) => R, start: R): R {
  return items.reduce(step, start);
}

export function toPairs(value: object): [string, unknown][] {
  return Object.entries(value);
}

export function isUndefined(value: unknown): boolean {
  return value === undefined;
}

/** lodash/fp `set`: a copy of `object` with `value` at `path`; nothing else is copied. */
export function fpSet(path: Path, value: unknown, object: unknown): unknown {
  const [name, ...rest] = segments(path);
  if (name === undefined) return value;
  const copy = shallowCopy(object, /^\d+$/.test(name));
  copy[name] = rest.length === 0 ? value : fpSet(rest, value, copy[name]);
  return copy;
}

/** lodash/fp `unset`: a copy of `object` without `path`. */
export function fpUnset(path: Path, object: unknown): unknown {
  const [name, ...rest] = segments(path);
  if (name === undefined || !isObject(object) || !(name in object)) return object;
  const copy = shallowCopy(object, false);
  if (rest.length === 0) Reflect.deleteProperty(copy, name);
  else copy[name] = fpUnset(rest, copy[name]);
  return copy;
}

function shallowCopy(object: unknown, asList: boolean): Record<string, unknown> {
  if (Array.isArray(object)) return object.slice() as unknown as Record<string, unknown>;
  if (isObject(object)) return { ...object };
  return (asList ? [] : {}) as Record<string, unknown>;
}

type Debounced<A extends unknown[]> = ((...args: A) => void) & { cancel(): void };

/** Call `work` once, `wait` ms after the last of a burst of calls. */
export function debounce<A extends unknown[]>(work: (...args: A) => void, wait: number): Debounced<A> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (...args: A): void => {
    clearTimeout(timer);
    timer = setTimeout(work, wait, ...args);
  };
  return Object.assign(later, {
    cancel: () => {
      clearTimeout(timer);
    },
  });
}

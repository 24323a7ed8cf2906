/**
 * Numbers: IEEE 754 decimal128, that is 34 digits, ties to even, no infinities.
 * The twin of forms/feel/decimals.py: what has no result is null, what is too small is 0.
 */
import { Decimal, digitsOf, type Rounding, tenTo } from "./decimal.ts";

export { Decimal, type Rounding };
export const DIGITS = 34;
/** Whole powers are computed with 60 digits, then rounded once to 34. */
const WIDE = 60;
/** Logarithms and exponentials are computed with so many digits after the point. */
const FINE = 90;
const UNIT = tenTo(FINE);
const MAX_EXPONENT = 999_999_999;
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,5})?$/;

export const ZERO = new Decimal(0);
const ONE = new Decimal(1);

export function isNumber(value: unknown): value is Decimal {
  return value instanceof Decimal;
}

export function parseNumber(text: string): Decimal | null {
  return text.length > 10_000 || !NUMBER.test(text) ? null : fit(new Decimal(text));
}

/** A number rounded to 34 digits; null when too large, 0 when too small. */
export function fit(value: Decimal): Decimal | null {
  const rounded = value.toDigits(DIGITS);
  if (rounded.isZero() || rounded.e < -6143) return ZERO;
  return rounded.e > 6144 ? null : rounded;
}

export function add(a: Decimal, b: Decimal): Decimal | null {
  if (a.isZero() || b.isZero()) return fit(a.isZero() ? b : a);
  const [high, low] = a.e < b.e ? [b, a] : [a, b];
  // What lies far below the last digit only tells whether the sum is above or below it.
  const far = high.e - low.e > 3 * DIGITS;
  const other = far ? new Decimal(low.c < 0n ? -1n : 1n, high.e - 3 * DIGITS) : low;
  const shared = Math.min(high.q, other.q);
  return fit(new Decimal(high.c * tenTo(high.q - shared) + other.c * tenTo(other.q - shared), shared));
}

export const subtract = (a: Decimal, b: Decimal): Decimal | null => add(a, b.neg());

const times = (a: Decimal, b: Decimal): Decimal => new Decimal(a.c * b.c, a.q + b.q);

export const multiply = (a: Decimal, b: Decimal): Decimal | null => fit(times(a, b));

/** a / b with a digit more than wanted, which is not 0 when the division leaves a rest. */
function quotient(a: Decimal, b: Decimal, digits: number): Decimal {
  const shift = Math.max(0, digits + 2 + digitsOf(b.c) - digitsOf(a.c));
  const scaled = a.c * tenTo(shift);
  const rest = scaled % b.c ? (a.c < 0n === b.c < 0n ? 1n : -1n) : 0n;
  return new Decimal((scaled / b.c) * 10n + rest, a.q - b.q - shift - 1);
}

export function divide(a: Decimal, b: Decimal): Decimal | null {
  return b.isZero() ? null : fit(quotient(a, b, DIGITS));
}

export function power(base: Decimal, exponent: Decimal): Decimal | null {
  if (exponent.abs().greaterThan(new Decimal(MAX_EXPONENT))) return null;
  if (exponent.isInteger()) return wholePower(base, exponent.toNumber());
  if (base.isZero()) return exponent.c > 0n ? ZERO : null;
  return base.c < 0n ? null : exponentialOf(times(exponent, new Decimal(logarithmOf(base), -FINE)));
}

function wholePower(base: Decimal, exponent: number): Decimal | null {
  if (base.isZero() && exponent < 0) return null;
  let result = ONE;
  for (const bit of Math.abs(exponent).toString(2)) {
    result = times(result, result).toDigits(WIDE);
    if (bit === "1") result = times(result, base).toDigits(WIDE);
  }
  return fit(exponent < 0 ? quotient(ONE, result, WIDE).toDigits(WIDE) : result);
}

/** a − b·floor(a/b), rounded once; null when the whole quotient has more than 34 digits. */
export function modulo(a: Decimal, b: Decimal): Decimal | null {
  if (b.isZero() || a.isZero()) return b.isZero() ? null : ZERO;
  if (a.e - b.e >= DIGITS - 1) return null;
  const shared = Math.min(a.q, b.q);
  const far = b.e - a.e > 3 * DIGITS;
  const rest = far ? a : new Decimal((a.c * tenTo(a.q - shared)) % (b.c * tenTo(b.q - shared)), shared);
  return rest.isZero() || rest.c < 0n === b.c < 0n ? fit(rest) : add(rest, b);
}

export function exponential(value: Decimal): Decimal | null {
  return exponentialOf(value);
}

export function logarithm(value: Decimal): Decimal | null {
  return value.c > 0n ? fit(new Decimal(logarithmOf(value), -FINE)) : null;
}

export function squareRoot(value: Decimal): Decimal | null {
  if (value.c < 0n) return null;
  const shift = 2 * DIGITS + 4 + (value.q & 1);
  const scaled = value.c * tenTo(shift);
  const root = rootOf(scaled);
  return fit(new Decimal(root * 10n + (root * root === scaled ? 0n : 1n), (value.q - shift) / 2 - 1));
}

/** The whole part of a square root, by Newton's steps from above. */
function rootOf(value: bigint): bigint {
  if (value < 2n) return value;
  let root = tenTo(Math.ceil(digitsOf(value) / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

let tenth = 0n;
/** ln 10, in units of 10^−90. */
const logarithmOfTen = (): bigint => (tenth ||= smallLogarithm(10n * UNIT));

/** ln x in units of 10^−90: of the first digit with what follows, and of the power of ten. */
function logarithmOf(value: Decimal): bigint {
  const first = value.c * tenTo(FINE + 10 - digitsOf(value.c) + 1);
  return smallLogarithm(first / tenTo(10)) + BigInt(value.e) * logarithmOfTen();
}

/** ln x for 1 ≤ x ≤ 10: sixteen times the logarithm of the sixteenth root, by 2·artanh((x−1)/(x+1)). */
function smallLogarithm(value: bigint): bigint {
  let root = value;
  for (let round = 0; round < 4; round++) root = rootOf(root * UNIT);
  const z = ((root - UNIT) * UNIT) / (root + UNIT);
  const square = (z * z) / UNIT;
  let sum = 0n;
  let term = z;
  for (let odd = 1n; term; odd += 2n) {
    sum += term / odd;
    term = (term * square) / UNIT;
  }
  return 32n * sum;
}

function exponentialOf(value: Decimal): Decimal | null {
  if (value.abs().greaterThan(new Decimal(15_000))) return value.c > 0n ? null : ZERO;
  const fixed = value.q < -FINE ? value.c / tenTo(-FINE - value.q) : value.c * tenTo(FINE + value.q);
  const tens = fixed / logarithmOfTen();
  // e^r for |r| < ln 10: the 256th power of the series for r/256.
  const small = (fixed - tens * logarithmOfTen()) / 256n;
  let sum = UNIT;
  let term = UNIT;
  for (let index = 1n; term; index++) {
    term = (term * small) / UNIT / index;
    sum += term;
  }
  for (let round = 0; round < 8; round++) sum = (sum * sum) / UNIT;
  return fit(new Decimal(sum, Number(tens) - FINE));
}

/** `value` with `scale` decimals (negative: tens, hundreds…). */
export function rounded(value: Decimal, scale: Decimal, mode: Rounding): Decimal | null {
  const places = whole(scale);
  return places === null || places < -6111 || places > 6176 ? null : fit(value.toDecimalPlaces(places, mode));
}

/** The integer that `value` is; null when it is not whole or beyond ±10^15. */
export function whole(value: unknown): number | null {
  if (!isNumber(value) || !value.isInteger() || value.e > 15) return null;
  const number = value.toNumber();
  return Math.abs(number) > 1e15 ? null : number;
}

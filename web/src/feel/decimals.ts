/**
 * Numbers: IEEE 754 decimal128, that is 34 digits, ties to even, no infinities.
 * The twin of forms/feel/decimals.py: what has no result is null, what is too small is 0.
 */
import { Decimal } from "decimal.js";

const UNLIMITED = { toExpNeg: -9e15, toExpPos: 9e15, rounding: Decimal.ROUND_HALF_EVEN } as const;
export const D = Decimal.clone({
  ...UNLIMITED,
  precision: 34,
  minE: -6143,
  maxE: 6144,
  modulo: Decimal.ROUND_FLOOR,
});
/** Powers are computed with 60 digits and an open exponent, then rounded once to 34. */
const Wide = Decimal.clone({ ...UNLIMITED, precision: 60, minE: -9e15, maxE: 9e15 });

export { Decimal };
export const ZERO = new D(0);
const MAX_EXPONENT = 999_999_999;
const EXP_BOUND = 15_000;
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,5})?$/;

export function isNumber(value: unknown): value is Decimal {
  return value instanceof D;
}

export function parseNumber(text: string): Decimal | null {
  return text.length > 10_000 || !NUMBER.test(text) ? null : fit(new Wide(text));
}

/** A number of any decimal constructor, rounded to 34 digits; null when infinite, NaN or too large. */
export function fit(value: Decimal): Decimal | null {
  return finite(new D(new Wide(value).toSignificantDigits(34, Decimal.ROUND_HALF_EVEN)));
}

export function finite(value: Decimal): Decimal | null {
  return value.isFinite() ? value : null;
}

export function power(base: Decimal, exponent: Decimal): Decimal | null {
  if (exponent.abs().gt(MAX_EXPONENT)) return null;
  if (exponent.isInteger()) return fit(wholePower(new Wide(base), exponent.toNumber()));
  if (base.isZero()) return exponent.gt(0) ? ZERO : null;
  if (base.lt(0)) return null;
  const logarithm = new Wide(base).ln().times(exponent);
  if (logarithm.abs().gt(EXP_BOUND)) return logarithm.gt(0) ? null : ZERO;
  return fit(logarithm.exp());
}

function wholePower(base: Decimal, exponent: number): Decimal {
  let result: Decimal = new Wide(1);
  for (const bit of Math.abs(exponent).toString(2)) {
    result = result.times(result);
    if (bit === "1") result = result.times(base);
  }
  return exponent < 0 ? new Wide(1).div(result) : result;
}

/** a − b·floor(a/b), rounded once; null when the whole quotient has more than 34 digits. */
export function modulo(a: Decimal, b: Decimal): Decimal | null {
  if (b.isZero()) return null;
  if (a.isZero()) return ZERO;
  return a.e - b.e >= 33 ? null : finite(a.mod(b));
}

export function exponential(value: Decimal): Decimal | null {
  if (value.abs().gt(EXP_BOUND)) return value.gt(0) ? null : ZERO;
  return finite(value.exp());
}

export function logarithm(value: Decimal): Decimal | null {
  return value.gt(0) ? value.ln() : null;
}

export function squareRoot(value: Decimal): Decimal | null {
  return value.gte(0) ? value.sqrt() : null;
}

/** `value` with `scale` decimals (negative: tens, hundreds…). */
export function rounded(value: Decimal, scale: Decimal, mode: Decimal.Rounding): Decimal | null {
  if (!scale.isInteger() || scale.lt(-6111) || scale.gt(6176)) return null;
  const places = scale.toNumber();
  if (places >= 0) return finite(value.toDecimalPlaces(places, mode));
  const unit = new Wide(10).pow(-places);
  return fit(new Wide(value).div(unit).toDecimalPlaces(0, mode).times(unit));
}

/** The integer that `value` is; null when it is not whole or beyond ±10^15. */
export function whole(value: unknown): number | null {
  return isNumber(value) && value.isInteger() && value.abs().lte(1e15) ? value.toNumber() : null;
}

/** The number as string() shows it: no exponent, no trailing zeros, no −0. */
export function numberText(value: Decimal): string {
  return value.isZero() ? "0" : value.toFixed();
}

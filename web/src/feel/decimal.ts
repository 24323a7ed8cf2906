/**
 * A decimal number, exact: c · 10^q. What FEEL and the fields of forms compute with, because 0.1 + 0.2 is 0.3 in a
 * quality record. Arithmetic with 34 digits is in decimals.ts.
 */

export type Rounding = "up" | "down" | "ceiling" | "floor" | "half up" | "half down" | "half even";

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
export const digitsOf = (value: bigint): number => abs(value).toString().length;
export const tenTo = (exponent: number): bigint => 10n ** BigInt(exponent);

export class Decimal {
  /** The digits with the sign, without zeros at the end. */
  readonly c: bigint;
  /** The power of ten that the digits are multiplied with. */
  readonly q: number;

  /** From a text ("12.50", "1e-3"), a number, another Decimal, or digits and their power of ten. */
  constructor(value: string | number | bigint | Decimal, power = 0) {
    let digits = 0n;
    let exponent = power;
    if (typeof value === "bigint") digits = value;
    else if (value instanceof Decimal) {
      digits = value.c;
      exponent += value.q;
    } else {
      const found = TEXT.exec(String(value));
      if (!found || !(found[2] || found[3])) throw new TypeError(`${value} is no decimal number`);
      const [, sign = "", whole = "", fraction = "", scale = "0"] = found;
      digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
      exponent += Number(scale) - fraction.length;
    }
    const text = digits.toString();
    const zeros = text.length - text.replace(/0+$/, "").length;
    this.c = digits && zeros ? digits / tenTo(zeros) : digits;
    this.q = digits ? exponent + zeros : 0;
  }

  static isDecimal(value: unknown): value is Decimal {
    return value instanceof Decimal;
  }

  /** The power of ten of the first digit. */
  get e(): number {
    return digitsOf(this.c) - 1 + this.q;
  }

  isZero(): boolean {
    return !this.c;
  }

  isInteger(): boolean {
    return this.q >= 0;
  }

  abs(): Decimal {
    return this.c < 0n ? this.neg() : this;
  }

  neg(): Decimal {
    return new Decimal(-this.c, this.q);
  }

  /** Negative, 0 or positive as this number is less than, equal to or greater than the other. */
  comparedTo(other: Decimal): number {
    const sign = Number(this.c > 0n) - Number(this.c < 0n);
    const otherSign = Number(other.c > 0n) - Number(other.c < 0n);
    if (sign !== otherSign || !sign) return sign - otherSign;
    if (this.e !== other.e) return (this.e - other.e) * sign;
    const shared = Math.min(this.q, other.q);
    const difference = this.c * tenTo(this.q - shared) - other.c * tenTo(other.q - shared);
    return Number(difference > 0n) - Number(difference < 0n);
  }

  equals(other: Decimal): boolean {
    return this.c === other.c && this.q === other.q;
  }

  lessThan(other: Decimal): boolean {
    return this.comparedTo(other) < 0;
  }

  greaterThan(other: Decimal): boolean {
    return this.comparedTo(other) > 0;
  }

  decimalPlaces(): number {
    return Math.max(0, -this.q);
  }

  /** Rounded to so many digits after the point (negative: to tens, hundreds…). */
  toDecimalPlaces(places: number, mode: Rounding): Decimal {
    const dropped = -places - this.q;
    if (dropped <= 0) return this;
    const unit = tenTo(dropped);
    const rest = this.c % unit;
    const sign = this.c < 0n ? -1n : 1n;
    const half = Number(abs(rest) * 2n > unit) - Number(abs(rest) * 2n < unit);
    const kept = this.c / unit;
    const away =
      rest !== 0n &&
      {
        up: true,
        down: false,
        ceiling: sign > 0n,
        floor: sign < 0n,
        "half up": half >= 0,
        "half down": half > 0,
        "half even": half > 0 || (half === 0 && kept % 2n !== 0n),
      }[mode];
    return new Decimal(away ? kept + sign : kept, -places);
  }

  /** Rounded to so many digits, ties to even. */
  toDigits(digits: number): Decimal {
    return this.toDecimalPlaces(digits - 1 - this.e, "half even");
  }

  /** Digits without an exponent, with at least so many after the point. */
  toFixed(places = 0): string {
    const after = Math.max(places, this.decimalPlaces());
    const digits = abs(this.c * tenTo(this.q + after))
      .toString()
      .padStart(after + 1, "0");
    const whole = digits.slice(0, digits.length - after);
    return (this.c < 0n ? "-" : "") + whole + (after ? `.${digits.slice(-after)}` : "");
  }

  toString(): string {
    return this.toFixed();
  }

  toJSON(): string {
    return this.toFixed();
  }

  toNumber(): number {
    return Number(`${this.c}e${this.q}`);
  }
}

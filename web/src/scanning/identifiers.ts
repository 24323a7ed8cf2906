/**
 * GS1 application identifiers: what follows each, what we call it, which rules it must keep. The table is written
 * by tools/export_gs1_table.py from forms/barcodes/identifiers.py, so that both sides read with the same one.
 */
import exported from "./gs1_table.json";

interface Gs1Table {
  /** Name and version of the reader, kept with each scan. */
  readonly parser: string;
  /** Identifier, pattern of its value, whether a separator must follow. */
  readonly identifiers: readonly (readonly [string, string, boolean])[];
  /** Identifier -> our name of the element. Others are named "ai_<identifier>". */
  readonly names: Readonly<Record<string, string>>;
  /** Whose value is one date YYMMDD, where day 00 says that only the month is known. */
  readonly dates: readonly string[];
  /** Whose value begins with a date YYMMDD that must exist. */
  readonly times: readonly string[];
  /** Identifier -> how many leading digits of its value end in a check digit. */
  readonly checked_digits: Readonly<Record<string, number>>;
  /** Pairs that one barcode must not hold together. */
  readonly exclusive: readonly (readonly [string, string])[];
  /** Those that say what or who something is. */
  readonly keys: readonly string[];
  /** Primary keys of a GS1 Digital Link and the qualifiers that may follow, in this order. */
  readonly link_keys: Readonly<Record<string, readonly string[]>>;
}

export class Identifier {
  readonly ai: string;
  readonly separatorRequired: boolean;
  private readonly pattern: string;
  private start: RegExp | undefined;

  constructor(ai: string, pattern: string, separatorRequired: boolean) {
    this.ai = ai;
    this.pattern = pattern;
    this.separatorRequired = separatorRequired;
  }

  /** Matches its value at the start of a text. Compiled at first use: of 541 a scan needs five. */
  get atStart(): RegExp {
    this.start ??= new RegExp(`^(?:${this.pattern})`);
    return this.start;
  }

  /** Matches its value as a whole. */
  get whole(): RegExp {
    return new RegExp(`^(?:${this.pattern})$`);
  }
}

export const table = exported as unknown as Gs1Table;

export const identifiers: ReadonlyMap<string, Identifier> = new Map(
  table.identifiers.map(([ai, pattern, separator]) => [ai, new Identifier(ai, pattern, separator)]),
);

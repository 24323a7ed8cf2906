/**
 * GS1 application identifiers: what follows each, what we call it, which rules it must keep. The table is written
 * by tools/export_gs1_table.py from forms/barcodes/identifiers.py, so that both sides read with the same one.
 */
import exported from "./gs1_table.json";

interface Gs1Table {
  /** Name and version of the reader, kept with each scan. */
  readonly parser: string;
  /** Identifier -> our name of the element. Others are named "ai_<identifier>". */
  readonly names: Readonly<Record<string, string>>;
  /** Whose value is one date YYMMDD, where day 00 says that only the month is known. */
  readonly dates: readonly string[];
  /** Whose value begins with a date YYMMDD that must exist. */
  readonly times: readonly string[];
  /** Those that say what or who something is. */
  readonly keys: readonly string[];
  /** Identifier -> how many leading digits of its value end in a check digit. */
  readonly checkedDigits: Readonly<Record<string, number>>;
  /** Pairs that one barcode must not hold together. */
  readonly exclusive: readonly (readonly [string, string])[];
  /** Primary keys of a GS1 Digital Link and the qualifiers that may follow, in this order. */
  readonly linkKeys: Readonly<Record<string, readonly string[]>>;
  /** Pattern of the value, whether a separator must follow, identifiers. */
  readonly patterns: readonly (readonly [string, boolean, string])[];
}

/** What follows an identifier. Identifiers with values of the same form share one. */
class ValueForm {
  readonly separatorRequired: boolean;
  private readonly pattern: string;
  private start: RegExp | undefined;

  constructor(pattern: string, separatorRequired: boolean) {
    this.pattern = pattern;
    this.separatorRequired = separatorRequired;
  }

  /** Matches a value at the start of a text. Compiled at first use: of some hundred a scan needs five. */
  get atStart(): RegExp {
    return (this.start ??= new RegExp(`^(?:${this.pattern})`));
  }
}

export interface Identifier {
  readonly ai: string;
  readonly value: ValueForm;
}

export const table = exported as unknown as Gs1Table;

export const identifiers: ReadonlyMap<string, Identifier> = new Map(
  table.patterns.flatMap(([pattern, separatorRequired, ais]) => {
    const value = new ValueForm(pattern, separatorRequired);
    return ais.split(" ").map((ai): [string, Identifier] => [ai, { ai, value }]);
  }),
);

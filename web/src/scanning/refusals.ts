/** A scan that is not taken, and why. The sentence for `code` stands in forms/messages.json. */
export class ScanRefused extends Error {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: string, params: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.name = "ScanRefused";
    this.code = code;
    this.params = params;
  }
}

/** The words between forms and scanners: how a field says that it takes scans, and how a separator is written. */

/** GS, which ends a variable-length element of a GS1 barcode. */
export const GROUP_SEPARATOR = "\x1d";

/** How GS is shown in a field, which could not show the character itself. */
export const VISIBLE_SEPARATOR = "\u241d";

/** Attribute of inputs that take a whole scan as their text. */
export const SCAN_FIELD = "data-scan-field";

/** Event by which something other than a keyboard says that it has read a label. */
export const SCAN_HEARD = "countersign-scan";

/** A label that was read, and the scan field it is meant for, if there is one. */
export interface HeardScan {
  readonly text: string;
  readonly field: HTMLInputElement | null;
}

/** Hand a scan to whoever listens for scans on this page. */
export function hearScan(text: string, field: HTMLInputElement | null): void {
  document.dispatchEvent(new CustomEvent<HeardScan>(SCAN_HEARD, { detail: { text, field } }));
}

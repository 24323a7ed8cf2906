/** The words between forms and scanners: how a field says that it takes scans, and how a separator is written. */

/** GS, which ends a variable-length element of a GS1 barcode. */
export const GROUP_SEPARATOR = "\x1d";

/** How GS is shown in a field, which could not show the character itself. */
export const VISIBLE_SEPARATOR = "\u241d";

/** Attribute of inputs that take a whole scan as their text. */
export const SCAN_FIELD = "data-scan-field";

/** What the commissioning check found out about this device's scanner, kept on the device. */
const KEY = "countersign.scanner";

export interface ScannerReport {
  /** Longest time between two keys of a scan, ms. */
  readonly slowestKey: number;
  readonly sendsPrefix: boolean;
  /** When the check was passed, ISO. */
  readonly at: string;
}

export function scannerReport(): ScannerReport | null {
  try {
    // eslint-disable-next-line no-restricted-globals -- three numbers of this device, needed before any scan
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return isReport(kept) ? kept : null;
  } catch {
    return null;
  }
}

export function keepScannerReport(report: ScannerReport): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- see above
    localStorage.setItem(KEY, JSON.stringify(report));
  } catch {
    // A private window forgets; the usual settings hold.
  }
}

function isReport(kept: unknown): kept is ScannerReport {
  return (
    typeof kept === "object" &&
    kept !== null &&
    typeof (kept as ScannerReport).slowestKey === "number" &&
    typeof (kept as ScannerReport).sendsPrefix === "boolean"
  );
}

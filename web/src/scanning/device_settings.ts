/** What the commissioning check found out about this device's scanner, kept on the device. */
import { WEDGE_SETTINGS, type WedgeSettings } from "./keyboard_wedge.ts";

const KEY = "countersign.scanner";

export interface ScannerReport {
  /** Longest time between two keys of a scan, ms. */
  readonly slowestKey: number;
  readonly sendsPrefix: boolean;
  /** When the check was passed, ISO. */
  readonly at: string;
}

/** Settings for this device: its own pace, where the check was done, else those that fit most scanners. */
export function wedgeSettings(): WedgeSettings {
  const report = scannerReport();
  if (report === null) return WEDGE_SETTINGS;
  // Twice the slowest key seen, but never as slow as a person types.
  const burstGap = Math.min(55, Math.max(WEDGE_SETTINGS.burstGap, report.slowestKey * 2));
  return { ...WEDGE_SETTINGS, burstGap };
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

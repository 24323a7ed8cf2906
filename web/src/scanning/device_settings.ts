/** How this device's scanner types, by what the commissioning check found out. */
import { WEDGE_SETTINGS, type WedgeSettings } from "./keyboard_wedge.ts";
import { scannerReport } from "./scanner_report.ts";

/** Settings for this device: its own pace, where the check was done, else those that fit most scanners. */
export function wedgeSettings(): WedgeSettings {
  const report = scannerReport();
  if (report === null) return WEDGE_SETTINGS;
  // Twice the slowest key seen, but never as slow as a person types.
  const burstGap = Math.min(55, Math.max(WEDGE_SETTINGS.burstGap, report.slowestKey * 2));
  return { ...WEDGE_SETTINGS, burstGap };
}

/**
 * Where scanning with the camera will stand (issue 4): native `BarcodeDetector` where the device has one,
 * else zxing-wasm, hosted by us and run in a worker. A camera gives the same text as a scanner that types,
 * AIM prefix and GS included, so everything after it (`read_scan.ts`, `use_scans.tsx`) stays as it is.
 */

/** Something other than a keyboard that reads barcodes. */
export interface ScanSource {
  /** Begin to read; `scanned` gets the text with AIM prefix and GS. The returned function ends it. */
  start(scanned: (text: string) => void): () => void;
}

/** The camera of this device, or null. Always null until the camera is built. */
export function camera(): ScanSource | null {
  return null;
}

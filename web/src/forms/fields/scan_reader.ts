/**
 * The reader of scans, fetched when a form has use for it: the table of GS1 application identifiers is heavy
 * beside the rest, and many forms scan nothing.
 */
import type { Scan } from "../../scanning/read_scan.ts";
import type { Json } from "./base.ts";
import { Wrong } from "./base.ts";

type ScanJson = Readonly<Record<string, Json>>;

let loaded: typeof import("../../scanning/index.ts") | undefined;

/** Fetch the reader; fields of type barcode need it before they are read. */
export async function loadScanReader(): Promise<void> {
  loaded ??= await import("../../scanning/index.ts");
}

export function scanReaderIsLoaded(): boolean {
  return loaded !== undefined;
}

/** Read a scan at an ISO moment. Throws Wrong. */
export function scanReader(): (raw: string, now: string) => ScanJson {
  const scanning = loaded;
  if (scanning === undefined) throw new Error("A barcode was read before loadScanReader().");
  return (raw, now) => {
    try {
      const scan: Scan = scanning.readScan(raw, Number(now.slice(0, 4)));
      return { ...scan } as unknown as ScanJson;
    } catch (error) {
      if (error instanceof scanning.ScanRefused) throw new Wrong(error.code, error.params);
      throw error;
    }
  };
}

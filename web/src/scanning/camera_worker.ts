/**
 * Reads barcodes in pictures, off the page: WebAssembly is compiled here and nowhere else, so that only the answer
 * with this file allows it (`api/pwa.py`).
 */
import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from "zxing-wasm/reader";
import engine from "zxing-wasm/reader/zxing_reader.wasm?url";

export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly careful: boolean;
}

/** What stands in a picture, as a scanner sends it; `failed` when the reader itself is not there. */
export interface Decoded {
  readonly text: string | null;
  readonly failed: boolean;
}

prepareZXingModule({ overrides: { locateFile: () => engine } });

/** What a scanner of ours announces (`keyboard_wedge.ts`). */
const FORMATS: NonNullable<ReaderOptions["formats"]> = [
  "DataMatrix",
  "QRCode",
  "Code128",
  "EAN13",
  "EAN8",
  "UPCA",
  "ITF",
  "Code39",
  "DataBar",
];
// Plain: separators (GS) stay in the text as they are; "HRI" would print brackets.
const FAST: ReaderOptions = {
  formats: FORMATS,
  textMode: "Plain",
  tryHarder: false,
  tryInvert: false,
  maxNumberOfSymbols: 4,
};
const CAREFUL: ReaderOptions = { ...FAST, tryHarder: true, tryInvert: true };

onmessage = ({ data }: MessageEvent<Picture>) => {
  void decoded(data).then((found) => {
    postMessage(found);
  });
};

async function decoded({ bitmap, careful }: Picture): Promise<Decoded> {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (canvas === null) return { text: null, failed: true };
  canvas.drawImage(bitmap, 0, 0);
  bitmap.close();
  try {
    const found = await readBarcodes(canvas.getImageData(0, 0, width, height), careful ? CAREFUL : FAST);
    const nearest = found.sort(
      (one, other) => offCentre(one, width, height) - offCentre(other, width, height),
    )[0];
    return { text: nearest === undefined ? null : nearest.symbologyIdentifier + nearest.text, failed: false };
  } catch {
    return { text: null, failed: true };
  }
}

/** How far the middle of a code lies from the middle of the picture, squared. */
function offCentre({ position }: ReadResult, width: number, height: number): number {
  const corners = [position.topLeft, position.topRight, position.bottomLeft, position.bottomRight];
  const middle = (of: "x" | "y"): number => corners.reduce((sum, corner) => sum + corner[of], 0) / 4;
  return (middle("x") - width / 2) ** 2 + (middle("y") - height / 2) ** 2;
}

/**
 * Draws barcodes for tests in the browser (tests/browser/test_camera.py): reads [{format, options, text}] as JSON, gives
 * [{png, width, height, grey}] with the picture as a PNG file and as bytes of grey, both in base64.
 */
import { readFileSync } from "node:fs";

import { prepareZXingModule, writeBarcode, type WriterOptions } from "zxing-wasm/writer";

const engine = readFileSync(new URL(import.meta.resolve("zxing-wasm/writer/zxing_writer.wasm")));
prepareZXingModule({ overrides: { wasmBinary: engine.buffer } });
const wanted = JSON.parse(readFileSync(0, "utf8")) as readonly (WriterOptions & { readonly text: string })[];
const drawn: unknown[] = [];
for (const { text, ...how } of wanted) {
  const { image, symbol, error } = await writeBarcode(text, { scale: 4, ...how });
  if (image === null) throw new Error(error);
  const png = Buffer.from(await image.arrayBuffer()).toString("base64");
  const { data, width, height } = symbol;
  drawn.push({ png, width, height, grey: Buffer.from(data).toString("base64") });
}
process.stdout.write(JSON.stringify(drawn));

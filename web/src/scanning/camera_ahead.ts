/**
 * Keeps the camera's reader on a device that is enrolled to work without a network: its first label may be read where
 * there is none. The service worker keeps what is fetched.
 */
import { readDevice } from "../device/store.ts";
import worker from "./camera_worker.ts?worker&url";
import engine from "zxing-wasm/reader/zxing_reader.wasm?url";

export async function keepCameraReader(): Promise<void> {
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (serviceWorker?.controller == null || (await readDevice())?.state !== "enrolled") return;
  // eslint-disable-next-line no-restricted-globals -- files of the client, for the service worker to keep
  await Promise.all([worker, engine].map((part) => fetch(part, { priority: "low" })));
}

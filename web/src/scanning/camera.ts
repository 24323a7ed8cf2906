/**
 * The camera as a scanner, where there is none that types: zxing-cpp (`zxing-wasm`), hosted by us, in a worker of its
 * own, fetched when the camera is opened. It says what a scanner says: the symbology identifier (AIM), then the text
 * with its separators. The browsers' own `BarcodeDetector` is not used: it gives no symbology identifier, and what
 * becomes of FNC1 is left to the device, so that a lot could run into a serial number.
 */
import type { Decoded, Picture } from "./camera_worker.ts";

/** Frames a second at most: a hand is not faster, and a battery lasts longer. */
const FRAME_MS = 100;
/** The same label counts again when it was out of sight for so long. */
const FORGET_MS = 1_500;

export type CameraTrouble = "no_camera" | "not_allowed" | "no_reader";

export interface OpenCamera {
  /** Read the barcode in a picture of a file; null when there is none. */
  readonly readPicture: (picture: Blob) => Promise<string | null>;
  /** The lamp beside the lens; null where there is none. */
  readonly lamp: ((on: boolean) => Promise<void>) | null;
  readonly close: () => void;
}

/** The reader of pictures, in its worker. */
export class PictureReader {
  private readonly worker: Worker;
  private readonly waiting: ((found: Decoded) => void)[] = [];

  constructor() {
    this.worker = new Worker(new URL("./camera_worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<Decoded>) => this.waiting.shift()?.(data);
    this.worker.onerror = () => {
      for (const tell of this.waiting.splice(0)) tell({ text: null, failed: true });
    };
  }

  /** The barcode nearest to the middle, as a scanner sends it. `careful` takes ten times as long and finds more. */
  read(bitmap: ImageBitmap, careful: boolean): Promise<Decoded> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.worker.postMessage({ bitmap, careful } satisfies Picture, [bitmap]);
    });
  }

  close(): void {
    this.worker.terminate();
  }
}

/**
 * Show what the camera sees in `video`, and tell each label once. Two pictures must say the same: in a single one a
 * linear code is now and then misread. Without a camera pictures of files can be read all the same.
 */
export async function openCamera(
  video: HTMLVideoElement,
  scanned: (text: string) => void,
  trouble: (what: CameraTrouble) => void,
): Promise<OpenCamera> {
  const reader = new PictureReader();
  const stream = await streamOf().catch((error: unknown) => {
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    trouble(refused ? "not_allowed" : "no_camera");
    return null;
  });
  let closed = false;
  if (stream !== null) {
    video.srcObject = stream;
    await video.play().catch(() => undefined);
    void look();
  }

  async function look(): Promise<void> {
    let candidate = "";
    let told = "";
    let seen = 0;
    while (!closed) {
      const begun = performance.now();
      const { text, failed } = await frame(video, reader);
      if (failed) trouble("no_reader");
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- closed while the frame was read
      if (failed || closed) return;
      if (text !== null && text === candidate && text !== told) {
        told = text;
        scanned(text);
      }
      candidate = text ?? "";
      if (text === told) seen = begun;
      else if (begun - seen > FORGET_MS) told = "";
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, FRAME_MS - (performance.now() - begun))),
      );
    }
  }

  return {
    readPicture: async (picture) => (await reader.read(await createImageBitmap(picture), true)).text,
    lamp: stream && lampOf(stream),
    close() {
      closed = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
      video.srcObject = null;
      reader.close();
    },
  };
}

function streamOf(): Promise<MediaStream> {
  // Not there without a secure context, whatever the DOM types say.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) return Promise.reject(new Error("No camera without a secure context."));
  return devices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
}

async function frame(video: HTMLVideoElement, reader: PictureReader): Promise<Decoded> {
  if (video.videoWidth === 0 || document.hidden) return { text: null, failed: false };
  return reader.read(await createImageBitmap(video), false);
}

function lampOf(stream: MediaStream): OpenCamera["lamp"] {
  const [track] = stream.getVideoTracks();
  // `torch` is no standard yet; Chrome on Android has it.
  const able = track?.getCapabilities() as { readonly torch?: boolean } | undefined;
  if (track === undefined || able?.torch !== true) return null;
  return (on) => track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
}

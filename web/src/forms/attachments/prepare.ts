/**
 * A chosen file becomes an attachment: photos are made smaller, then the bytes are hashed. In that order:
 * what was hashed is never changed again, the hash is what the person signs.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export interface PreparedFile {
  readonly sha256: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: ArrayBuffer;
}

/** Longest side of a photo, pixels: a label fills the picture and its small print is still read. */
const LONGEST_SIDE = 2560;
/** A picture of this size, bytes, and not larger than LONGEST_SIDE is left as it came from the camera. */
const SMALL_ENOUGH = 1_500_000;
const JPEG_QUALITY = 0.85;

/** Make ready to keep and send. Photos larger than needed come out as JPEG, everything else untouched. */
export async function prepareFile(file: File): Promise<PreparedFile> {
  const smaller = await downscaled(file);
  const bytes = await (smaller ?? file).arrayBuffer();
  return {
    sha256: bytesToHex(sha256(new Uint8Array(bytes))),
    name: smaller === null ? file.name : file.name.replace(/\.[^.]*$/, "") + ".jpg",
    mime: (smaller ?? file).type,
    bytes,
  };
}

/** The picture with its longer side at most LONGEST_SIDE; null where it is small enough or no picture. */
async function downscaled(file: File): Promise<Blob | null> {
  if (!/^image\/(?:jpeg|png|webp|heic|heif)$/.test(file.type)) return null;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null; // a picture this browser cannot decode travels as it is
  }
  const { width, height } = fit(bitmap.width, bitmap.height, LONGEST_SIDE);
  const keep = width === bitmap.width && file.size <= SMALL_ENOUGH && !/hei[cf]$/.test(file.type);
  const picture = keep ? null : await asJpeg(bitmap, width, height);
  bitmap.close();
  return picture;
}

/** Width and height scaled down, never up, so that the longer is at most `longest`. */
export function fit(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function asJpeg(bitmap: ImageBitmap, width: number, height: number): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY);
  });
}

/** Draw a small picture of an image file on a canvas. A canvas needs no blob: address in the policy. */
export async function drawPreview(
  canvas: HTMLCanvasElement,
  file: Pick<PreparedFile, "bytes" | "mime">,
): Promise<void> {
  const bitmap = await createImageBitmap(new Blob([file.bytes], { type: file.mime }));
  const { width, height } = fit(bitmap.width, bitmap.height, 192);
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
}

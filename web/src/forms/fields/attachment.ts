/**
 * Files, kept by their content hash: [{"sha256", "name", "mime", "size"}].
 *
 * The content goes its own way (PUT /api/attachments/<sha256>); the record names it. `minItems`, `maxItems`
 * (5 unless said), `x-mime`, `x-max-size` in bytes (20 MB unless said).
 */
import {
  type Answer,
  computeNever,
  type FieldType,
  isObject,
  type Json,
  lengthOf,
  numberIn,
  type Schema,
  Wrong,
} from "./base.ts";
import { INVISIBLE } from "./characters.ts";

export interface FileReference {
  readonly sha256: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
}

const SHA256 = /^[0-9a-f]{64}$/;
const NAME = /^[^/\\\n\t]+$/;
const LONGEST_NAME = 200;
const KEYS = ["mime", "name", "sha256", "size"];
export const MOST_FILES = 5;
const LARGEST = 20_000_000;
const MEGABYTE = 1_000_000;
const PICTURES: readonly string[] = ["image/jpeg", "image/png", "image/webp"];
const DOCUMENTS: readonly string[] = [...PICTURES, "application/pdf"];

function read(submitted: Json, schema: Schema): Answer {
  if (!Array.isArray(submitted)) throw new Wrong("list_expected");
  const files = submitted as readonly Json[];
  const most = numberIn(schema, "maxItems", MOST_FILES);
  const least = numberIn(schema, "minItems", 0);
  if (files.length > most) throw new Wrong("too_many_files", { limit: most });
  if (files.length < least) throw new Wrong("too_few_files", { limit: least });
  const hashes = files.map((file) => requireFile(file, schema).sha256);
  if (new Set(hashes).size < hashes.length) throw new Wrong("file_twice");
  return { record: submitted, value: submitted };
}

function requireFile(file: Json, schema: Schema): FileReference {
  if (!isReference(file)) throw new Wrong("file_reference");
  const accepted = acceptedTypes(schema);
  if (!accepted.includes(file.mime)) {
    throw new Wrong("file_type", { found: file.mime.slice(0, 100), accepted: accepted.join(", ") });
  }
  const largest = largestFile(schema);
  if (file.size > largest) throw new Wrong("file_too_big", { limit: sizeText(largest) });
  return file;
}

function isReference(file: unknown): file is FileReference {
  if (!isObject(file) || Object.keys(file).sort().join() !== KEYS.join()) return false;
  const { sha256, name, mime, size } = file;
  return (
    typeof sha256 === "string" &&
    SHA256.test(sha256) &&
    typeof name === "string" &&
    NAME.test(name) &&
    lengthOf(name) <= LONGEST_NAME &&
    !INVISIBLE.test(name) &&
    typeof mime === "string" &&
    typeof size === "number" &&
    Number.isInteger(size) &&
    size > 0
  );
}

/** The media types a field takes. */
export function acceptedTypes(schema: Schema): readonly string[] {
  const listed = schema["x-mime"];
  if (Array.isArray(listed)) return listed as readonly string[];
  return schema["x-field"] === "photo" ? PICTURES : DOCUMENTS;
}

export function largestFile(schema: Schema): number {
  return numberIn(schema, "x-max-size", LARGEST);
}

function sizeText(bytes: number): string {
  return bytes % MEGABYTE === 0 ? `${bytes / MEGABYTE} MB` : `${bytes} B`;
}

export const FIELD: FieldType = { name: "attachment", read, compute: computeNever };

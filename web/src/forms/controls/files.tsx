/** The files of an attachment or photo field: add, look at, take away; each says whether the server has it. */
import "./files.css";

import { type ChangeEvent, type ReactNode, useEffect, useRef, useState } from "react";

import { drawPreview, type PreparedFile, prepareFile } from "../attachments/prepare.ts";
import { findFile, keepFile } from "../attachments/store.ts";
import { keepAndSend, type SendFile } from "../attachments/uploads.ts";
import { acceptedTypes, type FileReference, MOST_FILES } from "../fields/attachment.ts";
import { numberIn } from "../fields/base.ts";
import { useFormFrame } from "../form_context.tsx";
import { Icon } from "../icons.tsx";
import type { Language } from "../texts.ts";
import { type Word, word } from "../words.ts";
import type { InputProps } from "./base.ts";

export default function Files(props: InputProps): ReactNode {
  const { uploads } = useFormFrame();
  const { language, schema } = props;
  const [busy, setBusy] = useState(false);
  const [news, setNews] = useState<Word | null>(null);
  const files = (Array.isArray(props.value) ? props.value : []) as readonly FileReference[];
  // Reading a photo takes a moment, in which another one may be added.
  const latest = useRef(files);
  useEffect(() => {
    latest.current = files;
  });
  const isPhoto = schema["x-field"] === "photo";
  const canAdd = files.length < numberIn(schema, "maxItems", MOST_FILES);

  const set = (next: readonly FileReference[]): void => {
    latest.current = next;
    props.change(next.length === 0 ? undefined : next.map((file) => ({ ...file })));
  };
  const add = async (chosen: readonly File[]): Promise<void> => {
    setBusy(true);
    setNews(null);
    try {
      for (const file of chosen) {
        const prepared = await prepareFile(file);
        const { sha256, name, mime, bytes } = prepared;
        if (latest.current.some((known) => known.sha256 === sha256)) continue;
        // It is the form's as soon as the device has it; its line sends it.
        await keepFile(prepared);
        set([...latest.current, { sha256, name: shortName(name), mime, size: bytes.byteLength }]);
      }
    } catch {
      setNews("file_unreadable");
    } finally {
      setBusy(false);
      props.blur();
    }
  };
  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    const chosen = Array.from(event.currentTarget.files ?? []);
    event.currentTarget.value = "";
    void add(chosen);
  };
  return (
    <div className="form-files" role="group" aria-labelledby={`${props.id}-label`}>
      {files.length > 0 && (
        <ul className="form-file-list">
          {files.map((file) => (
            <FileLine
              key={file.sha256}
              file={file}
              language={language}
              send={uploads ?? notSent}
              remove={
                props.disabled
                  ? undefined
                  : () => {
                      set(latest.current.filter((one) => one.sha256 !== file.sha256));
                    }
              }
            />
          ))}
        </ul>
      )}
      {canAdd && !props.disabled && (
        <label className="button form-file-button">
          <Icon name={isPhoto ? "camera" : "file"} />
          {word(language, isPhoto ? "take_photo" : "choose_file")}
          <input
            id={props.id}
            type="file"
            className="form-file-input"
            accept={acceptedTypes(schema).join(",")}
            {...(isPhoto ? { capture: "environment" as const } : { multiple: true })}
            aria-label={`${props.label}: ${word(language, isPhoto ? "take_photo" : "choose_file")}`}
            aria-describedby={props.describedBy}
            aria-invalid={props.invalid || undefined}
            onChange={choose}
          />
        </label>
      )}
      <p role="status" className={busy || news !== null ? "form-files-waiting" : "visually-hidden"}>
        {busy ? word(language, "preparing") : news !== null && word(language, news)}
      </p>
    </div>
  );
}

const notSent: SendFile = () => Promise.reject(new Error("Nobody sends files here."));

function FileLine(props: {
  readonly file: FileReference;
  readonly language: Language;
  readonly send: SendFile;
  readonly remove: (() => void) | undefined;
}): ReactNode {
  const { file, language, send } = props;
  const preview = useRef<HTMLCanvasElement>(null);
  const [status, setStatus] = useState<"uploaded" | "upload_waiting" | null>(null);
  const isPicture = file.mime.startsWith("image/");
  useEffect(() => {
    let gone = false;
    void findFile(file.sha256).then(async (kept) => {
      if (gone) return;
      if (kept === undefined) {
        setStatus("uploaded"); // by another device: only the server can have it
        return;
      }
      setStatus(kept.uploaded ? "uploaded" : "upload_waiting");
      if (isPicture && preview.current !== null) await draw(preview.current, kept);
      if (kept.uploaded || (await keepAndSend(kept, send)) === "waiting") return;
      setStatus("uploaded");
    });
    return () => {
      gone = true;
    };
  }, [file.sha256, isPicture, send]);
  return (
    <li className="form-file">
      {isPicture ? <canvas ref={preview} width={64} height={64} aria-hidden="true" /> : <Icon name="file" />}
      <span className="form-file-name">
        {file.name}
        <span className="form-file-about">
          {sizeText(file.size)}
          {status === null ? "" : ` · ${word(language, status)}`}
        </span>
      </span>
      {props.remove !== undefined && (
        <button type="button" className="button" data-kind="quiet" onClick={props.remove}>
          <Icon name="cross" />
          <span className="visually-hidden">{word(language, "remove_file", { name: file.name })}</span>
        </button>
      )}
    </li>
  );
}

async function draw(canvas: HTMLCanvasElement, file: PreparedFile): Promise<void> {
  try {
    await drawPreview(canvas, file);
  } catch {
    // No preview is no problem: the name and the size are there.
  }
}

function shortName(name: string): string {
  return Array.from(name.replace(/[/\\\n\t]/g, "_"))
    .slice(-120)
    .join("");
}

function sizeText(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

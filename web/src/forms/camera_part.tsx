/**
 * The camera of this device in place of a scanner: what it sees, above the form, and each label it reads goes where
 * a scanner's would. Fetched when it is opened.
 */
import "./camera_part.css";

import { type ChangeEvent, type ReactNode, useEffect, useRef, useState } from "react";

import { type CameraTrouble, type OpenCamera, openCamera } from "../scanning/camera.ts";
import { hearScan, SCAN_FIELD } from "../scanning/scan_field.ts";
import { Icon } from "./icons.tsx";
import type { Language, Text } from "./texts.ts";

const WORDS = {
  seen: { en: "What the camera sees", zh: "摄像头画面" },
  opening: { en: "Opening the camera…", zh: "正在打开摄像头…" },
  aim: { en: "Point the camera at a barcode.", zh: "请将摄像头对准条码。" },
  reading: { en: "Reading the picture…", zh: "正在识别图片…" },
  nothing: {
    en: "There is no barcode to be read in this picture. Take it closer and straight.",
    zh: "图片中没有可识别的条码，请靠近并正对条码重拍。",
  },
  no_camera: {
    en: "There is no camera for this page. Take a picture of the barcode instead.",
    zh: "此页面无法使用摄像头，请改为拍摄条码图片。",
  },
  not_allowed: {
    en: "The camera is not allowed here. Allow it in the browser's settings for this page, or take a picture.",
    zh: "未获得摄像头权限。请在浏览器的网站设置中允许使用摄像头，或改为拍摄图片。",
  },
  no_reader: {
    en: "The reader of barcodes is not on this device yet. Open the camera once with a network.",
    zh: "本机尚无条码识别组件，请先在联网时打开一次摄像头。",
  },
  picture: { en: "Picture of a barcode", zh: "拍摄条码图片" },
  light: { en: "Light", zh: "补光灯" },
} as const satisfies Readonly<Record<string, Text>>;

type News = Exclude<keyof typeof WORDS, "seen" | "picture" | "light">;

export default function CameraPart({ language }: { readonly language: Language }): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<OpenCamera | null>(null);
  const [news, setNews] = useState<News>("opening");
  const [lit, setLit] = useState(false);
  useEffect(() => {
    if (video.current === null) return undefined;
    let gone = false;
    const field = lastScanField();
    let opened: OpenCamera | null = null;
    const trouble = (what: CameraTrouble): void => {
      setNews(what);
    };
    void openCamera(
      video.current,
      (text) => {
        hearScan(text, field.current());
      },
      trouble,
    ).then((open) => {
      opened = open;
      if (gone) {
        open.close();
        return;
      }
      setCamera(open);
      setNews((before) => (before === "opening" ? "aim" : before));
    });
    return () => {
      gone = true;
      field.stop();
      opened?.close();
    };
  }, []);
  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = Array.from(event.currentTarget.files ?? []);
    event.currentTarget.value = "";
    if (file === undefined || camera === null) return;
    setNews("reading");
    camera.readPicture(file).then(
      (text) => {
        setNews(text === null ? "nothing" : "aim");
        if (text !== null) hearScan(text, null);
      },
      () => {
        setNews("nothing");
      },
    );
  };
  const { lamp } = camera ?? { lamp: null };
  return (
    <div className="form-camera">
      {/* Shows what is before the lens: nothing that could have a subtitle. */}
      <video ref={video} className="form-camera-seen" muted playsInline aria-label={WORDS.seen[language]} />
      <p role="status" className="form-camera-news">
        {WORDS[news][language]}
      </p>
      <div className="form-camera-acts">
        <label className="button form-file-button">
          <Icon name="camera" />
          {WORDS.picture[language]}
          <input
            type="file"
            className="visually-hidden"
            accept="image/*"
            capture="environment"
            disabled={camera === null}
            onChange={choose}
          />
        </label>
        {lamp === null ? null : (
          <button
            type="button"
            className="button"
            aria-pressed={lit}
            onClick={() => {
              setLit(!lit);
              void lamp(!lit);
            }}
          >
            {WORDS.light[language]}
          </button>
        )}
      </div>
    </div>
  );
}

/** The scan field that has the focus, or had it last: touching the camera's buttons is no choice of a field. */
function lastScanField(): { current: () => HTMLInputElement | null; stop: () => void } {
  const isOne = (target: unknown): target is HTMLInputElement =>
    target instanceof HTMLInputElement && target.hasAttribute(SCAN_FIELD);
  let last = isOne(document.activeElement) ? document.activeElement : null;
  const note = ({ target }: FocusEvent): void => {
    if (target instanceof HTMLInputElement) last = isOne(target) ? target : null;
  };
  document.addEventListener("focusin", note);
  return {
    current: () => (last?.isConnected === true ? last : null),
    stop: () => {
      document.removeEventListener("focusin", note);
    },
  };
}

/**
 * Scanners that type: tell a scan from a person at the keyboard, and keep the GS character.
 *
 * A handheld scanner in keyboard mode sends a barcode as key presses. Three ways to know it, in this order
 * (design/frontend.md section 3, measured there):
 *  1. A focused scan field (`data-scan-field`) takes whatever is put into it until Enter or Tab.
 *  2. Anywhere on the screen, the AIM symbology prefix (`]d2`, `]C1`, `]Q3` …) starts a scan, however slow
 *     the keys come. What the scan typed into another field by accident is taken out again.
 *  3. Last, a burst of keys faster than a person types, ended by Enter or Tab.
 *
 * GS (0x1D), which ends a variable-length element in GS1 barcodes, arrives as Ctrl+], F8, a raw 0x1D key or
 * Alt+029, none of which a browser writes into a field. In a scan field it is shown as ␝ (U+241D), so the
 * person sees it is there; outside it is kept in the buffer.
 */

import { GROUP_SEPARATOR, type HeardScan, SCAN_FIELD, SCAN_HEARD, VISIBLE_SEPARATOR } from "./scan_field.ts";

export { GROUP_SEPARATOR, SCAN_FIELD, VISIBLE_SEPARATOR };

export interface KeyboardScan {
  /** What the scanner sent, GS as 0x1D, without the closing Enter or Tab. */
  readonly text: string;
  readonly by: "scan_field" | "aim_prefix" | "burst" | "camera";
  /** The field that had the focus, if it was a scan field. */
  readonly field: HTMLInputElement | null;
}

export interface WedgeSettings {
  /** Longest time between two keys of a burst, ms. Set per device by the commissioning check. */
  readonly burstGap: number;
  /** Fewest keys of a burst; a shorter one is a person. */
  readonly burstLength: number;
  /** Silence, ms, after which a scan that began with a prefix and has no Enter or Tab counts as cut off. */
  readonly cutOff: number;
}

export const WEDGE_SETTINGS: WedgeSettings = { burstGap: 35, burstLength: 8, cutOff: 1500 };

export interface WedgeListener {
  scanned(scan: KeyboardScan): void;
  /** A prefix came but no end: the scanner must be set to send Enter after each scan. */
  cutOff?(text: string): void;
}

type TextField = HTMLInputElement | HTMLTextAreaElement;

/** A field's text and caret before a scan fell into it, so that the scan can be taken out again. */
interface Before {
  readonly field: TextField;
  readonly value: string;
  readonly start: number | null;
  readonly end: number | null;
}

interface Key {
  readonly text: string;
  readonly at: number;
}

// Symbologies a scanner may announce: GS1-128 and Code 128, Data Matrix, QR, EAN/UPC, DataBar, DotCode,
// ITF, Code 39. A list, not any letter and digit, so that a person may write "[a]b1".
const AIM_PREFIX = /\](?:C[0124]|d[0-6]|Q[0-6]|E[0-4]|e[0-3]|J[01]|I[013]|A[01-57])$/;

/** Listen on a document until the returned function is called. */
export function listenForScans(
  document: Document,
  listener: WedgeListener,
  settings: WedgeSettings = WEDGE_SETTINGS,
): () => void {
  const wedge = new KeyboardWedge(listener, settings);
  const down = (event: KeyboardEvent): void => {
    wedge.keyDown(event);
  };
  const up = (event: KeyboardEvent): void => {
    wedge.keyUp(event);
  };
  const focused = (event: FocusEvent): void => {
    wedge.entered(event.target);
  };
  const heard = (event: Event): void => {
    listener.scanned({ ...(event as CustomEvent<HeardScan>).detail, by: "camera" });
  };
  document.addEventListener(SCAN_HEARD, heard);
  document.addEventListener("keydown", down, true);
  document.addEventListener("keyup", up, true);
  document.addEventListener("focusin", focused, true);
  return () => {
    document.removeEventListener(SCAN_HEARD, heard);
    document.removeEventListener("focusin", focused, true);
    document.removeEventListener("keydown", down, true);
    document.removeEventListener("keyup", up, true);
    wedge.stop();
  };
}

/** What a scan field holds, as the scanner sent it. */
export function scanFieldText(value: string): string {
  const text = value.replaceAll(VISIBLE_SEPARATOR, GROUP_SEPARATOR).trimStart();
  // The check character of a HIBC label may be a space.
  return /^(?:\]..)?\+/.test(text) ? text : text.trimEnd();
}

class KeyboardWedge {
  private keys: Key[] = [];
  private before: Before | null = null;
  private announced = false;
  private altCode = "";
  /** What each scan field held when it was entered, or when it was last read. */
  private readonly taken = new WeakMap<HTMLInputElement, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly listener: WedgeListener;
  private readonly settings: WedgeSettings;

  constructor(listener: WedgeListener, settings: WedgeSettings) {
    this.listener = listener;
    this.settings = settings;
  }

  keyDown(event: KeyboardEvent): void {
    if (event.isComposing || event.key === "Process") return;
    if (this.collectAltCode(event)) return;
    const field = textField(event);
    if (isSeparator(event)) {
      this.separator(event, field);
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.end(event, field);
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      this.character(event, field);
    } else if (!["Shift", "Alt", "Control", "CapsLock", "AltGraph"].includes(event.key)) {
      this.forget(); // an arrow, Backspace, Escape: a person
    }
  }

  keyUp(event: KeyboardEvent): void {
    if (event.key !== "Alt" || this.altCode === "") return;
    const code = Number(this.altCode);
    this.altCode = "";
    if (code === 0x1d) this.separator(event, textField(event));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** What a scan field holds when it is entered is no scan: Tab must be able to leave it again. */
  entered(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && isScanField(target))
      this.taken.set(target, scanFieldText(target.value));
  }

  /** Alt held and digits on the number pad: how Windows scanners send characters without a key. */
  private collectAltCode(event: KeyboardEvent): boolean {
    const digit = /^Numpad(\d)$/.exec(event.code)?.[1];
    if (!event.altKey || digit === undefined) return false;
    this.altCode += digit;
    event.preventDefault();
    return true;
  }

  private separator(event: KeyboardEvent, field: TextField | null): void {
    if (isScanField(field)) {
      event.preventDefault();
      insertText(field, VISIBLE_SEPARATOR);
      return;
    }
    if (this.keys.length === 0) return; // F8 and Ctrl+] of a person
    event.preventDefault();
    this.keys.push({ text: GROUP_SEPARATOR, at: event.timeStamp });
    if (this.announced) this.restartTimer();
  }

  private character(event: KeyboardEvent, field: TextField | null): void {
    if (isScanField(field)) {
      this.forget();
      return;
    }
    const lastKey = this.keys.at(-1);
    const late = lastKey !== undefined && event.timeStamp - lastKey.at > this.settings.burstGap;
    // A slow key begins a new burst, but not a new prefix: "]", "d", "2" may come at any pace.
    if (!this.announced && late && !/^\][CdQEeJIA]?$/.test(this.text())) this.forget();
    if (!this.announced && event.key === "]") this.forget();
    if (this.keys.length === 0) this.before = remember(field);
    this.keys.push({ text: event.key, at: event.timeStamp });
    if (this.announced) {
      event.preventDefault();
      this.restartTimer();
    } else if (AIM_PREFIX.test(this.text())) {
      event.preventDefault();
      this.announced = true;
      putBack(this.before);
      this.restartTimer();
    }
  }

  private end(event: KeyboardEvent, field: TextField | null): void {
    if (isScanField(field)) {
      this.endInField(event, field);
      return;
    }
    const text = this.text();
    const announced = this.announced;
    const before = this.before;
    const last = this.keys.at(-1);
    const isBurst =
      last !== undefined &&
      this.keys.length >= this.settings.burstLength &&
      event.timeStamp - last.at <= this.settings.burstGap &&
      field?.tagName !== "TEXTAREA" &&
      field?.type !== "password"; // a card or a key that types a password is no scanner
    this.forget();
    if (!announced && !isBurst) return;
    event.preventDefault();
    event.stopPropagation();
    if (!announced) putBack(before);
    this.listener.scanned({ text, by: announced ? "aim_prefix" : "burst", field: null });
  }

  private endInField(event: KeyboardEvent, field: HTMLInputElement): void {
    this.forget();
    const text = scanFieldText(field.value);
    if (text === "") return; // an empty field lets Tab and Enter do what they always do
    if (event.key === "Tab" && (event.shiftKey || this.taken.get(field) === text)) return;
    this.taken.set(field, text);
    event.preventDefault();
    event.stopPropagation();
    this.listener.scanned({ text, by: "scan_field", field });
  }

  private text(): string {
    return this.keys.map((key) => key.text).join("");
  }

  private restartTimer(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const text = this.text();
      const { before } = this;
      this.forget();
      // Nothing a person may have typed is lost: give it back to the field it was meant for.
      if (before !== null) insertText(before.field, text.replaceAll(GROUP_SEPARATOR, ""));
      this.listener.cutOff?.(text);
    }, this.settings.cutOff);
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.keys = [];
    this.before = null;
    this.announced = false;
  }
}

/** Ctrl+], F8 or the raw control character. */
function isSeparator(event: KeyboardEvent): boolean {
  if (event.key === GROUP_SEPARATOR || event.key === "F8") return true;
  return event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight");
}

function textField(event: KeyboardEvent): TextField | null {
  const target = event.composedPath()[0] ?? event.target;
  if (target instanceof HTMLTextAreaElement) return target;
  if (!(target instanceof HTMLInputElement)) return null;
  return ["text", "search", "tel", "url", "email", "password", "number"].includes(target.type)
    ? target
    : null;
}

function isScanField(field: TextField | null): field is HTMLInputElement {
  return field instanceof HTMLInputElement && field.hasAttribute(SCAN_FIELD);
}

function remember(field: TextField | null): Before | null {
  if (field === null || field.readOnly || field.type === "password") return null;
  return { field, value: field.value, start: field.selectionStart, end: field.selectionEnd };
}

function putBack(before: Before | null): void {
  if (before === null || before.field.value === before.value) return;
  writeValue(before.field, before.value);
  if (before.start !== null) before.field.setSelectionRange(before.start, before.end);
}

function insertText(field: TextField, text: string): void {
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? start;
  writeValue(field, field.value.slice(0, start) + text + field.value.slice(end));
  field.setSelectionRange(start + text.length, start + text.length);
}

/** Set a value so that React sees it: through the prototype's setter, then an input event. */
function writeValue(field: TextField, value: string): void {
  Reflect.set(Object.getPrototypeOf(field) as object, "value", value, field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

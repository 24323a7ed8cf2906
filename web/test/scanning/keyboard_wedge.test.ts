/** Scanners as they type: slow, fast, with every way of sending GS, into the wrong field; and people, who do not scan. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type KeyboardScan, listenForScans, SCAN_FIELD } from "../../src/scanning/keyboard_wedge.ts";

const GS = "\x1d";
const RAW = `]d201095060001343521728123110LOT-A1${GS}21SN000123`;

let scans: KeyboardScan[];
let cut: string[];
let stop: () => void;
let now = 1000;

beforeEach(() => {
  vi.useFakeTimers();
  scans = [];
  cut = [];
  stop = listenForScans(document, {
    scanned: (scan) => scans.push(scan),
    cutOff: (text) => cut.push(text),
  });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  document.body.innerHTML = "";
});

/** One key press on the focused element, `gap` ms after the one before, with the browser's default action. */
function press(key: string, gap: number, extra: KeyboardEventInit = {}): boolean {
  now += gap;
  vi.advanceTimersByTime(gap);
  const target = document.activeElement ?? document.body;
  const event = new KeyboardEvent("keydown", {
    key,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...extra,
  });
  Object.defineProperty(event, "timeStamp", { value: now });
  const allowed = target.dispatchEvent(event);
  const editable = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (allowed && editable && key.length === 1 && extra.ctrlKey !== true) {
    target.setRangeText(key, target.selectionStart ?? 0, target.selectionEnd ?? 0, "end");
  }
  return allowed;
}

type SeparatorKey = "ctrl" | "f8" | "raw" | "alt";

function separator(kind: SeparatorKey, gap: number): void {
  if (kind === "ctrl") {
    press("Control", gap, { ctrlKey: true });
    press("]", gap, { ctrlKey: true, code: "BracketRight" });
  } else if (kind === "f8") press("F8", gap);
  else if (kind === "raw") press(GS, gap);
  else {
    press("Alt", gap, { altKey: true });
    for (const digit of "029") press(digit, gap, { altKey: true, code: `Numpad${digit}` });
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keyup", { key: "Alt", bubbles: true, cancelable: true }),
    );
  }
}

function type(text: string, gap: number, kind: SeparatorKey = "ctrl"): void {
  for (const character of text) {
    if (character === GS) separator(kind, gap);
    else {
      if (/[A-Z]/.test(character)) press("Shift", 0, { shiftKey: true });
      press(character, gap);
    }
  }
}

function field(html: string): HTMLInputElement {
  document.body.innerHTML = html;
  const input = document.querySelector<HTMLInputElement>("input, textarea")!;
  input.focus();
  return input;
}

describe("a focused scan field", () => {
  it.each(["ctrl", "f8", "raw", "alt"] as const)("keeps GS sent as %s and shows it", (kind) => {
    const input = field(`<input type="text" ${SCAN_FIELD}>`);
    type(RAW, 3, kind);
    expect(input.value).toContain("\u241d");
    expect(press("Enter", 3)).toBe(false);
    expect(scans).toEqual([{ text: RAW, by: "scan_field", field: input }]);
  });

  it.each([1, 25, 45, 400])("takes a scan with %i ms between the keys", (gap) => {
    field(`<input type="text" ${SCAN_FIELD}>`);
    type(RAW, gap);
    press("Tab", gap);
    expect(scans.map((scan) => scan.text)).toEqual([RAW]);
  });

  it("leaves Enter and Tab alone while it is empty, and Shift+Tab always", () => {
    field(`<input type="text" ${SCAN_FIELD}>`);
    expect(press("Tab", 5)).toBe(true);
    expect(press("Enter", 5)).toBe(true);
    type("ABC", 100);
    expect(press("Tab", 5, { shiftKey: true })).toBe(true);
    expect(scans).toEqual([]);
  });
});

describe("the AIM prefix, wherever the focus is", () => {
  it.each(["ctrl", "f8", "raw", "alt"] as const)("starts a scan on the page itself, GS as %s", (kind) => {
    type(RAW, 20, kind);
    press("Enter", 20);
    expect(scans).toEqual([{ text: RAW, by: "aim_prefix", field: null }]);
  });

  it.each([1, 25, 45, 120])("does not care for the pace: %i ms", (gap) => {
    type(RAW, gap);
    press("Enter", gap);
    expect(scans.map((scan) => scan.text)).toEqual([RAW]);
  });

  it("takes the prefix out of the field the scan fell into", () => {
    const input = field('<input type="text" value="12">');
    input.setSelectionRange(2, 2);
    type(RAW, 45);
    expect(press("Enter", 45)).toBe(false);
    expect(input.value).toBe("12");
    expect(scans).toHaveLength(1);
  });

  it("gives back what a person typed when no end comes", () => {
    const input = field("<textarea></textarea>");
    type("see ]d2 on the label", 90);
    vi.advanceTimersByTime(2000);
    expect(input.value).toBe("see ]d2 on the label");
    expect(cut).toEqual(["]d2 on the label"]);
    expect(scans).toEqual([]);
  });

  it("starts anew at a second bracket", () => {
    type(`]]d2${"01095060001343 52".replace(" ", "")}`, 20);
    press("Enter", 20);
    expect(scans.map((scan) => scan.text)).toEqual(["]d20109506000134352"]);
  });
});

describe("a burst", () => {
  it("without a prefix is a scan", () => {
    const input = field('<input type="text" value="7">');
    input.setSelectionRange(1, 1);
    type("010950600013435210LOTA1", 8);
    expect(press("Enter", 8)).toBe(false);
    expect(scans).toEqual([{ text: "010950600013435210LOTA1", by: "burst", field: null }]);
    expect(input.value).toBe("7");
  });

  it("is not a person who types 60 to 120 ms a key", () => {
    const input = field('<input type="text">');
    for (const [at, character] of Array.from("SN000123-A4").entries())
      press(character, 60 + ((at * 17) % 60));
    expect(press("Enter", 80)).toBe(true);
    expect(input.value).toBe("SN000123-A4");
    expect(scans).toEqual([]);
  });

  it("is not a password that a card or a hardware key types", () => {
    field('<input type="password">');
    type("ann-receives-1", 5);
    expect(press("Enter", 5)).toBe(true);
    expect(scans).toEqual([]);
  });

  it("is not a short quick answer", () => {
    field('<input type="text">');
    type("12.5", 10);
    expect(press("Enter", 10)).toBe(true);
    expect(scans).toEqual([]);
  });

  it("is not what an input method composes", () => {
    field('<input type="text">');
    for (const character of "pihao123456") press(character, 5, { isComposing: true });
    press("Enter", 5);
    expect(scans).toEqual([]);
  });

  it("starts after the slow keys that came before it", () => {
    press("x", 10);
    press("y", 200);
    press("0", 200);
    type("10950600013435210L1", 5);
    press("Enter", 5);
    expect(scans.map((scan) => scan.text)).toEqual(["010950600013435210L1"]);
  });
});

it("leaves F8 and Ctrl+] to the person when no scan is under way", () => {
  expect(press("F8", 10)).toBe(true);
  expect(press("]", 10, { ctrlKey: true })).toBe(true);
});

it("lets Tab leave a scan field in which nothing is new: no keyboard is trapped", () => {
  const input = field('<input type="text" data-scan-field value="HX-77">');
  input.blur();
  input.focus();
  expect(press("Tab", 200)).toBe(true);
  expect(scans).toEqual([]);
  input.value = "HX-78";
  expect(press("Tab", 200)).toBe(false);
  expect(scans.map((scan) => scan.text)).toEqual(["HX-78"]);
  expect(press("Tab", 200)).toBe(true);
});

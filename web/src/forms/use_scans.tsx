/** Scans while a form is open: read, put where they belong, answered to eye, ear and hand. */
import { useEffect, useRef } from "react";

import { answerScan } from "../scanning/feedback.ts";
import { type KeyboardScan, listenForScans } from "../scanning/keyboard_wedge.ts";
import { wedgeSettings } from "../scanning/device_settings.ts";
import { Wrong } from "./fields/base.ts";
import { loadScanReader, scanReader } from "./fields/scan_reader.ts";
import { elementId, type ScanNews, useChanges, useFormFrame, useScreen, useSeen } from "./form_context.tsx";
import { barcodeFor, elementFor, fillsOf, type ScanJson, withFilled } from "./scan_target.ts";
import { pointer } from "./pointers.ts";
import type { Screen } from "./screen.ts";
import { message, type Text } from "./texts.ts";
import { labelOf } from "./wording.ts";
import { word } from "./words.ts";

/** Codes that hold a number of one's own and no GS1 data: Code 128 and Code 39, as a scanner announces them. */
const PLAIN = /^\](?:C0|C2|A[01-57])/;

export function useScans(tell: (news: ScanNews) => void): void {
  const { formId, circumstances } = useFormFrame();
  const { readOnly } = useSeen();
  const screen = useScreen();
  const { change, replace } = useChanges();
  const latest = useRef(screen);
  useEffect(() => {
    latest.current = screen;
  });
  useEffect(() => {
    if (readOnly) return;
    const answer = (news: ScanNews): void => {
      answerScan(news.answer);
      tell(news);
    };
    const refuse = (key: string | null, text: Text): void => {
      answer({ answer: "refused", key, text });
    };

    const take = (scan: ScanJson, focused: string | null): void => {
      const { states } = latest.current;
      const target = barcodeFor(scan, states, focused);
      const own = focused === null ? undefined : states.get(focused);
      if (target !== null) {
        const filled = fillsOf(scan, target);
        replace((data) => withFilled(data, filled));
        answer({
          answer: "accepted",
          key: target.key,
          text: filledText(
            latest.current,
            filled.slice(1).map((one) => pointer(one.path)),
          ),
        });
        focusNext(formId, target.key, latest.current);
        return;
      }
      const element = own === undefined ? undefined : elementFor(scan, own);
      if (own === undefined || element === undefined) {
        refuse(null, textOf("scan_no_place"));
        return;
      }
      change(own.path, element);
      answer({ answer: "accepted", key: own.key, text: textOf("scan_accepted") });
    };

    const scanned = async ({ text, field }: KeyboardScan): Promise<void> => {
      const focused = fieldKey(field, formId, latest.current);
      const own = focused === null ? undefined : latest.current.states.get(focused);
      const isNumber = own !== undefined && own.field.type.name !== "barcode";
      if (isNumber && PLAIN.test(text)) {
        change(own.path, text.slice(3));
        answer({ answer: "accepted", key: own.key, text: textOf("scan_accepted") });
        return;
      }
      await loadScanReader();
      try {
        take(scanReader()(text, circumstances().now), focused);
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        // A number typed by hand and closed with Enter is a number, not a bad scan.
        if (isNumber && !text.startsWith("]")) focusNext(formId, own.key, latest.current);
        else refuse(focused ?? firstBarcode(latest.current), message(error.code, error.params));
      }
    };
    return listenForScans(
      document,
      {
        scanned: (scan) => void scanned(scan),
        cutOff: () => {
          refuse(firstBarcode(latest.current), textOf("scan_cut_off"));
        },
      },
      wedgeSettings(),
    );
  }, [readOnly, formId, circumstances, change, replace, tell]);
}

function textOf(name: Parameters<typeof word>[1]): Text {
  return { en: word("en", name), zh: word("zh", name) };
}

function filledText(screen: Screen, keys: readonly string[]): Text {
  const fields = keys.map((key) => screen.states.get(key)).filter((state) => state !== undefined);
  if (fields.length === 0) return textOf("scan_accepted");
  return {
    en: word("en", "scan_filled", { fields: fields.map((state) => labelOf("en", state)).join(", ") }),
    zh: word("zh", "scan_filled", { fields: fields.map((state) => labelOf("zh", state)).join("、") }),
  };
}

/** The field of this form that an input belongs to. */
function fieldKey(input: HTMLInputElement | null, formId: string, screen: Screen): string | null {
  if (input === null) return null;
  for (const key of screen.states.keys()) if (elementId(formId, key) === input.id) return key;
  return null;
}

function firstBarcode(screen: Screen): string | null {
  for (const state of screen.states.values()) if (state.field.type.name === "barcode") return state.key;
  return null;
}

/** After a scan: the next barcode field without an answer, if there is one; else the focus stays. */
function focusNext(formId: string, after: string, screen: Screen): void {
  for (const state of screen.states.values()) {
    const isNext = state.field.type.name === "barcode" && state.key !== after && state.value === undefined;
    if (isNext && state.enabled) {
      document.getElementById(elementId(formId, state.key))?.focus();
      return;
    }
  }
}

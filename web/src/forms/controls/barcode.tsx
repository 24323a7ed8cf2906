/**
 * A barcode field: scanned into, or typed by hand from the label. The on-screen keyboard stays away until it is
 * asked for. What the scan says is shown at once, element by element.
 */
import { type ReactNode, useRef, useState } from "react";

import { SCAN_FIELD, VISIBLE_SEPARATOR } from "../../scanning/scan_field.ts";
import { ELEMENT_TEXTS, filledBy } from "../fields/barcode.ts";
import { isObject, type Json } from "../fields/base.ts";
import { useSeen } from "../form_context.tsx";
import { Icon } from "../icons.tsx";
import type { Language } from "../texts.ts";
import { ScanAnswer } from "../scan_answer.tsx";
import { word } from "../words.ts";
import { type Control, type InputProps, inputAttributes } from "./base.ts";

function BarcodeInput(props: InputProps): ReactNode {
  const { language } = props;
  const { scan } = useSeen();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [typing, setTyping] = useState(false);
  const news = scan?.key === props.pointer ? scan : null;
  // An accepted scan stands below the field; the field itself is ready for the next one.
  const [answered, setAnswered] = useState(news);
  if (news !== answered) {
    setAnswered(news);
    if (news?.answer === "accepted") setText("");
  }
  return (
    <div className="form-scan">
      <div className="form-scan-line">
        <Icon name="scan" />
        <input
          {...inputAttributes(props)}
          {...{ [SCAN_FIELD]: "barcode" }}
          ref={input}
          className="input form-code"
          type="text"
          inputMode={typing ? "text" : "none"}
          autoComplete="off"
          autoCorrect="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="done"
          data-pointer={props.pointer}
          placeholder={word(language, props.value === undefined ? "scan_here" : "scan_again")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value.replaceAll("\x1d", VISIBLE_SEPARATOR));
          }}
        />
        <button
          type="button"
          className="button form-keyboard"
          aria-pressed={typing}
          disabled={props.disabled}
          onClick={() => {
            setTyping(!typing);
            input.current?.focus();
          }}
        >
          <Icon name="keyboard" />
          <span className="visually-hidden">{word(language, "type_instead")}</span>
        </button>
      </div>
      <ScanAnswer at={props.pointer} />
      {isObject(props.value) && <Elements value={props.value} language={language} />}
    </div>
  );
}

/** What a barcode holds, by name. */
function Elements({ value, language }: { readonly value: Json; readonly language: Language }): ReactNode {
  const elements = isObject(value) ? value["elements"] : undefined;
  if (!isObject(elements)) return null;
  return (
    <dl className="form-elements">
      {Object.entries(elements).map(([name, element]) => (
        <div key={name}>
          <dt>{ELEMENT_TEXTS[name]?.[language] ?? name}</dt>
          <dd className="form-code">{filledBy(element)}</dd>
        </div>
      ))}
    </dl>
  );
}

export const CONTROL: Control = {
  Input: BarcodeInput,
  shown: (value, _settings, language) => {
    const elements = isObject(value) ? value["elements"] : undefined;
    if (!isObject(elements)) return "";
    return Object.entries(elements)
      .map(([name, element]) => `${ELEMENT_TEXTS[name]?.[language] ?? name} ${filledBy(element)}`)
      .join(", ");
  },
};

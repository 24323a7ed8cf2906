/**
 * What is wrong with the whole form, at its top, after an attempt to submit: it takes the focus, each entry leads
 * to its field, in the same words as stand there (the error summary of the GOV.UK Design System).
 */
import { type ReactNode, useEffect, useRef } from "react";

import type { FieldError } from "./findings.ts";
import { elementId, useFormFrame, useScreen, useSeen } from "./form_context.tsx";
import { Icon } from "./icons.tsx";
import { parsePath, templatePointer } from "./pointers.ts";
import { SHOW_FIELD } from "./renderers/show_field.ts";
import type { Language } from "./texts.ts";
import { errorText, labelOf } from "./wording.ts";
import { word } from "./words.ts";

export function ErrorSummary({ serverErrors }: { readonly serverErrors: readonly FieldError[] }): ReactNode {
  const { formId, model } = useFormFrame();
  const { language, attempts } = useSeen();
  const { outcome, states } = useScreen();
  const summary = useRef<HTMLDivElement>(null);
  const errors = [...(attempts > 0 ? outcome.errors : []), ...serverErrors];
  const isShown = errors.length > 0;
  useEffect(() => {
    if (isShown) summary.current?.focus();
  }, [attempts, serverErrors, isShown]);
  if (!isShown) return null;

  const nameOf = (path: string, inSeveralRows: boolean): string => {
    const row = parsePath(path).find((step) => typeof step === "number");
    const field = model.byTemplate.get(templatePointer(parsePath(path)));
    if (field === undefined) return "";
    const label = labelOf(language, { field });
    if (row === undefined || inSeveralRows) return label;
    return `${word(language, "row", { number: row + 1 })}, ${label}`;
  };
  return (
    <div
      className="form-summary"
      ref={summary}
      tabIndex={-1}
      role="alert"
      aria-labelledby={elementId(formId, "/summary")}
    >
      <h2 id={elementId(formId, "/summary")}>
        <Icon name="error" />
        {word(language, "problem")}
      </h2>
      <ul>
        {entries(errors, language).map(({ path, sentence, count }) => {
          const name = nameOf(path, count > 1);
          const words = joined(name, sentence, language);
          return (
            <li key={`${path} ${sentence}`}>
              {states.has(path) ? (
                <a
                  href={`#${elementId(formId, path)}`}
                  onClick={(event) => {
                    event.preventDefault();
                    showField(formId, path);
                  }}
                >
                  {words}
                  {count > 1 && ` ${word(language, "in_rows", { count })}`}
                </a>
              ) : (
                <span>{words}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** "Lot: Fill in this field."; a name that is a question keeps its own mark. */
function joined(name: string, sentence: string, language: Language): string {
  if (name === "") return sentence;
  if (/[?？]$/.test(name)) return `${name} ${sentence}`;
  return language === "zh" ? `${name}：${sentence}` : `${name}: ${sentence}`;
}

interface Entry {
  readonly path: string;
  readonly sentence: string;
  readonly count: number;
}

/** More rows of a table than this with the same finding are one entry, which leads to the first. */
const MOST_ALIKE = 3;

function entries(errors: readonly FieldError[], language: Language): readonly Entry[] {
  const alike = new Map<string, Entry[]>();
  for (const error of errors) {
    const sentence = errorText(language, error);
    const key = `${templatePointer(parsePath(error.path))} ${sentence}`;
    alike.set(key, [...(alike.get(key) ?? []), { path: error.path, sentence, count: 1 }]);
  }
  return Array.from(alike.values()).flatMap((found) => {
    const [first] = found;
    if (first === undefined || found.length <= MOST_ALIKE) return found;
    return [{ ...first, count: found.length }];
  });
}

/** Bring a field into sight, in whatever step it is, and put the focus into it. */
export function showField(formId: string, key: string): void {
  document.getElementById(formId)?.dispatchEvent(new CustomEvent(SHOW_FIELD, { detail: key }));
  // The step is drawn first.
  requestAnimationFrame(() => {
    const element = document.getElementById(elementId(formId, key));
    const input = element?.matches("[role=radiogroup]")
      ? (element.querySelector<HTMLElement>("input:checked") ?? element.querySelector<HTMLElement>("input"))
      : element;
    input?.closest(".form-field, .form-cell, .form-table")?.scrollIntoView({ block: "nearest" });
    input?.focus();
  });
}

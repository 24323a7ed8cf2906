/**
 * What is wrong with the whole form, at its top, after an attempt to submit: it takes the focus, each entry leads
 * to its field, in the same words as stand there (the error summary of the GOV.UK Design System).
 */
import { type ReactNode, useEffect, useRef } from "react";

import type { FieldError } from "./findings.ts";
import { elementId, useFormFrame, useScreen, useSeen } from "./form_context.tsx";
import { Icon } from "./icons.tsx";
import { parsePath } from "./pointers.ts";
import { SHOW_FIELD } from "./renderers/steps.tsx";
import { errorText, labelOf, textIn } from "./wording.ts";
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

  const nameOf = (path: string): string => {
    const steps = parsePath(path);
    const row = steps.find((step) => typeof step === "number");
    const field = states.get(path)?.field ?? model.byTemplate.get(path.replace(/\/\d+(?=\/|$)/g, "/*"));
    if (field === undefined) return "";
    const label = labelOf(language, { field });
    return row === undefined ? label : `${word(language, "row", { number: row + 1 })}, ${label}`;
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
        {errors.map((error) => {
          const name = nameOf(error.path);
          const sentence = errorText(language, error);
          return (
            <li key={`${error.path} ${error.code} ${textIn("en", error.message)}`}>
              {states.has(error.path) ? (
                <a
                  href={`#${elementId(formId, error.path)}`}
                  onClick={(event) => {
                    event.preventDefault();
                    showField(formId, error.path);
                  }}
                >
                  {name}: {sentence}
                </a>
              ) : (
                <span>{name === "" ? sentence : `${name}: ${sentence}`}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
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

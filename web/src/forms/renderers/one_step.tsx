/** One step of a long procedure on a phone: "step 3 of 8", the way on and back, and which steps have a problem. */
import "./one_step.css";

import { type ReactNode, useEffect, useRef, useState } from "react";

import { elementId, useFormFrame, useScreen, useSeen } from "../form_context.tsx";
import { Icon } from "../icons.tsx";
import type { UiElement } from "../model.ts";
import { parseScope, pointer, templatePointer } from "../pointers.ts";
import { textIn } from "../wording.ts";
import { word } from "../words.ts";
import { Inside } from "./layouts.tsx";
import type { RendererProps } from "./placed.ts";
import { SHOW_FIELD } from "./show_field.ts";
import { useShownSteps } from "./shown_steps.ts";

export default function OneStep(props: RendererProps): ReactNode {
  const { formId, leave } = useFormFrame();
  const { language, left, attempts } = useSeen();
  const { states } = useScreen();
  const steps = useShownSteps(props.uischema);
  const [wanted, setWanted] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  const at = Math.min(wanted, steps.length - 1);
  const step = steps[at];

  useEffect(() => {
    const form = document.getElementById(formId);
    const show = (event: Event): void => {
      const key = (event as CustomEvent<string>).detail;
      const found = steps.findIndex((one) => fieldsIn(one).has(`/${pathSteps(key).join("/")}`));
      if (found >= 0) setWanted(found);
    };
    form?.addEventListener(SHOW_FIELD, show);
    return () => form?.removeEventListener(SHOW_FIELD, show);
  }, [formId, steps]);
  useEffect(() => {
    if (moved.current) heading.current?.focus();
    moved.current = false;
  }, [at]);
  if (step === undefined) return null;

  const go = (to: number): void => {
    const inside = fieldsIn(step);
    for (const state of states.values()) {
      if (inside.has(templatePointer(state.path))) leave(state.key);
    }
    moved.current = true;
    setWanted(to);
  };
  const problems = (one: UiElement): boolean => {
    const inside = fieldsIn(one);
    return Array.from(states.values()).some(
      (state) =>
        inside.has(templatePointer(state.path)) &&
        state.errors.length > 0 &&
        (attempts > 0 || (left.has(state.key) && state.errors.some((error) => error.code !== "required"))),
    );
  };
  return (
    <div className="form-step" role="group" aria-labelledby={elementId(formId, "/step")}>
      <div className="form-step-head">
        <p className="form-step-count">{word(language, "step", { step: at + 1, count: steps.length })}</p>
        <progress max={steps.length} value={at + 1} aria-hidden="true" />
        <h2 id={elementId(formId, "/step")} ref={heading} tabIndex={-1}>
          {textIn(language, step.label ?? "")}
        </h2>
      </div>
      <div className="form-stack" key={at}>
        <Inside {...props} uischema={step} />
      </div>
      <nav
        className="form-step-moves"
        aria-label={word(language, "step", { step: at + 1, count: steps.length })}
      >
        <button
          type="button"
          className="button"
          disabled={at === 0}
          onClick={() => {
            go(at - 1);
          }}
        >
          {word(language, "back")}
        </button>
        <button
          type="button"
          className="button"
          disabled={at === steps.length - 1}
          onClick={() => {
            go(at + 1);
          }}
        >
          {word(language, "next")}
        </button>
      </nav>
      {steps.some(problems) && (
        <ol className="form-step-list">
          {steps.map((one, index) =>
            problems(one) ? (
              <li key={index}>
                <button
                  type="button"
                  className="button"
                  data-kind="danger"
                  onClick={() => {
                    go(index);
                  }}
                >
                  <Icon name="error" />
                  {textIn(language, one.label ?? "")}: {word(language, "step_problem")}
                </button>
              </li>
            ) : null,
          )}
        </ol>
      )}
    </div>
  );
}

const fields = new WeakMap<UiElement, ReadonlySet<string>>();

/** Templates of the fields that have a control inside an element; a table stands for its columns too. */
function fieldsIn(element: UiElement): ReadonlySet<string> {
  let found = fields.get(element);
  if (found === undefined) {
    found = new Set(collect(element));
    fields.set(element, found);
  }
  return found;
}

function collect(element: UiElement): string[] {
  const own = element.scope === undefined ? [] : [pointer(parseScope(element.scope) ?? [])];
  return [...own, ...(element.elements ?? []).flatMap(collect)];
}

/** The steps of a pointer up to the first row: a column is found where its table is. */
function pathSteps(key: string): string[] {
  const steps = key.split("/").slice(1);
  const row = steps.findIndex((step) => /^\d+$/.test(step));
  return row < 0 ? steps : steps.slice(0, row);
}

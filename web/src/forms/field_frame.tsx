/**
 * What stands around every field: its name above, help and limits under the name, the input with its unit,
 * and below what is wrong or worth knowing, each with sign, word and colour.
 */
import type { ReactNode } from "react";

import { Icon } from "./icons.tsx";
import type { Language } from "./texts.ts";
import { word } from "./words.ts";

interface FieldFrameProps {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly limits: string;
  readonly unit: string;
  readonly isGroup: boolean;
  readonly isOptional: boolean;
  readonly errors: readonly string[];
  readonly notice: string;
  readonly language: Language;
  readonly children: ReactNode;
}

export function FieldFrame(props: FieldFrameProps): ReactNode {
  const { id, language, isGroup } = props;
  const Label = isGroup ? "div" : "label";
  return (
    <div className="form-field" data-invalid={props.errors.length > 0 || undefined}>
      <Label {...(isGroup ? { id: `${id}-label` } : { htmlFor: id })} className="form-label">
        {props.label}
        {props.isOptional && <span className="form-optional">{word(language, "optional")}</span>}
      </Label>
      {(props.help !== "" || props.limits !== "") && (
        <div className="form-hint" id={`${id}-hint`}>
          {props.limits !== "" && <span className="form-limits">{props.limits}</span>}
          {props.help !== "" && <span>{props.help}</span>}
        </div>
      )}
      <div className={props.unit === "" ? "form-input" : "form-input form-with-unit"}>
        {props.children}
        {props.unit !== "" && (
          <span className="form-unit" id={`${id}-unit`}>
            {props.unit}
          </span>
        )}
      </div>
      <Findings id={id} errors={props.errors} notice={props.notice} language={language} />
    </div>
  );
}

/** What is wrong with an answer, or what is worth knowing of one that is recorded all the same. */
export function Findings(props: {
  readonly id: string;
  readonly errors: readonly string[];
  readonly notice: string;
  readonly language: Language;
}): ReactNode {
  return (
    <>
      {props.errors.length > 0 && (
        <div className="form-error" id={`${props.id}-error`}>
          <Icon name="error" />
          <span className="visually-hidden">{word(props.language, "error")}: </span>
          <div>
            {props.errors.map((error) => (
              <p key={error}>{error}</p>
            ))}
          </div>
        </div>
      )}
      {props.notice !== "" && (
        <div className="form-notice" id={`${props.id}-notice`} role="status">
          <Icon name="alert" />
          <p>
            <strong>{word(props.language, "out_of_limit")}.</strong> {props.notice}
          </p>
        </div>
      )}
    </>
  );
}

/** Ids of what describes an input, in the order in which it is read out. */
export function describedBy(
  id: string,
  has: { readonly hint: boolean; readonly unit: boolean; readonly error: boolean; readonly notice: boolean },
): string | undefined {
  const ids = [
    has.error && `${id}-error`,
    has.unit && `${id}-unit`,
    has.hint && `${id}-hint`,
    has.notice && `${id}-notice`,
  ].filter((one) => one !== false);
  return ids.length === 0 ? undefined : ids.join(" ");
}

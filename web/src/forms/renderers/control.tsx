/** One field of the form: its state is looked up, everything else is drawn only when that state changed. */
import { memo, type ReactNode, useCallback, useMemo } from "react";

import { controlOf } from "../controls/index.ts";
import type { Json } from "../fields/base.ts";
import { describedBy, FieldFrame } from "../field_frame.tsx";
import { elementId, useChanges, useFieldState, useFormFrame, useSeen } from "../form_context.tsx";
import { Icon } from "../icons.tsx";
import { parseScope, pointer } from "../pointers.ts";
import type { FieldState } from "../screen.ts";
import { asText } from "../screen.ts";
import type { Language, Text } from "../texts.ts";
import { useServerErrorsAt } from "../server_errors.tsx";
import { useUnitNames } from "../units.ts";
import { errorText, labelOf, limitsText, settingsIn, textIn } from "../wording.ts";
import { word } from "../words.ts";
import { type RendererProps, rowOf } from "./placed.ts";

const NOTHING: readonly string[] = [];

export function ControlRenderer({ uischema, path }: RendererProps): ReactNode {
  const key = pointer([...rowOf(path), ...(parseScope(uischema.scope ?? "") ?? [])]);
  return <FieldView fieldKey={key} label={uischema.label} />;
}

/** A field wherever it stands: in the form, or in the card of a row. */
export function FieldView({
  fieldKey,
  label,
}: {
  readonly fieldKey: string;
  readonly label?: Text | undefined;
}): ReactNode {
  const state = useFieldState(fieldKey);
  const seen = useSeen();
  const serverErrors = useServerErrorsAt(fieldKey);
  if (state === undefined || isSilent(state)) return null;
  const isLeft = seen.left.has(fieldKey) || seen.attempts > 0;
  return (
    <Field
      state={state}
      label={label}
      language={seen.language}
      readOnly={seen.readOnly}
      showErrors={showsErrors(state, isLeft, seen.attempts > 0)}
      serverErrors={serverErrors}
    />
  );
}

/** How an identifier was entered is nothing to show before there is one. */
function isSilent({ field, value }: FieldState): boolean {
  return field.type.name === "entry" && value === undefined;
}

/** After a field was left its answer may be called wrong; that it has none, only when all is submitted. */
export function showsErrors(state: FieldState, isLeft: boolean, attempted: boolean): boolean {
  return attempted || (isLeft && state.errors.some((error) => error.code !== "required"));
}

interface FieldProps {
  readonly state: FieldState;
  readonly label: Text | undefined;
  readonly language: Language;
  readonly readOnly: boolean;
  readonly showErrors: boolean;
  readonly serverErrors: readonly string[];
}

const Field = memo(function Field(props: FieldProps): ReactNode {
  const { state, language } = props;
  const { formId, leave } = useFormFrame();
  const { change } = useChanges();
  const { key, path, field, surroundings } = state;
  const id = elementId(formId, key);
  const units = useUnitNames();
  const settings = useMemo(() => settingsIn(language, surroundings, units), [language, surroundings, units]);
  const set = useCallback(
    (value: Json | undefined) => {
      change(path, value);
    },
    [change, path],
  );
  const blur = useCallback(() => {
    leave(key);
  }, [leave, key]);

  const control = controlOf(field.type.name);
  const label = labelOf(language, state, props.label);
  const isFixed = props.readOnly || field.isFixed;
  const errors = [
    ...(props.showErrors ? state.errors.map((error) => errorText(language, error)) : NOTHING),
    ...props.serverErrors,
  ];
  const notice = state.notice === null ? "" : errorText(language, state.notice);
  const limits = limitsText(language, settings, field.type.name.startsWith("date"));
  const help = asText(field.schema["x-help"]);
  const unit = isFixed ? "" : settings.unit;
  const { Input } = control;
  return (
    <FieldFrame
      id={id}
      label={label}
      help={help === null ? "" : textIn(language, help)}
      limits={limits}
      unit={unit}
      isGroup={isFixed || control.isGroup?.(field.schema, settings) === true}
      isOptional={!field.required && !isFixed}
      errors={errors}
      notice={notice}
      language={language}
    >
      {isFixed ? (
        <output className="form-answer" id={id} tabIndex={-1} aria-labelledby={`${id}-label`}>
          {field.computed !== null && <Icon name="computed" />}
          {state.value === undefined || state.value === null
            ? word(language, field.computed === null ? "nothing" : "not_yet")
            : control.shown(state.value, settings, language)}
        </output>
      ) : (
        <Input
          id={id}
          pointer={key}
          label={label}
          labelled
          describedBy={describedBy(id, {
            hint: help !== null || limits !== "",
            unit: unit !== "",
            error: errors.length > 0,
            notice: notice !== "",
          })}
          invalid={errors.length > 0}
          required={field.required}
          disabled={!state.enabled}
          schema={field.schema}
          settings={settings}
          value={state.value}
          language={language}
          change={set}
          blur={blur}
        />
      )}
    </FieldFrame>
  );
});

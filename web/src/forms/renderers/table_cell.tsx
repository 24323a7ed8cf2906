/** One cell: the control of its field without a label of its own; what is wrong stands below, in few words. */
import { memo, type ReactNode, useCallback, useMemo } from "react";

import { controlOf } from "../controls/index.ts";
import type { Json } from "../fields/base.ts";
import { describedBy, Findings } from "../field_frame.tsx";
import { elementId, useChanges, useFormFrame, useSeen } from "../form_context.tsx";
import type { FieldState } from "../screen.ts";
import { useServerErrorsAt } from "../server_errors.tsx";
import type { Language } from "../texts.ts";
import { useUnitNames } from "../units.ts";
import { errorText, labelOf, limitsText, settingsIn } from "../wording.ts";
import { word } from "../words.ts";
import { showsErrors } from "./control.tsx";

/** Unit and limits for the head of a column: the limits only when they are those of every row. */
export function columnHint(cells: readonly (FieldState | undefined)[], language: Language): string {
  const first = cells.find((cell) => cell !== undefined);
  if (first === undefined) return "";
  const settings = settingsIn(language, first.surroundings);
  if (!haveCommonLimits(cells)) return settings.unit;
  return limitsText(language, settings, first.field.type.name.startsWith("date")) || settings.unit;
}

/** Whether the limits of a column are the same in every row. */
export function haveCommonLimits(cells: readonly (FieldState | undefined)[]): boolean {
  const first = cells.find((cell) => cell !== undefined)?.surroundings;
  return cells.every(
    (cell) =>
      cell === undefined || (cell.surroundings.low === first?.low && cell.surroundings.high === first.high),
  );
}

export function Cell({
  state,
  row,
  showLimits,
}: {
  readonly state: FieldState | undefined;
  readonly row: number;
  readonly showLimits: boolean;
}): ReactNode {
  const seen = useSeen();
  const serverErrors = useServerErrorsAt(state?.key ?? "");
  if (state === undefined) return null;
  return (
    <CellView
      state={state}
      row={row}
      showLimits={showLimits}
      language={seen.language}
      readOnly={seen.readOnly}
      showErrors={showsErrors(state, seen.left.has(state.key) || seen.attempts > 0, seen.attempts > 0)}
      serverError={serverErrors.join(" ")}
    />
  );
}

const CellView = memo(function CellView(props: {
  readonly state: FieldState;
  readonly row: number;
  readonly showLimits: boolean;
  readonly language: Language;
  readonly readOnly: boolean;
  readonly showErrors: boolean;
  readonly serverError: string;
}): ReactNode {
  const { state, row, language } = props;
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
  const { Input } = control;
  const label = `${word(language, "row", { number: row + 1 })}, ${labelOf(language, state)}`;
  if (props.readOnly || field.isFixed) {
    return (
      <output className="form-answer" id={id} tabIndex={-1} aria-label={label}>
        {state.value === undefined || state.value === null
          ? "–"
          : control.shown(state.value, { ...settings, unit: "" }, language)}
      </output>
    );
  }
  const errors = props.showErrors ? state.errors.map((error) => errorText(language, error)) : [];
  if (props.serverError !== "") errors.push(props.serverError);
  const limits = limitsText(language, settings, field.type.name.startsWith("date"));
  return (
    <div
      className="form-cell"
      data-cell={`${row} ${String(path.at(-1))}`}
      data-invalid={errors.length > 0 || undefined}
    >
      <div className="form-cell-line">
        <Input
          id={id}
          pointer={key}
          label={limits === "" ? label : `${label} (${limits})`}
          labelled={false}
          describedBy={describedBy(id, {
            hint: false,
            unit: false,
            error: errors.length > 0,
            notice: state.notice !== null,
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
        {props.showLimits && limits !== "" && (
          <span className="form-limits" aria-hidden="true">
            {limitsText(language, { ...settings, unit: "" }, false)}
          </span>
        )}
      </div>
      <Findings
        id={id}
        errors={errors}
        notice={state.notice === null ? "" : errorText(language, state.notice)}
        language={language}
      />
    </div>
  );
});

/**
 * A table of readings: a table where there is room, a card for each row on a phone. Enter goes to the next row
 * of the column (Shift+Enter back), a column copied from elsewhere can be pasted from any cell downwards.
 */
import "./table.css";

import {
  type ClipboardEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useMemo,
  useRef,
  useState,
} from "react";

import { Findings } from "../field_frame.tsx";
import { elementId, useChanges, useFormFrame, useScreen, useSeen } from "../form_context.tsx";
import { Icon } from "../icons.tsx";
import type { Field, UiElement } from "../model.ts";
import { pastedBlock, pastedValue } from "../paste.ts";
import { type Path, pointer, valueAt } from "../pointers.ts";
import { asText, type FieldState, type FormData, leastRows } from "../screen.ts";
import { isEmpty } from "../submission.ts";
import type { Language } from "../texts.ts";
import { useServerErrorsAt } from "../server_errors.tsx";
import { useWidth } from "../use_width.ts";
import { errorText, labelOf, textIn } from "../wording.ts";
import { word } from "../words.ts";
import { fpSet, isEqual } from "../jsonforms/lodash.ts";
import { showsErrors } from "./control.tsx";
import { RowCard } from "./table_card.tsx";
import { Cell, columnHint, haveCommonLimits } from "./table_cell.tsx";

/** More columns than this, or such as need room, are shown as cards on every screen. */
const MOST_COLUMNS = 7;
const NEED_ROOM = ["attachment", "photo", "barcode"];

interface Removed {
  readonly row: number;
  readonly value: unknown;
}

export default function Table({
  state,
  uischema,
}: {
  readonly state: FieldState;
  readonly uischema: UiElement;
}): ReactNode {
  const { formId, model } = useFormFrame();
  const { states } = useScreen();
  const { language, readOnly, attempts, left } = useSeen();
  const serverErrors = useServerErrorsAt(state.key);
  const { replace } = useChanges();
  const hasRoom = useWidth("wide");
  const [removed, setRemoved] = useState<Removed | null>(null);
  const [pasted, setPasted] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const { path, field, key } = state;
  const detail = uischema.options?.detail;

  const columns = useMemo(
    () =>
      model.fields.filter(
        (column) =>
          column.path.length === path.length + 2 &&
          isInside(column.path, field.path) &&
          (detail === undefined || column.controls.length > 0),
      ),
    [model, path, field, detail],
  );
  const count = Array.isArray(state.value) ? state.value.length : 0;
  const isFixed = readOnly || !state.enabled || state.surroundings.rows !== null;
  const most = Number(field.schema["maxItems"] ?? 1000);
  const asTable = hasRoom && columns.length <= MOST_COLUMNS && !columns.some(needsRoom);

  const id = elementId(formId, key);
  const rows = Array.from({ length: count }, (_, row) =>
    columns.map((column) => states.get(pointer([...path, row, ...column.path.slice(path.length + 1)]))),
  );
  const setRows = useCallback(
    (update: (rows: readonly unknown[]) => readonly unknown[]) => {
      replace((data) => fpSet(path.map(String), update(rowsAt(data, path)), data) as FormData);
    },
    [replace, path],
  );
  const remove = useCallback(
    (row: number) => {
      setRows((all) => {
        return all.filter((_, at) => at !== row);
      });
      setRemoved({ row, value: null });
      focusSoon(frame.current, Math.max(0, row - 1));
    },
    [setRows],
  );
  const add = (): void => {
    setRemoved(null);
    setRows((all) => {
      const added = Math.max(1, leastRows(field) - all.length);
      return [...all, ...Array.from({ length: added }, () => ({}))];
    });
    focusSoon(frame.current, count);
  };
  const onPaste = (event: ClipboardEvent): void => {
    const start = cellOf(event.target);
    const block = pastedBlock(event.clipboardData.getData("text/plain"));
    if (block === null || start === null || readOnly) return;
    event.preventDefault();
    const editable = columns.filter((column) => !column.isFixed);
    const first = editable.findIndex((column) => column.path.at(-1) === start.column);
    const limit = isFixed ? count : most;
    setRows((all) => pastedRows(all, block, editable.slice(Math.max(0, first)), start.row, limit, rows));
    setPasted(block.slice(0, limit - start.row).reduce((sum, line) => sum + line.length, 0));
  };
  const errors = [
    ...(showsErrors(state, left.has(key), attempts > 0)
      ? state.errors.map((error) => errorText(language, error))
      : []),
    ...serverErrors,
  ];
  const help = asText(field.schema["x-help"]);
  const canRemove = !isFixed && count > (field.required ? leastRows(field) : 0);
  const ownLimits = columns.map((_, at) => !haveCommonLimits(rows.map((row) => row[at])));
  const shared = { columns, language, canRemove, remove } as const;
  return (
    <div
      className="form-table"
      role="group"
      ref={frame}
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-label`}
      onKeyDown={asTable ? moveDown : undefined}
      onPaste={onPaste}
    >
      <div className="form-table-head">
        <h3 className="form-label" id={`${id}-label`}>
          {labelOf(language, state, uischema.label)}
        </h3>
        <span className="form-optional">
          {word(language, "rows_filled", { filled: rows.filter(isFilled).length, count })}
        </span>
      </div>
      {help !== null && <p className="form-hint">{textIn(language, help)}</p>}
      <Findings id={id} errors={errors} notice="" language={language} />
      {asTable ? (
        <div className="form-table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col" className="form-row-number">
                  {word(language, "row_number")}
                </th>
                {columns.map((column, at) => (
                  <ColumnHead
                    key={column.path.join("/")}
                    column={column}
                    language={language}
                    cells={rows.map((row) => row[at])}
                  />
                ))}
                {canRemove && (
                  <th>
                    <span className="visually-hidden">{word(language, "remove_row", { number: "" })}</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, row) => (
                <Row key={row} row={row} cells={cells} ownLimits={ownLimits} {...shared} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <ol className="form-cards">
          {rows.map((cells, row) => (
            <RowCard
              key={row}
              row={row}
              cells={cells}
              rowPath={[...path, row]}
              detail={detail}
              schema={field.schema}
              {...shared}
            />
          ))}
        </ol>
      )}
      {!isFixed && count < most && (
        <button type="button" className="button" onClick={add}>
          <Icon name="plus" />
          {word(language, "add_row")}
        </button>
      )}
      <p role="status" className="visually-hidden">
        {removed !== null && word(language, "row_removed", { number: removed.row + 1 })}
        {pasted > 0 && word(language, "pasted", { count: pasted })}
      </p>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly cells: readonly (FieldState | undefined)[];
  readonly columns: readonly Field[];
  /** For each column, whether its limits differ from row to row. */
  readonly ownLimits: readonly boolean[];
  readonly language: Language;
  readonly canRemove: boolean;
  readonly remove: (row: number) => void;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  const { row, language } = props;
  return (
    <tr>
      <th scope="row" className="form-row-number">
        {row + 1}
      </th>
      {props.columns.map((column, at) => (
        <td key={column.path.join("/")} data-computed={column.isFixed || undefined}>
          <Cell state={props.cells[at]} row={row} showLimits={props.ownLimits[at] === true} />
        </td>
      ))}
      {props.canRemove && (
        <td>
          <button
            type="button"
            className="button"
            data-kind="quiet"
            onClick={() => {
              props.remove(row);
            }}
          >
            <Icon name="cross" />
            <span className="visually-hidden">{word(language, "remove_row", { number: row + 1 })}</span>
          </button>
        </td>
      )}
    </tr>
  );
}, isSameRow);

/** Whether nothing of a row changed; its cells come in a new list each time. */
export function isSameRow(before: RowProps, after: RowProps): boolean {
  return (
    before.row === after.row &&
    before.columns === after.columns &&
    before.language === after.language &&
    before.canRemove === after.canRemove &&
    before.remove === after.remove &&
    isEqual(before.ownLimits, after.ownLimits) &&
    before.cells.length === after.cells.length &&
    before.cells.every((cell, at) => cell === after.cells[at])
  );
}

function ColumnHead(props: {
  readonly column: Field;
  readonly language: Language;
  readonly cells: readonly (FieldState | undefined)[];
}): ReactNode {
  const { column, language } = props;
  const hint = columnHint(props.cells, language);
  return (
    <th scope="col">
      {labelOf(language, { field: column })}
      {hint !== "" && <span className="form-limits"> {hint}</span>}
    </th>
  );
}

function isInside(path: Path, table: Path): boolean {
  return table.every((step, at) => path[at] === step);
}

function needsRoom(column: Field): boolean {
  return NEED_ROOM.includes(column.type.name) || column.schema["x-multiline"] === true;
}

function isFilled(cells: readonly (FieldState | undefined)[]): boolean {
  return cells.every(
    (cell) => cell === undefined || cell.field.isFixed || !cell.field.required || !isEmpty(cell.value),
  );
}

function rowsAt(data: FormData, path: Path): readonly unknown[] {
  const rows = valueAt(data, path);
  return Array.isArray(rows) ? rows : [];
}

/** Rows with a pasted block in them, from `start` on; rows are added up to `limit`. */
function pastedRows(
  all: readonly unknown[],
  block: readonly (readonly string[])[],
  columns: readonly Field[],
  start: number,
  limit: number,
  states: readonly (readonly (FieldState | undefined)[])[],
): readonly unknown[] {
  const rows = all.slice();
  for (const [line, texts] of block.entries()) {
    const row = start + line;
    if (row >= limit) break;
    let entered: unknown = rows[row] ?? {};
    for (const [at, text] of texts.entries()) {
      const column = columns[at];
      if (column === undefined) break;
      const name = column.path.at(-1) ?? "";
      const around = (states[row] ?? states[0])?.find((state) => state?.field === column)?.surroundings;
      const value = pastedValue(text, column, around?.choices ?? []);
      if (value !== undefined) entered = fpSet([name], value, entered);
    }
    rows[row] = entered;
  }
  return rows;
}

/** Enter goes down the column, Shift+Enter up; after the last row the next column begins. */
function moveDown(event: KeyboardEvent<HTMLElement>): void {
  const input = event.target;
  const isInput = input instanceof HTMLInputElement || input instanceof HTMLSelectElement;
  if (event.key !== "Enter" || !isInput || event.nativeEvent.isComposing) return;
  const here = input.closest<HTMLElement>("[data-cell]");
  if (here === null || input.getAttribute("aria-expanded") === "true") return;
  const cells = Array.from(event.currentTarget.querySelectorAll<HTMLElement>("[data-cell]"));
  const names = Array.from(new Set(cells.map((cell) => cellOf(cell)?.column)));
  const byColumn = names.flatMap((name) => cells.filter((cell) => cellOf(cell)?.column === name));
  const next = byColumn[byColumn.indexOf(here) + (event.shiftKey ? -1 : 1)];
  if (next === undefined) return; // the form's own Enter goes on from here
  event.preventDefault();
  event.stopPropagation();
  focusIn(next);
}

interface CellPlace {
  readonly row: number;
  readonly column: string;
}

/** Which cell something in the document belongs to. */
function cellOf(target: EventTarget | null): CellPlace | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-cell]") : null;
  const found = /^(\d+) (.+)$/.exec(cell?.dataset["cell"] ?? "");
  return found === null ? null : { row: Number(found[1]), column: found[2] ?? "" };
}

function focusIn(cell: Element | null | undefined): void {
  const input = cell?.querySelector<HTMLElement>("input, select, textarea");
  input?.focus();
  if (input instanceof HTMLInputElement && input.type === "text") input.select();
}

function focusSoon(frame: HTMLElement | null, row: number): void {
  requestAnimationFrame(() => {
    focusIn(frame?.querySelector(`[data-cell^="${row} "]:has(input, select, textarea)`));
  });
}

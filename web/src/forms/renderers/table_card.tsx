/** One row of a table on a phone: a card with its fields below each other. */
import { JsonFormsDispatch } from "@jsonforms/react";
import type { JsonSchema, UISchemaElement } from "@jsonforms/core";
import { memo, type ReactNode } from "react";

import type { Schema } from "../fields/base.ts";
import { Icon } from "../icons.tsx";
import type { Field, UiElement } from "../model.ts";
import { type Path, pointer } from "../pointers.ts";
import type { FieldState } from "../screen.ts";
import type { Language } from "../texts.ts";
import { word } from "../words.ts";
import { FieldView } from "./control.tsx";

interface RowCardProps {
  readonly row: number;
  readonly rowPath: Path;
  readonly cells: readonly (FieldState | undefined)[];
  readonly columns: readonly Field[];
  readonly detail: UiElement | undefined;
  readonly schema: Schema;
  readonly language: Language;
  readonly canRemove: boolean;
  readonly remove: (row: number) => void;
}

export const RowCard = memo(
  function RowCard(props: RowCardProps): ReactNode {
    const { row, rowPath, columns, language } = props;
    return (
      <li className="form-card">
        <div className="form-card-head">
          <strong>{word(language, "row", { number: row + 1 })}</strong>
          {props.canRemove && (
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
          )}
        </div>
        {props.detail === undefined ? (
          columns.map((column) => {
            const name = column.path.at(-1) ?? "";
            return (
              <div key={name} data-cell={`${row} ${name}`}>
                <FieldView fieldKey={pointer([...rowPath, name])} />
              </div>
            );
          })
        ) : (
          <JsonFormsDispatch
            schema={props.schema["items"] as JsonSchema}
            uischema={props.detail as unknown as UISchemaElement}
            path={rowPath.join(".")}
          />
        )}
      </li>
    );
  },
  // Its fields look up their own states; a card is drawn again only when the row itself changes.
  (before, after) =>
    before.row === after.row &&
    before.columns === after.columns &&
    before.language === after.language &&
    before.canRemove === after.canRemove &&
    before.remove === after.remove,
);

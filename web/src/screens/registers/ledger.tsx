/** A table of a register: rows and columns on wide screens, blocks on narrow ones. */
import "./registers.css";

import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";

import type { Text } from "../../api/shapes.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { whole } from "./cells.tsx";
import { Section } from "./parts.tsx";

/** In both languages, or said already by the catalogue of the first load. */
type Words = Text | string;

function useSaid(): (words: Words) => string {
  const textIn = useTextIn();
  return (words) => (typeof words === "string" ? words : textIn(words));
}

export interface Column<Row> {
  readonly head: Words;
  readonly cell: (row: Row) => ReactNode;
  readonly kind?: "quantity" | "number";
}

interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
  readonly depthOf?: (row: Row) => number;
}

export function Ledger<Row>(
  props: Table<Row> & {
    readonly label?: string | undefined;
    readonly list?: RefObject<HTMLTableElement | null> | undefined;
  },
): ReactNode {
  const said = useSaid();
  const [box, overflows] = useOverflow();
  return (
    <div className="table-scroll" ref={box} tabIndex={overflows ? 0 : undefined}>
      <table className="ledger-table" aria-label={props.label} ref={props.list}>
        <thead>
          <tr>
            {props.columns.map(({ head, kind }) => (
              <th key={said(head)} scope="col" className={kind === "quantity" ? kind : undefined}>
                {said(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={props.keyOf(row, index)} data-depth={props.depthOf?.(row)}>
              {props.columns.map(({ head, cell, kind }) => (
                <td key={said(head)} data-label={said(head)} className={kind}>
                  {whole(cell(row))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A part of a page that is a table; without rows it says so, or is left out where there is nothing to say. */
export function LedgerSection<Row>(
  props: Table<Row> & {
    readonly title: Words;
    readonly none?: Words;
    readonly aside?: ReactNode;
    /** What is to be read before the rows. */
    readonly children?: ReactNode;
  },
): ReactNode {
  const said = useSaid();
  const id = useId();
  const empty = props.rows.length === 0;
  if (empty && props.none === undefined) return null;
  return (
    <Section id={id} title={said(props.title)} aside={props.aside}>
      {props.children}
      {empty && props.none ? <p className="soft">{said(props.none)}</p> : null}
      {empty ? null : (
        <Ledger
          columns={props.columns}
          rows={props.rows}
          keyOf={props.keyOf}
          label={said(props.title)}
          {...(props.depthOf ? { depthOf: props.depthOf } : {})}
        />
      )}
    </Section>
  );
}

/** Whether a box is wider inside than outside: then the keyboard must be able to scroll it. */
function useOverflow(): readonly [RefObject<HTMLDivElement | null>, boolean] {
  const box = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const found = box.current;
    if (found === null || typeof ResizeObserver === "undefined") return undefined;
    const watcher = new ResizeObserver(() => {
      setOverflows(found.scrollWidth > found.clientWidth);
    });
    watcher.observe(found);
    return () => {
      watcher.disconnect();
    };
  }, []);
  return [box, overflows];
}

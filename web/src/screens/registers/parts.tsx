/**
 * What the screens of the registers are made of: a question that is answered, a table, facts, a way back. Their
 * words stand beside each screen, in both languages, and are loaded with it: the catalogues belong to the first
 * load.
 */
import "./registers.css";

import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import type { Text } from "../../api/shapes.ts";
import { Icon } from "../../design/icons.tsx";
import { Badge, PageHead, Skeleton, type Tone } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useTextIn } from "../../i18n/index.tsx";

/** A sentence with its blanks filled in: "{count} lots" with {count: 3}. */
export function filled(text: Text, values: Readonly<Record<string, string | number>>): Text {
  const fill = (sentence: string): string =>
    sentence.replace(/\{(\w+)\}/g, (blank, name: string) => String(values[name] ?? blank));
  return { en: fill(text.en), zh: fill(text.zh) };
}

/** What was asked: still coming, not answered, or there. */
export function Answered<T>(props: {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  const { data, error, refetch } = props.query;
  if (data !== undefined)
    return (
      <>
        {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
        {props.children(data)}
      </>
    );
  return error ? <Trouble error={error} onRetry={() => void refetch()} /> : <Skeleton />;
}

/** One record's page before its head can be said: the way back stays, trouble says what to do. */
export function AnsweredPage<T>(props: {
  readonly query: UseQueryResult<T>;
  readonly title: string;
  readonly back: readonly [string, Text];
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  if (props.query.data !== undefined) return props.children(props.query.data);
  return (
    <div className="page">
      <PageHead title={props.title} above={<Back to={props.back} />} />
      <Answered query={props.query}>{() => null}</Answered>
    </div>
  );
}

export function Back({ to: [href, name] }: { readonly to: readonly [string, Text] }): ReactNode {
  const textIn = useTextIn();
  return (
    <Link href={href} className="back no-print">
      <Icon name="back" />
      {textIn(name)}
    </Link>
  );
}

export interface Column<Row> {
  readonly head: Text;
  readonly cell: (row: Row) => ReactNode;
  readonly kind?: "quantity" | "number";
}

/** A table on wide screens, a list of blocks on narrow ones. */
export function Ledger<Row>(props: {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
  readonly label?: string;
  readonly list?: RefObject<HTMLTableElement | null>;
  readonly depthOf?: (row: Row) => number;
}): ReactNode {
  const textIn = useTextIn();
  const [box, overflows] = useOverflow();
  return (
    <div className="table-scroll" ref={box} tabIndex={overflows ? 0 : undefined}>
      <table className="ledger-table" aria-label={props.label} ref={props.list}>
        <thead>
          <tr>
            {props.columns.map(({ head, kind }) => (
              <th key={head.en} scope="col" className={kind === "quantity" ? kind : undefined}>
                {textIn(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={props.keyOf(row, index)} data-depth={props.depthOf?.(row)}>
              {props.columns.map(({ head, cell, kind }) => (
                <td key={head.en} data-label={textIn(head)} className={kind}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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

/** Facts with their names; what is null or empty is left out. */
export function FactList({ facts }: { readonly facts: readonly (readonly [Text, ReactNode])[] }): ReactNode {
  const textIn = useTextIn();
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null || value === "" ? null : (
          <div key={name.en}>
            <dt>{textIn(name)}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A part of a page with its heading. */
export function Section(props: {
  readonly id: string;
  readonly title: Text;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const textIn = useTextIn();
  return (
    <section className="section" aria-labelledby={props.id}>
      <div className="section-head">
        <h2 id={props.id}>{textIn(props.title)}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

export function Empty({ text }: { readonly text: Text }): ReactNode {
  const textIn = useTextIn();
  return <div className="empty">{textIn(text)}</div>;
}

/** Several things in one cell, one below the other; what is null or empty is left out. */
export function Stacked({ parts }: { readonly parts: readonly ReactNode[] }): ReactNode {
  const shown = parts.filter((part) => part !== null && part !== undefined && part !== "" && part !== false);
  return (
    <span className="stacked">
      {shown.map((part, index) => (
        <span key={index}>{part}</span>
      ))}
    </span>
  );
}

export type Looks = Readonly<Record<string, readonly [Tone, Text]>>;

/** A state, in words and with a colour that only helps; a word that is not known is shown as it is. */
export function Said(props: { readonly looks: Looks; readonly code: string | null }): ReactNode {
  const textIn = useTextIn();
  if (props.code === null) return "—";
  const [tone, name] = props.looks[props.code] ?? ["neutral", same(props.code)];
  return <Badge tone={tone}>{textIn(name)}</Badge>;
}

/** What is the same in both languages: a code, a number. */
export function same(word: string): Text {
  return { en: word, zh: word };
}

export type People = Readonly<Record<string, Text>>;

/** A person by name; the engine and who has no account by what the record says. */
export function By(props: { readonly people: People; readonly who: string | null }): ReactNode {
  const textIn = useTextIn();
  if (props.who === null) return "—";
  const name = props.people[props.who];
  return name === undefined ? props.who : textIn(name);
}

/** Two lines in a cell: what it is, and its number. */
export function Named(props: { readonly name: string; readonly number: string }): ReactNode {
  return (
    <Stacked
      parts={[
        props.name,
        <span key="number" className="soft small">
          {props.number}
        </span>,
      ]}
    />
  );
}

/** A record's number, as the link to its page. */
export function To(props: { readonly href: string; readonly children: ReactNode }): ReactNode {
  return (
    <Link href={props.href} className="cell-link">
      {props.children}
    </Link>
  );
}

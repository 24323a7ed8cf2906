/**
 * What the screens of the registers are made of: a question that is answered, facts, a section, a way back; what
 * stands in a cell is in `cells.tsx`, the table in `ledger.tsx`, a list in pages in `paged.tsx`. Their words stand
 * beside each screen, in both languages, and are loaded with it: the catalogues belong to the first load.
 */
import "./registers.css";

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { Refused } from "../../api/client.ts";
import type { Text } from "../../api/shapes.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice, PageHead, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { whole } from "./cells.tsx";
import { filled, SHARED } from "./words.ts";

/** What was asked: still coming, not answered, or there. */
export function Answered<T>(props: {
  readonly query: Pick<UseQueryResult<T>, "data" | "error"> & { readonly refetch: () => Promise<unknown> };
  /** What to say of a thing that is not there; the server's sentence where nothing is given. */
  readonly missing?: readonly [Text, Text];
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  const { data, error, refetch } = props.query;
  const trouble = !error ? null : props.missing && isMissing(error) ? (
    <Missing words={props.missing} />
  ) : (
    <Trouble error={error} onRetry={() => void refetch()} />
  );
  if (data === undefined) return trouble ?? <Skeleton />;
  return (
    <>
      {trouble}
      {props.children(data)}
    </>
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.status === 404;
}

function Missing({ words: [title, help] }: { readonly words: readonly [Text, Text] }): ReactNode {
  const textIn = useTextIn();
  return (
    <Notice tone="warn" live="alert" title={textIn(title)}>
      <p>{textIn(help)}</p>
    </Notice>
  );
}

/** One record's page before its head can be said: the way back stays, trouble says what to do. */
export function AnsweredPage<T>(props: {
  readonly query: UseQueryResult<T>;
  readonly title: string;
  readonly back: readonly [string, Text];
  readonly missing?: readonly [Text, Text];
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  if (props.query.data !== undefined) return props.children(props.query.data);
  const missing = [filled(SHARED.missing, { number: props.title }), SHARED.missing_help] as const;
  return (
    <div className="page">
      <PageHead title={props.title} above={<Back to={props.back} />} />
      <Answered query={props.query} missing={props.missing ?? missing}>
        {() => null}
      </Answered>
    </div>
  );
}

/** The way back to the list, or to all registers. */
export function Back({
  to: [href, name] = ["/registers", SHARED.registers],
}: {
  readonly to?: readonly [string, Text];
}): ReactNode {
  const textIn = useTextIn();
  return (
    <Link href={href} className="back no-print">
      <Icon name="back" />
      {textIn(name)}
    </Link>
  );
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
            <dd>{whole(value)}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A part of a page with its heading. */
export function Section(props: {
  readonly id: string;
  readonly title: Text | string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const textIn = useTextIn();
  return (
    <section className="section" aria-labelledby={props.id}>
      <div className="section-head">
        <h2 id={props.id}>{typeof props.title === "string" ? props.title : textIn(props.title)}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

export function Empty({ text }: { readonly text: Text | string }): ReactNode {
  const textIn = useTextIn();
  return <div className="empty">{typeof text === "string" ? text : textIn(text)}</div>;
}

/** What stands in one place of a register, a cell or a fact: a name and its number, a state, a time, a person. */
import "./registers.css";

import { Fragment, type ReactNode } from "react";
import { Link } from "wouter";

import type { Text } from "../../api/shapes.ts";
import { Badge, type Tone } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { same } from "./words.ts";

/** Dates and identifiers: printable ASCII with a hyphen in it, at which a browser would break the line. */
const HYPHENATED = /([!-~]*-[!-~]+)/;
/** What is longer may break all the same: it would not fit on a phone. */
const LONGEST_WHOLE = 24;

/** A text in which "2026-11-23" and "PO-2026-00001" stay in one piece. */
export function Whole({ children }: { readonly children: string }): ReactNode {
  const parts = children.split(HYPHENATED);
  if (parts.length === 1) return children;
  return parts.map((part, index) =>
    index % 2 === 1 && /\d/.test(part) && part.length <= LONGEST_WHOLE ? (
      <span key={index} className="whole">
        {part}
      </span>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}

/** Text is kept whole where it can be; everything else is shown as it is. */
export function whole(content: ReactNode): ReactNode {
  return typeof content === "string" ? <Whole>{content}</Whole> : content;
}

/** A moment in the reader's zone, which the page has said; a dash for none. */
export function At({ time }: { readonly time: string | null }): ReactNode {
  const { user } = usePerson();
  if (time === null) return "—";
  return (
    <time dateTime={time} className="number whole">
      {shortTime(time, user.zone)}
    </time>
  );
}

/** Several things in one cell, one below the other; what is null or empty is left out. */
export function Stacked({ parts }: { readonly parts: readonly ReactNode[] }): ReactNode {
  const shown = parts.filter((part) => part !== null && part !== undefined && part !== "" && part !== false);
  return (
    <span className="stacked">
      {shown.map((part, index) => (
        <span key={index}>{whole(part)}</span>
      ))}
    </span>
  );
}

/** What is said beside the main thing. */
export function Aside({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="soft small">{whole(children)}</span>;
}

/** Two lines in a cell: what it is, and its number. */
export function Named(props: { readonly name: ReactNode; readonly number: string | null }): ReactNode {
  return <Stacked parts={[props.name, props.number ? <Aside key="number">{props.number}</Aside> : null]} />;
}

export type Looks = Readonly<Record<string, readonly [Tone, Text]>>;

/** A state, in words and with a colour that only helps; a word that is not known is shown as it is. */
export function Said(props: {
  readonly looks: Looks;
  readonly code: string | null;
  /** For a state that is worse than its word says: overdue. */
  readonly tone?: Tone | undefined;
}): ReactNode {
  const textIn = useTextIn();
  if (props.code === null) return "—";
  const [tone, name] = props.looks[props.code] ?? ["neutral", same(props.code)];
  return <Badge tone={props.tone ?? tone}>{textIn(name)}</Badge>;
}

export type People = Readonly<Record<string, Text>>;

/** A person by name; the engine and who has no account by what the record says. */
export function By(props: { readonly people: People; readonly who: string | null }): ReactNode {
  const textIn = useTextIn();
  if (props.who === null) return "—";
  const name = props.people[props.who];
  return <span className="person">{name === undefined ? props.who : textIn(name)}</span>;
}

/** A record's number, as the link to its page. */
export function To(props: { readonly href: string; readonly children: ReactNode }): ReactNode {
  return (
    <Link href={props.href} className="cell-link">
      <span>{whole(props.children)}</span>
    </Link>
  );
}

/** A lot's number, as the link to where it lies and how it came there. */
export function Lot(props: { readonly id: string; readonly number: string }): ReactNode {
  return <To href={`/stock/lots/${props.id}`}>{props.number}</To>;
}

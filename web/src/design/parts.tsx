/** The pieces all screens are made of. A screen says what it shows; how that looks is decided here. */
import { type ReactNode, useEffect, useRef } from "react";

import { noteDrawn, wasDrawn } from "../calm.ts";
import { type MessageKey, useSay } from "../i18n/index.tsx";
import { Icon, type IconName } from "./icons.tsx";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info" | "seal";

export function Badge(props: {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className="badge" data-tone={props.tone ?? "neutral"}>
      {props.icon ? <Icon name={props.icon} /> : null}
      {props.children}
    </span>
  );
}

const NOTICE_ICONS = { good: "check", warn: "alert", bad: "alert", info: "info" } as const;

/** Something to know. `live` is read out when it appears: "status" politely, "alert" at once. */
export function Notice(props: {
  readonly tone: keyof typeof NOTICE_ICONS;
  readonly live?: "status" | "alert";
  readonly title?: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}): ReactNode {
  return (
    <div className="notice" data-tone={props.tone} role={props.live}>
      <Icon name={NOTICE_ICONS[props.tone]} />
      <div className="notice-body">
        {props.title ? <strong>{props.title}</strong> : null}
        {props.children}
        {props.actions ? <div className="notice-actions no-print">{props.actions}</div> : null}
      </div>
    </div>
  );
}

/**
 * The head of a screen. Its title takes the focus when another screen opens, so that a screen reader says where we
 * are and Tab goes on from there.
 */
export function PageHead(props: {
  readonly title: string;
  readonly above?: ReactNode;
  readonly aside?: ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The first screen is told by the browser itself, and to focus has it laid out before it is painted.
    if (wasDrawn()) heading.current?.focus({ preventScroll: true });
    noteDrawn();
  }, []);
  useEffect(() => {
    document.title = `${props.title} · Countersign`;
  }, [props.title]);
  return (
    <header className="page-head">
      {props.above}
      <div className="page-head-line">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.aside}
      </div>
      {props.children}
    </header>
  );
}

/** One of two to four choices, all in sight. */
export function Segments<T extends string>(props: {
  readonly name: string;
  readonly legend: string;
  readonly legendHidden?: boolean;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}): ReactNode {
  return (
    <fieldset className="segments">
      <legend className={props.legendHidden === true ? "visually-hidden" : undefined}>{props.legend}</legend>
      {props.options.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name={props.name}
            value={value}
            checked={value === props.value}
            onChange={() => {
              props.onChange(value);
            }}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** Rows of the height of what will come, so that nothing jumps when it does. */
export function Skeleton({ rows = 5 }: { readonly rows?: number }): ReactNode {
  const say = useSay();
  return (
    <div className="skeleton" role="status" aria-label={say("common.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

/** A definition list of facts; what is null is left out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [MessageKey, ReactNode])[];
}): ReactNode {
  const say = useSay();
  return (
    <dl className="facts">
      {facts.map(([key, value]) =>
        value === null || value === "" ? null : (
          <div key={key}>
            <dt>{say(key)}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** The record on the screen and on paper: each field by its label, in the order of its form. */
import "./record_view.css";

import { type ReactNode, useMemo } from "react";

import { Badge } from "../design/parts.tsx";
import { useLanguage } from "../design/preferences.ts";
import { useSay } from "../i18n/index.tsx";
import { changedFields, type Line, recordLines } from "./record_lines.ts";

interface Props {
  readonly form: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  /** What was recorded for the same fields before; differences are marked. */
  readonly before?: Readonly<Record<string, unknown>>;
}

export function RecordView({ form, data, before }: Props): ReactNode {
  const say = useSay();
  const language = useLanguage();
  const words = {
    yes: say("common.yes"),
    no: say("common.no"),
    none: "—",
    scanned: say("record.scanned"),
    typed: say("record.typed"),
  };
  const lines = recordLines(form, data, language, words);
  const changed = useMemo(() => (before ? changedFields(before, data) : null), [before, data]);
  const earlier = before ? recordLines(form, before, language, words) : [];
  if (lines.length === 0) return <p className="soft">{say("record.empty")}</p>;
  return (
    <dl className="record">
      {lines.map((line) => (
        <Shown
          key={line.key}
          line={line}
          earlier={changed?.has(line.key) ? (earlier.find((old) => old.key === line.key) ?? null) : null}
          changed={changed?.has(line.key) ?? false}
        />
      ))}
    </dl>
  );
}

function Shown(props: {
  readonly line: Line;
  readonly earlier: Line | null;
  readonly changed: boolean;
}): ReactNode {
  const say = useSay();
  const { line, earlier } = props;
  return (
    <div className="record-line" data-kind={line.kind}>
      <dt>
        {line.label} {props.changed ? <Badge tone="warn">{say("record.changed")}</Badge> : null}
      </dt>
      <dd>
        <Value line={line} />
        {earlier?.kind === "value" ? (
          <span className="record-earlier">
            {say("record.before")} <del>{earlier.value}</del>
          </span>
        ) : null}
      </dd>
    </div>
  );
}

function Value({ line }: { readonly line: Line }): ReactNode {
  const say = useSay();
  switch (line.kind) {
    case "value":
      return <span className="record-value">{line.value}</span>;
    case "group":
      return (
        <dl className="record">
          {line.lines.map((inner) => (
            <Shown key={inner.key} line={inner} earlier={null} changed={false} />
          ))}
        </dl>
      );
    case "file":
      return (
        <ul className="record-files">
          {line.files.map((file) => (
            <li key={file.sha256}>
              <a href={`/api/attachments/${file.sha256}`} target="_blank" rel="noreferrer">
                {file.mime.startsWith("image/") ? (
                  <img src={`/api/attachments/${file.sha256}`} alt={file.name} loading="lazy" />
                ) : (
                  file.name
                )}
              </a>
              <code className="small soft">{file.sha256.slice(0, 16)}</code>
            </li>
          ))}
        </ul>
      );
    case "table":
      return (
        <div className="record-table" tabIndex={0} role="group" aria-label={line.label}>
          <table>
            <thead>
              <tr>
                <th scope="col">{say("record.row")}</th>
                {line.columns.map((column) => (
                  <th scope="col" key={column}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {line.rows.map((row, index) => (
                <tr key={index}>
                  <th scope="row">{index + 1}</th>
                  {row.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

/** Forms to look at, never shipped: ?form=receive_lot&language=zh&theme=dark. Built by dev/forms/build.mjs. */
import "../../src/design/tokens.css";
import "../../src/design/base.css";
import "../../src/design/components.css";

import { Decimal } from "../../src/feel/decimal.ts";
import { useState } from "react";
import { createRoot } from "react-dom/client";

import { type ClientForm, FormView } from "../../src/forms/index.tsx";

const query = new URLSearchParams(location.search);
const language = query.get("language") === "zh" ? "zh" : "en";
document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
document.documentElement.dataset["theme"] = query.get("theme") ?? "light";

interface Sample {
  readonly form: ClientForm;
  readonly context: Record<string, unknown>;
  readonly initial: Record<string, unknown>;
}

/** {"$d": "12.50"} stands for a decimal. */
const revive = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "$d" in value ? new Decimal(String(value.$d)) : value;

function Page({ sample }: { readonly sample: Sample }) {
  const [record, setRecord] = useState<unknown>(null);
  const title = sample.form.title[language];
  return (
    <main className="page" data-width="measure">
      <header className="page-head">
        <h1>{title}</h1>
      </header>
      <FormView
        formId="form"
        form={sample.form}
        initial={sample.initial}
        context={sample.context}
        now="2026-11-22T10:41:07Z"
        language={language}
        readOnly={query.has("readonly")}
        onChange={(data) => {
          (window as unknown as Record<string, unknown>)["entered"] = data;
        }}
        onSubmit={setRecord}
      />
      <div className="row">
        <button type="submit" form="form" className="button" data-kind="primary">
          {language === "zh" ? "签名并完成" : "Sign and complete"}
        </button>
      </div>
      {record !== null && <pre id="record">{JSON.stringify(record, null, 1)}</pre>}
    </main>
  );
}

const response = await fetch(`samples/${query.get("form") ?? "receive_lot"}.json`);
const sample = JSON.parse(await response.text(), revive) as Sample;
const place = document.getElementById("app");
if (place) createRoot(place).render(<Page sample={sample} />);

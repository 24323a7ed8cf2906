/** A form opens with what it needs: the reader of scans is heavy, and waited for only where a scan may be read. */
import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";

import { scanReaderIsLoaded } from "../../src/forms/fields/scan_reader.ts";
import { type ClientForm, FormView } from "../../src/forms/index.tsx";
import { loadMessages } from "../../src/forms/texts.ts";

const lot = {
  type: "string",
  "x-field": "lot",
  "x-label": { en: "Lot", zh: "批号" },
  "x-origin": "supplier",
};
const entry = {
  type: "object",
  "x-field": "entry",
  "x-label": { en: "Lot was", zh: "录入" },
  "x-of": "/lot",
};
const barcode = { type: "object", "x-field": "barcode", "x-label": { en: "Label", zh: "标签" } };

function form(properties: Record<string, unknown>): ClientForm {
  return {
    form: "label",
    hash: JSON.stringify(Object.keys(properties)),
    title: { en: "Label", zh: "标签" },
    schema: { type: "object", properties },
    ui: { type: "Control", scope: "#/properties/lot" },
    expressions: {},
    order: Object.keys(properties).map((name) => `/${name}`),
    needs: {},
    judged_by: {},
    check_needs: {},
  };
}

const ENTERED = form({ lot, lot_entry: entry });
const SCANNED = form({ lot, label: barcode });
const raw = "]d20109506000134352";

beforeEach(() => loadMessages("en"));
afterEach(cleanup);

function isWaiting(one: ClientForm, initial: Record<string, unknown>): boolean {
  const { container } = render(
    <FormView
      formId="f"
      form={one}
      initial={initial}
      context={{}}
      now="2026-11-22T10:41:07Z"
      language="en"
      onChange={() => undefined}
      onSubmit={() => undefined}
    />,
  );
  return container.querySelector("form[aria-busy=true]") !== null;
}

it("waits for the reader of scans where a scan may be read as it opens, and nowhere else", () => {
  expect(scanReaderIsLoaded()).toBe(false);
  expect(isWaiting(ENTERED, {})).toBe(false);
  expect(isWaiting(ENTERED, { lot: "A1", lot_entry: { how: "typed" } })).toBe(false);
  expect(isWaiting(ENTERED, { lot: "A1", lot_entry: { how: "scanned", raw } })).toBe(true);
  expect(isWaiting(SCANNED, {})).toBe(true);
});

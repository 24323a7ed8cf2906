/** Forms as people meet them: nothing red too early, errors that lead somewhere, scans, readings, computed values. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { Decimal } from "../../src/feel/decimal.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { loadScanReader } from "../../src/forms/fields/scan_reader.ts";
import { type ClientForm, FormView, type FormViewProps } from "../../src/forms/index.tsx";
import { loadMessages } from "../../src/forms/texts.ts";
import { loadScanListening } from "../../src/forms/use_scans.ts";

interface Case {
  readonly name: string;
  readonly data: Record<string, unknown>;
  readonly context: Record<string, unknown>;
  readonly now: string;
  readonly record?: Record<string, unknown>;
}

const VECTORS = join(import.meta.dirname, "../../../tests/vectors/forms");
const load = (name: string): { form: ClientForm; cases: Case[] } =>
  JSON.parse(readFileSync(join(VECTORS, `${name}.json`), "utf8")) as { form: ClientForm; cases: Case[] };
const receiving = load("receive_lot");
const measuring = load("measure_samples");
const everything = load("every_field");

const CHARACTERISTIC = {
  name: "Shaft diameter",
  unit: "mm",
  decimals: 2,
  lower: new Decimal("9.90"),
  upper: new Decimal("10.10"),
};
const MEASURING = { characteristic: CHARACTERISTIC, sample_size: 3, instruments: ["CAL-01", "CAL-02"] };
const RECEIVING = { purchase_order: { number: "PO-7", quantity: 100 } };
const SCAN = "]d201095060001343521728123110LOT-A1";

let wide = true;

beforeEach(async () => {
  // What comes to the device in parts is there before the person looks.
  await Promise.all([
    loadScanReader(),
    loadScanListening(),
    loadMessages("en"),
    loadMessages("zh"),
    import("../../src/forms/renderers/table.tsx"),
    import("../../src/forms/renderers/one_step.tsx"),
  ]);
  vi.useFakeTimers({ now: new Date("2026-11-22T10:41:07Z"), toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query.includes("min-width") ? wide : !wide,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  wide = true;
});

async function open(form: ClientForm, context: Record<string, unknown>, more: Partial<FormViewProps> = {}) {
  const onChange = vi.fn<FormViewProps["onChange"]>();
  const onSubmit = vi.fn<FormViewProps["onSubmit"]>();
  const props: FormViewProps = {
    formId: "f",
    form,
    initial: {},
    context,
    now: "2026-11-22T10:41:07Z",
    language: "en",
    onChange,
    onSubmit,
    ...more,
  };
  const shown = render(<FormView {...props} />);
  // Parts that are fetched come a moment later, from memory.
  for (let round = 0; round < 5; round += 1) await act(() => vi.advanceTimersByTimeAsync(0));
  const again = async (changed: Partial<FormViewProps>): Promise<void> => {
    shown.rerender(<FormView {...props} {...changed} />);
    for (let round = 0; round < 5; round += 1) await act(() => vi.advanceTimersByTimeAsync(0));
  };
  return { ...shown, onChange, onSubmit, again };
}

const settle = (): void => {
  act(() => {
    vi.advanceTimersByTime(50);
  });
};

function fill(label: string | RegExp, text: string): HTMLInputElement {
  const input = screen.getByLabelText<HTMLInputElement>(label);
  fireEvent.change(input, { target: { value: text } });
  fireEvent.blur(input);
  settle();
  return input;
}

function submit(): void {
  act(() => {
    document.querySelector<HTMLFormElement>("#f")!.requestSubmit();
  });
  settle();
}

function scan(text: string): void {
  for (const key of [...text.split(""), "Enter"]) {
    fireEvent.keyDown(document.activeElement ?? document.body, { key });
  }
}

describe("errors", () => {
  it("are not there before the person has answered, not even for what is required", async () => {
    const { container } = await open(receiving.form, RECEIVING);
    fireEvent.blur(screen.getByLabelText("Item (GTIN)"));
    settle();
    expect(container.querySelectorAll(".form-error, [aria-invalid]")).toHaveLength(0);
  });

  it("come when a wrong answer is left, tied to their field, and go when it is mended", async () => {
    await open(receiving.form, RECEIVING);
    const gtin = fill("Item (GTIN)", "09506000134353");
    expect(gtin.getAttribute("aria-invalid")).toBe("true");
    const described = gtin
      .getAttribute("aria-describedby")!
      .split(" ")
      .map((id) => document.getElementById(id));
    expect(described.some((one) => one?.textContent.includes("check digit is wrong"))).toBe(true);
    fill("Item (GTIN)", "09506000134352");
    expect(gtin.getAttribute("aria-invalid")).toBeNull();
  });

  it("wait while a finger is down, so that the tap hits what it was meant for", async () => {
    const { container } = await open(receiving.form, RECEIVING);
    const gtin = screen.getByLabelText("Item (GTIN)");
    fireEvent.change(gtin, { target: { value: "1" } });
    fireEvent.pointerDown(document.body);
    fireEvent.blur(gtin);
    settle();
    expect(container.querySelector(".form-error")).toBeNull();
    fireEvent.pointerUp(document.body);
    settle();
    expect(container.querySelector(".form-error")).not.toBeNull();
  });

  it("are summed up when the form is submitted; the summary takes the focus and leads to each field", async () => {
    const { onSubmit } = await open(receiving.form, RECEIVING);
    submit();
    expect(onSubmit).not.toHaveBeenCalled();
    const summary = screen.getByRole("alert", { name: "There is a problem" });
    expect(document.activeElement).toBe(summary);
    vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
      work();
    });
    Element.prototype.scrollIntoView = () => undefined;
    fireEvent.click(within(summary).getByText(/^Supplier's lot: Fill in this field/));
    expect(document.activeElement).toBe(screen.getByLabelText("Supplier's lot"));
    fireEvent.click(within(summary).getByText(/^Are all packages whole/));
    expect((document.activeElement as HTMLInputElement).type).toBe("radio");
  });

  it("of the server stand at their field until the answer is changed", async () => {
    const { again } = await open(receiving.form, RECEIVING, { initial: { supplier_lot: "LOT-1" } });
    await again({
      serverErrors: [{ path: "/supplier_lot", code: "lot.exists", message: "This lot is already here." }],
    });
    const lot = screen.getByLabelText("Supplier's lot");
    expect(lot.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByRole("alert").textContent).toContain("Supplier's lot: This lot is already here.");
    fill("Supplier's lot", "LOT-2");
    expect(lot.getAttribute("aria-invalid")).toBeNull();
    expect(screen.queryByText(/already here/)).toBeNull();
  });

  it("speak the person's language, and what was entered stays when it changes", async () => {
    const { again } = await open(receiving.form, RECEIVING);
    fill("Item (GTIN)", "12");
    await again({ language: "zh" });
    expect(screen.getByText("GTIN 为 14 位数字。")).toBeDefined();
    expect(screen.getByLabelText<HTMLInputElement>("物料（GTIN）").value).toBe("12");
  });
});

describe("a scan", () => {
  it("fills item, lot and expiry at once, wherever the focus is, and is answered in words", async () => {
    const { onChange } = await open(receiving.form, RECEIVING);
    screen.getByLabelText(/^Received/).focus();
    scan(SCAN);
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(screen.getByLabelText<HTMLInputElement>("Item (GTIN)").value).toBe("09506000134352");
    expect(screen.getByLabelText<HTMLInputElement>("Supplier's lot").value).toBe("LOT-A1");
    expect(onChange.mock.lastCall?.[0]).toMatchObject({ expiry: "2028-12-31", label: { raw: SCAN } });
    expect(
      screen.getByText(/Scanned. Filled in: Item \(GTIN\), Supplier's lot, Expiry date\./),
    ).toBeDefined();
  });

  it("of a unit fills item, lot, expiry and serial at once; the next unit adds a row, and the same none", async () => {
    const { onChange } = await open(receiving.form, RECEIVING);
    screen.getByLabelText(/^Received/).focus();
    const unit = (serial: string): string => `]d201095060001343521728123110LOT-A1\u001d21${serial}`;
    scan(unit("SN1"));
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(onChange.mock.lastCall?.[0]).toMatchObject({
      gtin: "09506000134352",
      supplier_lot: "LOT-A1",
      expiry: "2028-12-31",
      units: [{ serial: "SN1", entry: { how: "scanned", raw: unit("SN1") } }],
    });
    expect(screen.getByText(/Scanned. Filled in: .*Serial number\./)).toBeDefined();
    for (const serial of ["SN2", "SN2"]) {
      scan(unit(serial));
      await act(async () => vi.advanceTimersByTimeAsync(50));
    }
    expect(onChange.mock.lastCall?.[0]).toMatchObject({
      units: [
        { serial: "SN1", entry: { raw: unit("SN1") } },
        { serial: "SN2", entry: { raw: unit("SN2") } },
      ],
    });
    expect(screen.getAllByText("scanned").length).toBeGreaterThanOrEqual(2);
  });

  it.each(["", "]d2"])("in a row for a unit (%j) fills that row, and leaves the label", async (announced) => {
    const { onChange } = await open(receiving.form, RECEIVING, {
      initial: { label: { raw: "0109506000134352" }, units: [{}] },
    });
    const row = screen.getByLabelText(/Serial number/);
    row.focus();
    fireEvent.change(row, { target: { value: `${announced}010950600013435221SN9` } });
    fireEvent.keyDown(row, { key: "Enter" });
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(onChange.mock.lastCall?.[0]).toMatchObject({
      label: { raw: "0109506000134352" },
      units: [{ serial: "SN9" }],
    });
  });

  it("that is no barcode is refused with a sentence, and changes nothing", async () => {
    const { onChange } = await open(receiving.form, RECEIVING);
    const field = document.querySelector<HTMLInputElement>("[data-scan-field=barcode]")!;
    field.focus();
    fireEvent.change(field, { target: { value: "hello" } });
    fireEvent.keyDown(field, { key: "Enter" });
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(screen.getByRole("alert").textContent).toContain("This is no barcode we know: “hello”.");
    expect(onChange).not.toHaveBeenCalled();
  });

  it("of an own label (Code 128) goes into the focused number field alone", async () => {
    await open(receiving.form, RECEIVING);
    const lot = screen.getByLabelText<HTMLInputElement>("Supplier's lot");
    lot.focus();
    fireEvent.change(lot, { target: { value: "]C0ABC-7" } });
    fireEvent.keyDown(lot, { key: "Enter" });
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(lot.value).toBe("ABC-7");
  });

  it("is told from what is typed by hand, also when it is changed afterwards", async () => {
    const { onChange } = await open(everything.form, {});
    const lot = screen.getByLabelText<HTMLInputElement>(/^Our lot \(/);
    lot.focus();
    fireEvent.change(lot, { target: { value: "]C0ABC-7" } });
    fireEvent.keyDown(lot, { key: "Enter" });
    await act(async () => vi.advanceTimersByTimeAsync(50));
    expect(onChange.mock.lastCall?.[0]).toMatchObject({
      own_lot: "ABC-7",
      own_lot_entry: { raw: "]C0ABC-7" },
    });
    expect(screen.getByText("scanned")).toBeDefined();
    fireEvent.change(lot, { target: { value: "ABC-8" } });
    settle();
    expect(screen.queryByText("scanned")).toBeNull();
    expect(screen.getByText("typed by hand")).toBeDefined();
  });
});

describe("numbers", () => {
  it("typed with a Chinese input method become half-width before the person's eyes", async () => {
    await open(measuring.form, MEASURING);
    const input = screen.getByLabelText<HTMLInputElement>(/Room temperature/);
    fireEvent.compositionStart(input);
    fireEvent.change(input, { target: { value: "２１。５" } });
    fireEvent.compositionEnd(input);
    expect(input.value).toBe("21.5");
  });

  it("keep every digit, and are tidied only where nothing is lost", async () => {
    const { onChange } = await open(measuring.form, MEASURING);
    const input = fill(/Room temperature/, ".50");
    expect(input.value).toBe("0.50");
    expect(onChange.mock.lastCall?.[0]).toMatchObject({ temperature: "0.50" });
  });

  it("have their limits and unit beside the field before anything is typed", async () => {
    await open(measuring.form, MEASURING);
    expect(screen.getByText("18.0 to 25.0 °C")).toBeDefined();
    expect(screen.getByText("9.90 to 10.10 mm", { exact: false })).toBeDefined();
  });
});

describe("a table of readings", () => {
  const cell = (row: number): HTMLInputElement => screen.getByLabelText(new RegExp(`^Row ${row}, Value`));

  it("has as many rows as the case asks for, and works out what follows from them", async () => {
    await open(measuring.form, MEASURING);
    expect(screen.getAllByRole("row")).toHaveLength(4);
    for (const [row, text] of ["10.00", "10.05", "10.20"].entries()) {
      fireEvent.change(cell(row + 1), { target: { value: text } });
    }
    settle();
    const mean = screen.getByText("Mean").closest(".form-field")!;
    expect(mean.textContent).toContain("10.083 mm");
    expect(screen.getByText(/10.20 mm is above the upper limit of 10.1 mm/)).toBeDefined();
    expect(screen.getByText("Out of limit.")).toBeDefined();
    expect(screen.getByLabelText(/Row 3, What was seen/)).toBeDefined();
    expect(screen.queryByLabelText(/Row 2, What was seen/)).toBeNull();
    expect(screen.getByLabelText(/^Remark/)).toBeDefined();
  });

  it("goes down the column with Enter and up with Shift+Enter", async () => {
    await open(measuring.form, MEASURING);
    cell(1).focus();
    fireEvent.keyDown(cell(1), { key: "Enter" });
    expect(document.activeElement).toBe(cell(2));
    fireEvent.keyDown(cell(2), { key: "Enter", shiftKey: true });
    expect(document.activeElement).toBe(cell(1));
  });

  it("takes a column pasted from a spreadsheet", async () => {
    await open(measuring.form, MEASURING);
    cell(2).focus();
    fireEvent.paste(cell(2), { clipboardData: { getData: () => "１０.01\r\n9,99\r\n10.03\r\n" } });
    settle();
    expect([1, 2, 3].map((row) => cell(row).value)).toEqual(["", "10.01", "9,99"]);
    expect(screen.getByText("2 values pasted.")).toBeDefined();
  });

  it("is a list of cards on a phone, one step a screen", async () => {
    wide = false;
    await open(measuring.form, MEASURING);
    expect(screen.getByText("Step 1 of 2")).toBeDefined();
    expect(screen.queryByText("Row 1")).toBeNull();
    fireEvent.click(screen.getByText("Next step"));
    expect(screen.getByText("Row 1")).toBeDefined();
    expect(screen.queryByRole("table")).toBeNull();
    submit();
    fireEvent.click(screen.getByText(/^Instrument: Fill in/));
    expect(screen.getByText("Step 1 of 2")).toBeDefined();
  });
});

describe("what is handed over", () => {
  const accepted = [receiving, measuring, load("every_field")].flatMap(({ form, cases }) =>
    cases.filter((one) => Boolean(one.record)).map((one) => [form, one] as const),
  );

  it.each(accepted.map(([form, one]) => [one.name, form, one] as const))(
    "is the record of the server: %s",
    async (_name, form, one) => {
      const { onSubmit } = await open(form, one.context, { initial: one.data, now: one.now });
      submit();
      // A form that opens fills in its defaults ("site"), which the cases of the server were sent without.
      const { site, ...record } = onSubmit.mock.lastCall?.[0] ?? {};
      expect({ ...record, ...("site" in one.record! ? { site } : {}) }).toEqual(one.record);
    },
  );

  it("leaves out an answer whose field is hidden again", async () => {
    const { onChange } = await open(receiving.form, RECEIVING, {
      initial: { received: 90, short_reason: "one pallet is still on the way" },
    });
    expect(screen.getByLabelText(/What the carrier says/)).toBeDefined();
    fill(/^Received/, "100");
    expect(screen.queryByDisplayValue("one pallet is still on the way")).toBeNull();
    fill(/^Received/, "90");
    expect(screen.getByDisplayValue("one pallet is still on the way")).toBeDefined();
    expect(onChange).toHaveBeenCalled();
  });

  it("is not told before anything was entered, and not submitted by Enter", async () => {
    const { onChange, onSubmit } = await open(receiving.form, RECEIVING);
    settle();
    expect(onChange).not.toHaveBeenCalled();
    const gtin = screen.getByLabelText("Item (GTIN)");
    gtin.focus();
    fireEvent.keyDown(gtin, { key: "Enter" });
    expect(onSubmit).not.toHaveBeenCalled();
    expect(document.activeElement).not.toBe(gtin);
  });
});

it("shows a finished form without a single input", async () => {
  const [one] = measuring.cases.filter((each) => Boolean(each.record));
  const { container } = await open(measuring.form, one!.context, { initial: one!.record!, readOnly: true });
  expect(container.querySelectorAll("input, select, textarea, button")).toHaveLength(0);
  expect(container.textContent).toContain("Caliper 1");
});

it("writes no inline styles, which our policy would not let pass", async () => {
  const { container } = await open(measuring.form, MEASURING);
  expect(container.querySelectorAll("[style]")).toHaveLength(0);
});

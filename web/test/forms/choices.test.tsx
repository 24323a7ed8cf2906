/** Several of some values: check boxes that give a list in the order in which they are offered. */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { CONTROL } from "../../src/forms/controls/choices.tsx";
import type { InputProps } from "../../src/forms/controls/base.ts";

afterEach(cleanup);

const CHOICES = ["burr", "scratch", "stain"].map((value) => ({ value, label: value.toUpperCase() }));

function open(value: InputProps["value"]): ReturnType<typeof vi.fn> {
  const change = vi.fn();
  const props: InputProps = {
    id: "defects",
    pointer: "/defects",
    label: "Defects",
    labelled: false,
    describedBy: undefined,
    invalid: false,
    required: false,
    disabled: false,
    schema: {},
    settings: { unit: "", low: "", high: "", choices: CHOICES },
    value,
    language: "en",
    change,
    blur: () => undefined,
  };
  render(<CONTROL.Input {...props} />);
  return change;
}

it("adds a value in the order in which they are offered", () => {
  const change = open(["stain"]);
  fireEvent.click(screen.getByLabelText("BURR"));
  expect(change).toHaveBeenCalledWith(["burr", "stain"]);
});

it("takes a value away, and is no answer when the last one goes", () => {
  const change = open(["stain"]);
  fireEvent.click(screen.getByLabelText("STAIN"));
  expect(change).toHaveBeenCalledWith(undefined);
});

it("still shows what is not offered any more, so that it can be taken away", () => {
  const change = open(["burr", "rust"]);
  fireEvent.click(screen.getByLabelText("rust"));
  expect(change).toHaveBeenCalledWith(["burr"]);
});

it("is read as the labels of what was chosen", () => {
  const settings = { unit: "", low: "", high: "", choices: CHOICES };
  expect(CONTROL.shown(["burr", "stain", "rust"], settings, "en")).toBe("BURR · STAIN · rust");
});

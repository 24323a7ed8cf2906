/**
 * Enter in a field goes to the next field. It must not submit: a scanner ends what it types with Enter, and a
 * signature is not asked for by accident. Ctrl+Enter (or ⌘+Enter) submits.
 */
import type { KeyboardEvent } from "react";

const TYPED = ["text", "date", "month", "datetime-local", "search", "number", "tel"];

export function goOnWithEnter(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== "Enter" || event.nativeEvent.isComposing || event.defaultPrevented) return;
  const form = event.currentTarget;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const { target } = event;
  const isTyped =
    (target instanceof HTMLInputElement && TYPED.includes(target.type)) ||
    target instanceof HTMLSelectElement;
  const isChoice = target instanceof HTMLInputElement && ["radio", "checkbox"].includes(target.type);
  if (!isTyped && !isChoice) return;
  event.preventDefault();
  fieldAfter(form, target)?.focus();
}

/** The next field that can be filled in; of a group of radio buttons the chosen one, or the first. */
function fieldAfter(form: HTMLFormElement, field: HTMLElement): HTMLElement | undefined {
  const own = field instanceof HTMLInputElement && field.type === "radio" ? field.name : null;
  const fields = Array.from(form.querySelectorAll<HTMLInputElement>("input, select, textarea"));
  return fields.find(
    (one) =>
      (field.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 &&
      !one.disabled &&
      (one.type !== "radio" || (one.name !== own && isEntrance(fields, one))),
  );
}

function isEntrance(fields: readonly HTMLInputElement[], radio: HTMLInputElement): boolean {
  const group = fields.filter((one) => one.type === "radio" && one.name === radio.name);
  return radio === (group.find((one) => one.checked) ?? group[0]);
}

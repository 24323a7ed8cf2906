/**
 * More than a dozen choices: type to search, arrows to move, Enter to take, Escape to leave as it was
 * (the combobox pattern of the ARIA Authoring Practices, list autocomplete).
 */
import "./many_choices.css";

import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";

import { Icon } from "../icons.tsx";
import { word } from "../words.ts";
import { type Choice, type InputProps, inputAttributes } from "./base.ts";
import { chosenLabel } from "./choice.tsx";
import { narrow } from "./typed.tsx";

const MOST_SHOWN = 50;

export default function ManyChoices(props: InputProps): ReactNode {
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const open = search !== null && !props.disabled;
  const found = open ? matching(props.settings.choices, search) : [];
  const shown = found.slice(0, MOST_SHOWN);

  const close = (): void => {
    setSearch(null);
    setActive(0);
  };
  const take = (choice: Choice | undefined): void => {
    if (choice !== undefined) props.change(choice.value);
    close();
  };
  const keyDown = (event: KeyboardEvent): void => {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!open) setSearch("");
      else
        setActive((at) => (at + (key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(1, shown.length));
    } else if (key === "Enter" && open) {
      event.preventDefault();
      take(shown[active]);
    } else if (key === "Escape" && open) {
      event.preventDefault();
      close();
    }
  };
  const activeId = open && shown[active] !== undefined ? `${listId}-${active}` : undefined;
  return (
    <div className="form-search">
      <input
        {...inputAttributes(props)}
        ref={input}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-expanded={open}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={activeId}
        placeholder={word(props.language, "search_choice")}
        value={search ?? chosenLabel(props)}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setActive(0);
          if (event.currentTarget.value === "") props.change(undefined);
        }}
        onClick={() => {
          if (search === null) setSearch("");
        }}
        onKeyDown={keyDown}
        onBlur={() => {
          close();
          props.blur();
        }}
      />
      <Icon name="search" />
      <ul className="form-search-list" id={listId} role="listbox" aria-label={props.label} hidden={!open}>
        {shown.map((choice, at) => (
          <li
            key={choice.value}
            id={`${listId}-${at}`}
            role="option"
            aria-selected={at === active}
            // The list must not take the focus: the search field has it.
            onPointerDown={(event) => {
              event.preventDefault();
            }}
            onClick={() => {
              take(choice);
              input.current?.focus();
            }}
          >
            {choice.label}
          </li>
        ))}
      </ul>
      <p className={open ? "form-search-count" : "visually-hidden"} role="status">
        {open && countText(props, found.length)}
      </p>
    </div>
  );
}

function countText({ language }: InputProps, count: number): string {
  if (count === 0) return word(language, "none_found");
  if (count > MOST_SHOWN) return word(language, "more_found", { count: count - MOST_SHOWN });
  return word(language, "choices_found", { count });
}

/** Choices whose label or value holds every word of the search. */
export function matching(choices: readonly Choice[], search: string): readonly Choice[] {
  const words = narrow(search).toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices;
  return choices.filter((choice) => {
    const text = narrow(`${choice.label} ${choice.value}`).toLowerCase();
    return words.every((part) => text.includes(part));
  });
}

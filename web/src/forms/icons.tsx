/** The few signs of a form, drawn as those of src/design. Each stands beside a word: shape alone says nothing. */
import type { ReactNode } from "react";

const PATHS = {
  alert: "M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 3v.1",
  camera:
    "M8.5 6.5 10 4.500h4l1.500 2H20v13H4v-13h4.500ZM12 9.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7Z",
  check: "M4.500 12.500 10 18 20 6.500",
  computed: "M6 3.500h12v17H6zM9 7.500h6M9 12h.1m2.900 0h.1m2.900 0h.1M9 16.500h.1m2.900 0h.1m2.900 0h.1",
  cross: "M6 6l12 12M18 6 6 18",
  error: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM12 7.500v6m0 3v.1",
  file: "M6 3.500h9l4 4V20.500H6zM14.500 3.500V8H19",
  keyboard: "M3 6.500h18v11H3zM6.500 10h.1m3.500 0h.1m3.500 0h.1m3.500 0h.1M8 14h8",
  plus: "M12 5v14M5 12h14",
  scan: "M4 8V5h4M16 5h4v3M20 16v3h-4M8 19H4v-3M8 9v6M11 9v6M13.500 9v6M16.500 9v6",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l5 5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

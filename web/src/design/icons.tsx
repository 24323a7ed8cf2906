/** The few line icons of the client; each stands beside a word or has its name said elsewhere. */
import type { ReactNode } from "react";

const PATHS = {
  alert: "M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 3v.1",
  book: "M6 4h13v16H6zM9.5 4v16M12.5 8.5h4",
  back: "M15 5l-7 7 7 7",
  check: "M4.5 12.5 10 18 20 6.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  cross: "M6 6l12 12M18 6 6 18",
  diagram: "M3.5 9.5h5v5h-5zM15.5 4.5h5v5h-5zM15.5 14.5h5v5h-5zM8.5 12H12V7h3.5M12 12v5h3.5",
  draft: "M5 19h3L19 8l-3-3L5 16v3Zm9-12 3 3",
  forward: "M9 5l7 7-7 7",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.5m0-9v.1",
  inbox: "M4 13.5 6.5 5h11L20 13.5V19H4v-5.5Zm0 0h4.5l1.5 2.5h4l1.5-2.5H20",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  offline:
    "M4 4l16 16M8.5 12.8A6 6 0 0 1 11 11.5M5 9.3a11 11 0 0 1 3-2m4.5-.8A11 11 0 0 1 19 9.3M13.5 11.6a6 6 0 0 1 2 1.2M12 17.5v.1",
  person: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-7 8a7 7 0 0 1 14 0",
  play: "M8 5.5v13l10-6.5z",
  print: "M7 9V4h10v5M7 17H4.5V9.5h15V17H17M7 14h10v6H7z",
  records: "M6 3.5h9l4 4V20.5H6zM14.5 3.5V8H19M9 12h7M9 16h7",
  scan: "M4 8V5h4M16 5h4v3M20 16v3h-4M8 19H4v-3M8 9v6M11 9v6M13.5 9v6M16.5 9v6",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l5 5",
  send: "M4 12 20 4.5 15 20l-3.5-6L4 12Zm7.5 2L20 4.5",
  settings: "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5v5h-2.6v-5zM8.5 14.5v5H6v-5z",
  shield: "M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6l-7-2.5Zm-3 8 2.3 2.5L15.5 9.5",
  sign: "M4 17c3-8 5-11 6.5-10.500C12.5 7 9 15 10.5 15.500c1 .3 2-3 3.3-2.8 1 .2.2 2.3 1.5 2.3.900 0 1.7-1 4.7-1M4 20.500h16",
  stock: "M4 8.5 12 4.500l8 4v8l-8 4-8-4v-8Zm0 0 8 4 8-4M12 12.500v8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The two widths that change what is drawn, not only how: compact (a phone) and wide (room for a table). */
import { useSyncExternalStore } from "react";

// Classes of width as Android's: compact below 600 px, expanded from 840 px.
const QUERIES = { compact: "(max-width: 599.98px)", wide: "(min-width: 768px)" } as const;

export function useWidth(is: keyof typeof QUERIES): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(QUERIES[is]);
      query.addEventListener("change", changed);
      return () => {
        query.removeEventListener("change", changed);
      };
    },
    () => matchMedia(QUERIES[is]).matches,
  );
}

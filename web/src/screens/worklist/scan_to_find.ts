/**
 * A scan on the worklist looks for the work on what was scanned. The scanner's reader comes after the list: a
 * scan in the first second is typed into the search field instead, which finds the lot number too.
 */
import { useEffect, useState } from "react";

import { serverNow } from "../../api/connection.ts";
import { useSay } from "../../i18n/index.tsx";

/** Hands `find` the lot, serial or number that was scanned; gives the sentence to show about it. */
export function useScanToFind(find: (query: string) => void): string | null {
  const say = useSay();
  const [sentence, setSentence] = useState<string | null>(null);
  useEffect(() => {
    let stop = (): void => undefined;
    let gone = false;
    const timer = setTimeout(() => {
      void Promise.all([
        import("../../scanning/keyboard_wedge.ts"),
        import("../../scanning/read_scan.ts"),
      ]).then(([{ listenForScans }, { readScan }]) => {
        if (gone) return;
        stop = listenForScans(document, {
          scanned({ text }) {
            try {
              const { elements } = readScan(text, new Date(serverNow()).getFullYear());
              const wanted = elements["lot"] ?? elements["serial"] ?? elements["gtin"];
              const query = typeof wanted === "string" ? wanted : text;
              find(query);
              setSentence(say("worklist.scanned", { query }));
            } catch {
              find(text);
              setSentence(say("worklist.scanned", { query: text }));
            }
          },
        });
      });
    }, 1_000);
    return () => {
      gone = true;
      clearTimeout(timer);
      stop();
    };
  }, [find, say]);
  return sentence;
}

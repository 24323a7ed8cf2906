/** Scans while a form is open. What takes them is fetched beside the form, which need not wait for it. */
import { useEffect, useRef } from "react";

import { whenIdle } from "../calm.ts";
import { type ScanNews, useChanges, useFormFrame, useScreen, useSeen } from "./form_context.tsx";

export const loadScanListening = () => import("./scan_listening.ts");

async function listening(): ReturnType<typeof loadScanListening> {
  await whenIdle();
  return loadScanListening();
}

export function useScans(tell: (news: ScanNews) => void): void {
  const { formId, circumstances } = useFormFrame();
  const { readOnly } = useSeen();
  const screen = useScreen();
  const { change, replace } = useChanges();
  const latest = useRef(screen);
  useEffect(() => {
    latest.current = screen;
  });
  useEffect(() => {
    if (readOnly) return undefined;
    let gone = false;
    let stop = (): void => undefined;
    void listening().then(({ takeScans }) => {
      if (gone) return;
      const current = () => latest.current;
      stop = takeScans({ formId, circumstances, screen: current, change, replace, tell });
    });
    return () => {
      gone = true;
      stop();
    };
  }, [readOnly, formId, circumstances, change, replace, tell]);
}

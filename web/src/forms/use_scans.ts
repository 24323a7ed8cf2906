/** Scans while a form is open. What takes them is fetched beside the form, which need not wait for it. */
import { useEffect, useRef } from "react";

import { whenIdle } from "../calm.ts";
import { type ScanNews, useChanges, useFormFrame, useScreen, useSeen } from "./form_context.tsx";

type Listening = typeof import("./scan_listening.ts");

let loaded: Listening | undefined;

export async function loadScanListening(): Promise<Listening> {
  return (loaded ??= await import("./scan_listening.ts"));
}

/** Begin when the listener is there: at once where the form waited for it, since a scan may come with its first frame. */
function whenListening(begin: (listening: Listening) => void): void {
  if (loaded !== undefined) begin(loaded);
  else void whenIdle().then(loadScanListening).then(begin);
}

export function useScans(tell: (news: ScanNews) => void): void {
  const { formId, model, circumstances } = useFormFrame();
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
    whenListening(({ takeScans }) => {
      if (gone) return;
      const current = () => latest.current;
      stop = takeScans({ formId, model, circumstances, screen: current, change, replace, tell });
    });
    return () => {
      gone = true;
      stop();
    };
  }, [readOnly, formId, model, circumstances, change, replace, tell]);
}

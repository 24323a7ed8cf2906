/**
 * When the first screen is drawn and the browser has nothing to do: what that screen does not need comes then. A cheap
 * phone on a poor network would share its journeys and its processor with it.
 */
const LONGEST_MS = 4_000;

let isDrawn = false;
let tellDrawn: () => void = () => undefined;
const drawn = new Promise<void>((resolve) => {
  tellDrawn = resolve;
});

/** A screen is drawn. Told by each; the first one counts. */
export function noteDrawn(): void {
  isDrawn = true;
  tellDrawn();
}

/** Whether a screen has been drawn since the page was opened. */
export function wasDrawn(): boolean {
  return isDrawn;
}

/** Wait until the first screen is drawn (or takes too long) and the browser is idle. */
export async function whenCalm(): Promise<void> {
  await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, LONGEST_MS))]);
  await whenIdle();
}

/** Wait until the browser has nothing to do: for what comes right after what is drawn already. */
export async function whenIdle(): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      resolve();
    };
    // Safari has no requestIdleCallback.
    if (typeof requestIdleCallback === "function") requestIdleCallback(go, { timeout: LONGEST_MS });
    else setTimeout(go);
  });
}

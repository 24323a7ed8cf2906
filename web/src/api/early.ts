/**
 * What the page asked the server before the client ran (public/preferences.js): each answer is used once, by the first
 * question for the same address, and only by the start it was asked for.
 */
const USABLE_MS = 10_000;

declare global {
  var countersignAsked: Record<string, Promise<Response>> | undefined;
}

/** Take the answer that was asked for early; undefined when there is none. */
export function takeEarly(path: string): Promise<Response> | undefined {
  const asked = globalThis.countersignAsked;
  const answer = asked?.[path];
  if (asked === undefined || answer === undefined) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a small table that empties
  delete asked[path];
  return performance.now() < USABLE_MS ? withinLimit(answer) : undefined;
}

async function withinLimit(answer: Promise<Response>): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error("The server takes too long."));
    }, USABLE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Forget what was asked and not used: nobody is signed in, or the first screen had no need of it. */
export function forgetEarly(): void {
  for (const answer of Object.values(globalThis.countersignAsked ?? {}))
    // An answer that nobody reads would hold its connection.
    void answer.then((response) => response.body?.cancel()).catch(() => undefined);
  globalThis.countersignAsked = undefined;
}

/**
 * A part of the client that is fetched when it is first shown, or before. React's own `lazy` holds each one back for
 * up to 300 ms after a placeholder was seen, though the part is there, and takes the page down when it cannot be
 * fetched; a form is several parts deep, and a phone in a steel hall often cannot.
 */
import { type ComponentType, type ReactNode, startTransition, useEffect, useState } from "react";

const AGAIN_AFTER_MS = 3_000;

export type Part<P extends object> = ((props: P) => ReactNode) & {
  /** Fetch the part now, so that it is there when it is shown. */
  readonly fetch: () => Promise<void>;
};

/** The component that `load` fetches; until it has come, `waiting`, and the fetch is tried again now and then. */
export function part<P extends object>(
  load: () => Promise<ComponentType<P>>,
  waiting: (props: P) => ReactNode = () => null,
): Part<P> {
  let Come: ComponentType<P> | undefined;
  const fetch = async (): Promise<void> => {
    Come ??= await load();
  };
  function Shown(props: P): ReactNode {
    const [tries, setTries] = useState(0);
    useEffect(() => {
      if (Come !== undefined) return undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let gone = false;
      const next = (): void => {
        if (gone) return;
        startTransition(() => {
          setTries((before) => before + 1);
        });
      };
      fetch().then(next, () => {
        timer = setTimeout(next, AGAIN_AFTER_MS);
      });
      return () => {
        gone = true;
        clearTimeout(timer);
      };
    }, [tries]);
    return Come === undefined ? waiting(props) : <Come {...props} />;
  }
  return Object.assign(Shown, { fetch });
}

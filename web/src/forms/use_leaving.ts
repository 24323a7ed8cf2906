/**
 * Which fields the person has left. An error that appears below a field moves what follows: while a finger or
 * the mouse is down it must wait, or the tap that left the field would miss what it was meant for.
 */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Leaving {
  readonly left: ReadonlySet<string>;
  /** Stays the same function as long as the form is open. */
  readonly leave: (key: string) => void;
}

export function useLeaving(): Leaving {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Set<string>());
  const pressed = useRef(false);

  const note = useCallback(() => {
    const keys = Array.from(waiting.current);
    waiting.current.clear();
    setLeft((known) => (keys.every((key) => known.has(key)) ? known : new Set([...known, ...keys])));
  }, []);
  useEffect(() => {
    const down = (): void => {
      pressed.current = true;
    };
    const up = (): void => {
      pressed.current = false;
      setTimeout(note); // after the click that follows
    };
    document.addEventListener("pointerdown", down, true);
    document.addEventListener("pointerup", up, true);
    document.addEventListener("pointercancel", up, true);
    return () => {
      document.removeEventListener("pointerdown", down, true);
      document.removeEventListener("pointerup", up, true);
      document.removeEventListener("pointercancel", up, true);
    };
  }, [note]);
  const leave = useCallback(
    (key: string) => {
      waiting.current.add(key);
      if (!pressed.current) setTimeout(note);
    },
    [note],
  );
  return { left, leave };
}

/**
 * Keeps what is typed into a start form on the device: there is no work item yet that the server could keep a
 * draft of. It is thrown away when the start has been sent or stored.
 */
import { useCallback, useEffect, useRef, useState } from "react";

import { readDraft, removeDraft, writeDraft } from "../../mirror/drafts.ts";

const AFTER_MS = 400;

export type StartKept = "nothing" | "typing" | "device" | "not_kept";

type Data = Readonly<Record<string, unknown>>;

export interface StartDraft {
  /** What to begin with; null until the device has been asked. */
  readonly begin: Data | null;
  readonly kept: StartKept;
  readonly note: (data: Data) => void;
  readonly discard: () => Promise<void>;
}

const NOTHING: Data = {};

/** The draft of one process's start form, of one person; a form of another version is another draft. */
export function useStartDraft(processId: string, formHash: string, user: string): StartDraft {
  const id = `start ${processId} ${formHash}`;
  const [begin, setBegin] = useState<Data | null>(null);
  const [kept, setKept] = useState<StartKept>("nothing");
  const unsaved = useRef<Data | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const touched = useRef(false);
  const over = useRef(false);

  useEffect(() => {
    let gone = false;
    void readDraft(user, id)
      .catch(() => null)
      .then((draft) => {
        if (gone) return;
        setBegin(draft?.data ?? NOTHING);
        if (draft) setKept("device");
      });
    return () => {
      gone = true;
    };
  }, [user, id]);

  const save = useCallback(async (): Promise<void> => {
    clearTimeout(timer.current);
    const data = unsaved.current;
    if (data === null) return;
    unsaved.current = null;
    try {
      await writeDraft({ user, work_item_id: id, data, at: new Date().toISOString(), continues: null });
      setKept("device");
    } catch {
      setKept("not_kept");
    }
  }, [user, id]);

  useEffect(() => {
    const touch = (): void => {
      touched.current = true;
    };
    const kinds = ["keydown", "pointerdown", "input"] as const;
    for (const kind of kinds) addEventListener(kind, touch, true);
    return () => {
      for (const kind of kinds) removeEventListener(kind, touch, true);
    };
  }, []);

  useEffect(() => {
    const leave = (): void => {
      if (document.visibilityState === "hidden") void save();
    };
    document.addEventListener("visibilitychange", leave);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      void save();
    };
  }, [save]);

  const note = useCallback(
    (data: Data): void => {
      if (!touched.current || over.current) return; // the form filling in its own defaults is nobody's work
      unsaved.current = data;
      setKept("typing");
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void save(), AFTER_MS);
    },
    [save],
  );

  const discard = useCallback(async (): Promise<void> => {
    clearTimeout(timer.current);
    over.current = true;
    unsaved.current = null;
    setKept("nothing");
    await removeDraft(user, id).catch(() => undefined);
  }, [user, id]);

  return { begin, kept, note, discard };
}

/**
 * Keeps what is typed: on the device a moment after each change, on the server when the typing rests or the page
 * is left. The device's copy is the one that counts; a server that cannot be reached costs nothing here.
 */
import { useCallback, useEffect, useRef, useState } from "react";

import { sendCommand } from "../../api/endpoints.ts";
import type { WorkItemDetail } from "../../api/wire.ts";
import { type Beginning, beginning, readDraft, removeDraft, writeDraft } from "../../mirror/drafts.ts";
import { isAhead } from "../../pack/address.ts";
import { newCommandId } from "../../pending/identifiers.ts";

const ON_DEVICE_AFTER_MS = 400;
const ON_SERVER_AFTER_MS = 6_000;

export type Kept = "nothing" | "typing" | "device" | "both" | "not_kept";

type Data = Readonly<Record<string, unknown>>;

export interface DraftKeeper {
  /** What to begin with; null until the device has been asked. */
  readonly start: Beginning | null;
  readonly kept: Kept;
  /** Begin with this one: the person has chosen between two drafts. */
  readonly choose: (data: Data, continues: string | null) => void;
  readonly note: (data: Data) => void;
  /** The work is done or thrown away: nothing of it stays. */
  readonly discard: () => Promise<void>;
}

export function useDraftKeeper(item: WorkItemDetail, user: string): DraftKeeper {
  const id = item.work_item_id;
  const [start, setStart] = useState<Beginning | null>(null);
  const [kept, setKept] = useState<Kept>("nothing");
  const continues = useRef<string | null>(item.draft?.saved_at ?? null);
  const latest = useRef<Data | null>(null);
  const unsaved = useRef({ device: false, server: false });
  const timers = useRef<{ device?: ReturnType<typeof setTimeout>; server?: ReturnType<typeof setTimeout> }>(
    {},
  );
  const serverDraft = useRef(item.draft);
  const touched = useTouched();

  useEffect(() => {
    let gone = false;
    void readDraft(user, id)
      .catch(() => null)
      .then((draft) => {
        if (!gone) setStart(beginning(draft, serverDraft.current));
      });
    return () => {
      gone = true;
    };
  }, [user, id]);

  const saveOnDevice = useCallback(async (): Promise<void> => {
    clearTimeout(timers.current.device);
    if (!unsaved.current.device || latest.current === null) return;
    unsaved.current.device = false;
    try {
      await writeDraft({
        user,
        work_item_id: id,
        data: latest.current,
        at: new Date().toISOString(),
        continues: continues.current,
      });
      setKept("device");
    } catch {
      setKept("not_kept");
    }
  }, [user, id]);

  const saveOnServer = useCallback(async (): Promise<void> => {
    clearTimeout(timers.current.server);
    // A step that the server has not opened yet has no place there.
    if (!unsaved.current.server || latest.current === null || isAhead(id)) return;
    unsaved.current.server = false;
    const sent = latest.current;
    try {
      const { result } = await sendCommand("save-draft", {
        command_id: newCommandId(),
        work_item_id: id,
        data: sent,
      });
      if (typeof result["saved_at"] === "string") continues.current = result["saved_at"];
      if (latest.current === sent) {
        await writeDraft({
          user,
          work_item_id: id,
          data: sent,
          at: new Date().toISOString(),
          continues: continues.current,
        });
        setKept("both");
      }
    } catch {
      unsaved.current.server = true; // with the next change, or when the page is left
    }
  }, [user, id]);

  const note = useCallback(
    (data: Data): void => {
      if (!touched.current) return; // the form filling in its own defaults is nobody's work
      latest.current = data;
      unsaved.current = { device: true, server: true };
      setKept("typing");
      clearTimeout(timers.current.device);
      clearTimeout(timers.current.server);
      timers.current.device = setTimeout(() => void saveOnDevice(), ON_DEVICE_AFTER_MS);
      timers.current.server = setTimeout(() => void saveOnServer(), ON_SERVER_AFTER_MS);
    },
    [saveOnDevice, saveOnServer, touched],
  );

  const forget = useCallback((): void => {
    clearTimeout(timers.current.device);
    clearTimeout(timers.current.server);
    latest.current = null;
    unsaved.current = { device: false, server: false };
  }, []);

  useEffect(() => {
    const leave = (): void => {
      if (document.visibilityState === "hidden") {
        void saveOnDevice();
        void saveOnServer();
      }
    };
    document.addEventListener("visibilitychange", leave);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      void saveOnDevice();
      void saveOnServer();
    };
  }, [saveOnDevice, saveOnServer]);

  return {
    start,
    kept,
    note,
    choose: (data, from) => {
      continues.current = from;
      setStart({ from: "device", data, at: new Date().toISOString() });
    },
    discard: async () => {
      forget();
      setKept("nothing");
      await removeDraft(user, id).catch(() => undefined);
    },
  };
}

/** Whether the person has touched anything since the work item was opened. */
function useTouched(): { readonly current: boolean } {
  const touched = useRef(false);
  useEffect(() => {
    const touch = (): void => {
      touched.current = true;
    };
    const listening = { capture: true, once: true };
    addEventListener("keydown", touch, listening);
    addEventListener("pointerdown", touch, listening);
    addEventListener("input", touch, listening);
    return () => {
      removeEventListener("keydown", touch, listening);
      removeEventListener("pointerdown", touch, listening);
      removeEventListener("input", touch, listening);
    };
  }, []);
  return touched;
}

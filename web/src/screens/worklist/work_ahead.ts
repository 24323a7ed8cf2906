/** The steps that only this device knows of: what was done here leads to them, and the server has not answered yet. */
import { useEffect, useState } from "react";

import type { WorkItem } from "../../api/wire.ts";
import { isAt } from "../../pack/address.ts";
import { usePending } from "../../pending/pending.ts";

const NONE: readonly WorkItem[] = [];

/** Work ahead of the server, without what stands in the list already. */
export function useWorkAhead(listed: readonly WorkItem[]): readonly WorkItem[] {
  const { all } = usePending();
  const [ahead, setAhead] = useState(NONE);
  const boxed = all.some((kept) => kept.boxed === true);
  useEffect(() => {
    if (!boxed) return undefined;
    let gone = false;
    void import("../../pack/ahead.ts")
      .then(({ workAhead }) => workAhead())
      .catch(() => NONE)
      .then((found) => {
        if (!gone) setAhead(found);
      });
    return () => {
      gone = true;
    };
  }, [boxed, all, listed]);
  return ahead.filter(({ work_item_id: id }) => !listed.some((item) => isAt(item, id)));
}

/** On a work item while the server is not reached: why it is not completed now, and what comes next ahead of it. */
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";

import type { Text } from "../../api/shapes.ts";
import type { WorkItem } from "../../api/wire.ts";
import { Notice } from "../../design/parts.tsx";
import { readDevice } from "../../device/store.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { isAhead } from "../../pack/address.ts";
import { workAhead } from "../../pack/ahead.ts";
import { refusalOf, refusalOfClass } from "../../pack/leave.ts";
import { readCut } from "../../pack/store.ts";
import { AHEAD, LEAVE } from "../../pack/words.ts";
import { usePending } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";

interface Props {
  readonly item: WorkItem;
  readonly reachable: boolean;
}

/** Why this cannot be completed here and now; nothing where it can, or the device is not enrolled. */
export function WithoutNetwork({ item, reachable }: Props): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const [why, setWhy] = useState<Text | null>(null);
  const ahead = isAhead(item.work_item_id);
  useEffect(() => {
    let gone = false;
    void refusal(user.username, item.offline)
      .catch(() => null)
      .then((found) => {
        if (!gone) setWhy(found);
      });
    return () => {
      gone = true;
    };
  }, [user.username, item.offline, reachable]);
  return (
    <>
      {ahead ? (
        <Notice tone="info" title={textIn(AHEAD.ahead)}>
          <p>{textIn(AHEAD.explained)}</p>
        </Notice>
      ) : null}
      {why === null || reachable ? null : (
        <Notice tone="warn" live="status" title={textIn(LEAVE.title)}>
          <p>{textIn(why)}</p>
        </Notice>
      )}
    </>
  );
}

async function refusal(person: string, offline: string | null): Promise<Text | null> {
  const device = await readDevice();
  if (device?.state !== "enrolled") return null;
  return (await refusalOf(await readCut(person), person, device.device)) ?? refusalOfClass(offline);
}

/** The steps of an instance that what was done here leads to. */
export function NextAhead({ instance }: { readonly instance: string }): ReactNode {
  const textIn = useTextIn();
  const { all } = usePending();
  const [next, setNext] = useState<readonly WorkItem[]>([]);
  useEffect(() => {
    let gone = false;
    void workAhead()
      .catch(() => [])
      .then((found) => {
        if (!gone) setNext(found.filter((item) => item.process_instance_id === instance));
      });
    return () => {
      gone = true;
    };
  }, [instance, all]);
  if (next.length === 0) return null;
  return (
    <section className="section">
      <h2>{textIn(AHEAD.next)}</h2>
      <ul className="section">
        {next.map((item, at) => (
          <li key={item.work_item_id}>
            <Link
              href={`/work/${encodeURIComponent(item.work_item_id)}`}
              className="button"
              data-kind={at === 0 ? "primary" : undefined}
            >
              {textIn(item.activity_names)}
              {numberOf(item, next)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Steps of one name are counted, so that they can be told apart. */
function numberOf(item: WorkItem, among: readonly WorkItem[]): string {
  const alike = among.filter(({ activity_id: activity }) => activity === item.activity_id);
  return alike.length > 1 ? ` ${alike.indexOf(item) + 1}/${alike.length}` : "";
}

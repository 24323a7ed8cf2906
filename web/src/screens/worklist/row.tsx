/** One line of the ledger of work: what, for which lot, due when, whose. The whole line is the link. */
import type { ReactNode } from "react";
import { Link } from "wouter";

import type { WorkItem } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Badge } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { distance, shortTime } from "../../i18n/times.ts";
import { isAhead } from "../../pack/address.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { isOverdue } from "./choosing.ts";

interface Props {
  readonly item: WorkItem;
  readonly now: number;
  readonly mine: boolean;
  readonly waiting: "sending" | "signing" | null;
}

export function WorkItemRow({ item, now, mine, waiting }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const language = useLanguage();
  const { user } = usePerson();
  const late = isOverdue(item, now);
  return (
    <li>
      <Link
        href={`/work/${encodeURIComponent(item.work_item_id)}`}
        className="work-row"
        data-late={late || undefined}
      >
        <span className="work-what">
          <strong>{textIn(item.activity_names)}</strong>
          <span className="work-title">{item.title ?? textIn(item.process_names)}</span>
          {item.title ? <span className="soft small work-process">{textIn(item.process_names)}</span> : null}
        </span>
        <span className="work-due">
          {item.due_at ? (
            <>
              <span className="work-distance">
                <Icon name={late ? "alert" : "clock"} />
                {late
                  ? say("worklist.late", { when: distance(item.due_at, now, language) })
                  : say("worklist.due", { when: distance(item.due_at, now, language) })}
              </span>
              <span className="soft small number">{shortTime(item.due_at, user.zone)}</span>
            </>
          ) : (
            <span className="soft small">
              {say("worklist.opened", { when: distance(item.opened_at, now, language) })}
            </span>
          )}
        </span>
        <span className="work-badges">
          {mine ? (
            <Badge tone="good" icon="person">
              {say("worklist.is_mine")}
            </Badge>
          ) : item.assignee ? (
            <Badge icon="person">{textIn(item.assignee.name)}</Badge>
          ) : (
            <Badge>{item.role}</Badge>
          )}
          {item.signature ? (
            <Badge tone="seal" icon="sign">
              {say("worklist.signed")}
            </Badge>
          ) : null}
          {item.has_draft ? <Badge icon="draft">{say("worklist.draft")}</Badge> : null}
          {isAhead(item.work_item_id) ? (
            <Badge tone="info" icon="offline">
              {say("worklist.ahead")}
            </Badge>
          ) : null}
          {waiting === "sending" ? (
            <Badge tone="warn" icon="send">
              {say("worklist.waiting_to_send")}
            </Badge>
          ) : null}
          {waiting === "signing" ? (
            <Badge tone="warn" icon="sign">
              {say("worklist.waiting_for_signature")}
            </Badge>
          ) : null}
        </span>
        <Icon name="forward" />
      </Link>
    </li>
  );
}

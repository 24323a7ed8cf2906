/** The step is done: say so, and offer what comes next for this person. */
import type { ReactNode } from "react";
import { Link } from "wouter";

import { completed, type WorkItemDetail } from "../../api/wire.ts";
import { Notice, PageHead } from "../../design/parts.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import type { Answer } from "../../pending/journal.ts";
import { BackToWorklist } from "./back.tsx";

interface Props {
  readonly item: WorkItemDetail;
  readonly answer: Extract<Answer, { outcome: "accepted" }>;
}

export function Done({ item, answer }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const next = nextOf(answer);
  return (
    <div className="page" data-width="measure">
      <PageHead title={say("done.title", { step: textIn(item.activity_names) })} above={<BackToWorklist />} />
      <Notice tone="good" live="status" title={say(item.signature ? "done.signed" : "done.completed")}>
        {item.title ? <p>{item.title}</p> : null}
      </Notice>
      {next.length > 0 ? (
        <section className="section">
          <h2>{say("done.next")}</h2>
          <ul className="section">
            {next.map((following) => (
              <li key={following.work_item_id}>
                <Link
                  href={`/work/${encodeURIComponent(following.work_item_id)}`}
                  className="button"
                  data-kind="primary"
                >
                  {textIn(following.activity_names)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <p className="row">
        <Link href="/" className="button" data-kind={next.length > 0 ? undefined : "primary"}>
          {say("common.to_worklist")}
        </Link>
        <Link href={`/records/${item.process_instance_id}`} className="button">
          {say("work.so_far")}
        </Link>
      </p>
    </div>
  );
}

/** The work that follows; an answer that says it in another way costs the short cut, not the screen. */
function nextOf(answer: Props["answer"]): ReturnType<typeof completed>["next_work_items"] {
  try {
    return completed(answer.result, "").next_work_items;
  } catch {
    return [];
  }
}

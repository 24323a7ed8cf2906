/** An address that leads nowhere. */
import type { ReactNode } from "react";
import { Link } from "wouter";

import { PageHead } from "../design/parts.tsx";
import { useSay } from "../i18n/index.tsx";

export function NotFound(): ReactNode {
  const say = useSay();
  return (
    <div className="page" data-width="measure">
      <PageHead title={say("not_found.title")} />
      <p>{say("not_found.help")}</p>
      <p>
        <Link href="/" className="button" data-kind="primary">
          {say("common.to_worklist")}
        </Link>
      </p>
    </div>
  );
}

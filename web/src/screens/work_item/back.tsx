/** The way back from a work item, above its title. */
import type { ReactNode } from "react";
import { Link } from "wouter";

import { Icon } from "../../design/icons.tsx";
import { useSay } from "../../i18n/index.tsx";

export function BackToWorklist(): ReactNode {
  const say = useSay();
  return (
    <Link href="/" className="back no-print">
      <Icon name="back" />
      {say("common.to_worklist")}
    </Link>
  );
}

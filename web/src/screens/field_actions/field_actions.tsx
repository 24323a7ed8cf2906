/** Every field action, the newest first: what it is, where it stands, how each region classes it. */
import type { ReactNode } from "react";

import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { At, Named, To } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { wordsOf } from "../registers/words.ts";
import { Classes, State } from "./state.tsx";
import { type FieldAction, getFieldActions } from "./wire.ts";
import { TYPES, WORDS } from "./words.ts";

export default function FieldActions(): ReactNode {
  const textIn = useTextIn();
  const query = usePages(["field-actions"], getFieldActions);
  const columns: readonly Column<FieldAction>[] = [
    {
      head: WORDS.number,
      cell: ({ number }) => <To href={`/registers/field-actions/${encodeURIComponent(number)}`}>{number}</To>,
    },
    {
      head: WORDS.what,
      cell: ({ title, action_type }) => (
        <Named name={title} number={action_type === null ? null : textIn(wordsOf(TYPES, action_type))} />
      ),
    },
    { head: WORDS.status, cell: (action) => <State action={action} /> },
    { head: WORDS.classes, cell: (action) => <Classes action={action} /> },
    { head: WORDS.aware, cell: ({ aware_at }) => <At time={aware_at} /> },
  ];
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />} />
      <Paged query={query} columns={() => columns} keyOf={({ number }) => number} empty={WORDS.none} />
    </div>
  );
}

/** Every field action, the newest first: what it is, where it stands, how each region classes it. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Answered, Back, type Column, Empty, Ledger, Stacked, To } from "../registers/parts.tsx";
import { Classes, State } from "./state.tsx";
import { type FieldAction, getFieldActions } from "./wire.ts";
import { TYPES, WORDS } from "./words.ts";

export default function FieldActions(): ReactNode {
  const textIn = useTextIn();
  const query = useQuery({ queryKey: ["field-actions"], queryFn: getFieldActions });
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back to={["/registers", WORDS.registers]} />} />
      <Answered query={query}>
        {({ items }) => (items.length === 0 ? <Empty text={WORDS.none} /> : <List actions={items} />)}
      </Answered>
    </div>
  );
}

function List({ actions }: { readonly actions: readonly FieldAction[] }): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const columns: readonly Column<FieldAction>[] = [
    {
      head: WORDS.number,
      cell: ({ number }) => <To href={`/registers/field-actions/${encodeURIComponent(number)}`}>{number}</To>,
    },
    {
      head: WORDS.what,
      cell: ({ title, action_type }) => (
        <Stacked
          parts={[
            title,
            action_type === null ? null : (
              <span key="type" className="soft small">
                {textIn(TYPES[action_type] ?? { en: action_type, zh: action_type })}
              </span>
            ),
          ]}
        />
      ),
    },
    { head: WORDS.status, cell: (action) => <State action={action} /> },
    { head: WORDS.classes, cell: (action) => <Classes action={action} /> },
    {
      head: WORDS.aware,
      cell: ({ aware_at }) => <span className="number">{shortTime(aware_at, user.zone)}</span>,
    },
  ];
  return <Ledger columns={columns} rows={actions} keyOf={({ number }) => number} />;
}

/** Every change, the newest first. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import {
  Answered,
  Back,
  By,
  type Column,
  Empty,
  Ledger,
  Named,
  type People,
  Said,
  same,
  To,
} from "../registers/parts.tsx";
import { getChanges, type Listed } from "./wire.ts";
import { CLASSES, KINDS, STATES, WORDS } from "./words.ts";

export default function Changes(): ReactNode {
  const textIn = useTextIn();
  const query = useQuery({ queryKey: ["changes"], queryFn: getChanges });
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back to={["/registers", WORDS.registers]} />} />
      <Answered query={query}>
        {({ items, people }) =>
          items.length === 0 ? <Empty text={WORDS.none} /> : <List changes={items} people={people} />
        }
      </Answered>
    </div>
  );
}

function List(props: { readonly changes: readonly Listed[]; readonly people: People }): ReactNode {
  const textIn = useTextIn();
  const columns: readonly Column<Listed>[] = [
    {
      head: WORDS.number,
      cell: ({ number }) => <To href={`/registers/changes/${encodeURIComponent(number)}`}>{number}</To>,
    },
    {
      head: WORDS.what,
      cell: ({ title, kind }) => <Named name={title} number={textIn(KINDS[kind] ?? same(kind))} />,
    },
    { head: WORDS.status, cell: ({ status }) => <Said looks={STATES} code={status} /> },
    {
      head: WORDS.class,
      cell: (each) => (each.class === null ? "—" : textIn(CLASSES[each.class] ?? same(each.class))),
    },
    { head: WORDS.from, kind: "number", cell: ({ effective_from }) => effective_from ?? "—" },
    { head: WORDS.who, cell: ({ requested_by }) => <By people={props.people} who={requested_by} /> },
  ];
  return (
    <Ledger columns={columns} rows={props.changes} keyOf={({ process_instance_id }) => process_instance_id} />
  );
}

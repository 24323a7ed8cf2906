/** Every change, the newest first. */
import type { ReactNode } from "react";

import { PageHead } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { By, Named, type People, Said, To } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { wordsOf } from "../registers/words.ts";
import { type Changes as Listing, getChanges, type Listed } from "./wire.ts";
import { CLASSES, KINDS, STATES, WORDS } from "./words.ts";

export default function Changes(): ReactNode {
  const textIn = useTextIn();
  const query = usePages(["changes"], getChanges);
  const columns = (pages: readonly Listing[]): readonly Column<Listed>[] => {
    const people = Object.assign({}, ...pages.map((page) => page.people)) as People;
    return [
      {
        head: WORDS.number,
        cell: ({ number }) => <To href={`/registers/changes/${encodeURIComponent(number)}`}>{number}</To>,
      },
      {
        head: WORDS.what,
        cell: ({ title, kind }) => <Named name={title} number={textIn(wordsOf(KINDS, kind))} />,
      },
      { head: WORDS.status, cell: ({ status }) => <Said looks={STATES} code={status} /> },
      {
        head: WORDS.class,
        cell: (each) => (each.class === null ? "—" : textIn(wordsOf(CLASSES, each.class))),
      },
      { head: WORDS.from, kind: "number", cell: ({ effective_from }) => effective_from ?? "—" },
      { head: WORDS.who, cell: ({ requested_by }) => <By people={people} who={requested_by} /> },
    ];
  };
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />} />
      <Paged
        query={query}
        columns={columns}
        keyOf={({ process_instance_id }) => process_instance_id}
        empty={WORDS.none}
      />
    </div>
  );
}

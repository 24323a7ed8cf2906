/** Nonconformities: the open ones with how old they are, the oldest first, or all of them. */
import { type ReactNode, useId, useState } from "react";

import { Badge, PageHead, Segments } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { At, Named, Said, Stacked, To } from "../registers/cells.tsx";
import type { Column } from "../registers/ledger.tsx";
import { Paged, usePages } from "../registers/paged.tsx";
import { Back } from "../registers/parts.tsx";
import { filled, wordsOf } from "../registers/words.ts";
import { getNonconformities, type Listed, type Listing, type Which } from "./wire.ts";
import { CLASSES, STAGES, STATES, WORDS } from "./words.ts";

const DAY_MS = 86_400_000;

export default function Nonconformities(): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [which, setWhich] = useState<Which>("open");
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back />} />
      <div className="row">
        <Segments<Which>
          name={`${id}-which`}
          legend={textIn(WORDS.which)}
          legendHidden
          value={which}
          onChange={setWhich}
          options={[
            ["open", textIn(WORDS.open)],
            ["all", textIn(WORDS.all)],
          ]}
        />
      </div>
      <List key={which} which={which} />
    </div>
  );
}

function List({ which }: { readonly which: Which }): ReactNode {
  const textIn = useTextIn();
  const query = usePages(["nonconformities", which], (cursor) => getNonconformities(which, cursor));
  const columns = (pages: readonly Listing[]): readonly Column<Listed>[] => [
    {
      head: WORDS.number,
      cell: ({ number }) => (
        <To href={`/registers/nonconformities/${encodeURIComponent(number)}`}>{number}</To>
      ),
    },
    {
      head: WORDS.what,
      cell: ({ description, stage }) => <Named name={description} number={textIn(wordsOf(STAGES, stage))} />,
    },
    {
      head: WORDS.item,
      cell: ({ item }) => (item ? <Named name={textIn(item.names)} number={item.number} /> : "—"),
    },
    {
      head: WORDS.class,
      cell: (each) => (
        <span className="row">
          {each.class ? <Said looks={CLASSES} code={each.class} /> : "—"}
          {each.severity ? <span className="small">{each.severity}</span> : null}
        </span>
      ),
    },
    {
      head: WORDS.status,
      cell: ({ outcome }) => <Said looks={STATES} code={outcome ?? "open"} />,
    },
    {
      head: WORDS.age,
      cell: (each) => (
        <Stacked
          parts={[
            pages[0] ? <Age key="age" each={each} listing={pages[0]} /> : null,
            <span key="aware" className="soft small">
              <At time={each.aware_at} />
            </span>,
          ]}
        />
      ),
    },
  ];
  return (
    <Paged
      query={query}
      columns={columns}
      keyOf={({ number }) => number}
      empty={which === "open" ? WORDS.none_open : WORDS.none}
    />
  );
}

/** Days since the company became aware; from when management is told is the customer's to say. */
function Age({ each, listing }: { readonly each: Listed; readonly listing: Listing }): ReactNode {
  const textIn = useTextIn();
  const end = Date.parse(each.closed_at ?? listing.now);
  const days = Math.max(0, Math.floor((end - Date.parse(each.aware_at)) / DAY_MS));
  const words = textIn(filled(WORDS.days, { days }));
  if (each.outcome !== null || days <= listing.ageing.listed_after_days)
    return <span className="number">{words}</span>;
  const late = days > listing.ageing.managers_after_days;
  return (
    <Badge tone={late ? "bad" : "warn"} icon="clock">
      {words} · {textIn(late ? WORDS.managers : WORDS.listed)}
    </Badge>
  );
}

/** Nonconformities: the open ones with how old they are, the oldest first, or all of them. */
import { type ReactNode, type RefObject, useId, useState } from "react";

import { Badge, PageHead, Segments } from "../../design/parts.tsx";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { Paged } from "../registers/paged.tsx";
import { Back, type Column, filled, Ledger, Named, Said, Stacked, To } from "../registers/parts.tsx";
import { getNonconformities, type Listed, type Listing, type Which } from "./wire.ts";
import { CLASSES, STAGES, STATES, WORDS } from "./words.ts";

const DAY_MS = 86_400_000;

export default function Nonconformities(): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const [which, setWhich] = useState<Which>("open");
  return (
    <div className="page">
      <PageHead title={textIn(WORDS.title)} above={<Back to={["/registers", WORDS.registers]} />} />
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
      <Paged
        key={which}
        queryKey={["nonconformities", which]}
        read={(cursor) => getNonconformities(which, cursor)}
        empty={which === "open" ? WORDS.none_open : WORDS.none}
      >
        {(rows: readonly Listed[], list, first: Listing) => <List rows={rows} list={list} listing={first} />}
      </Paged>
    </div>
  );
}

function List(props: {
  readonly rows: readonly Listed[];
  readonly list: RefObject<HTMLTableElement | null>;
  readonly listing: Listing;
}): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const columns: readonly Column<Listed>[] = [
    {
      head: WORDS.number,
      cell: ({ number }) => (
        <To href={`/registers/nonconformities/${encodeURIComponent(number)}`}>{number}</To>
      ),
    },
    {
      head: WORDS.what,
      cell: ({ description, stage }) => {
        const found = STAGES[stage];
        return <Named name={description} number={found ? textIn(found) : stage} />;
      },
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
            <Age key="age" each={each} listing={props.listing} />,
            <span key="aware" className="soft small number">
              {shortTime(each.aware_at, user.zone)}
            </span>,
          ]}
        />
      ),
    },
  ];
  return <Ledger columns={columns} rows={props.rows} keyOf={({ number }) => number} list={props.list} />;
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

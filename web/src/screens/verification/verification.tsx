/** The auditor's question: does the record still prove itself? Every chain, every signature, every read model. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { getVerification } from "../../api/endpoints.ts";
import { serverNow } from "../../api/connection.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice, PageHead } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { type MessageKey, useSay, useTextIn } from "../../i18n/index.tsx";
import { fullTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";

const CHECKED: Readonly<Record<string, MessageKey>> = {
  streams: "verification.streams",
  entries: "verification.entries",
  signatures: "verification.signatures",
  instances: "verification.instances",
  "projected rows": "verification.projections",
  projections: "verification.projections",
  files: "verification.files",
  "register rows": "verification.registers",
  balances: "verification.balances",
  links: "verification.links",
  lots: "verification.lots",
  units: "verification.units",
  clocks: "verification.clocks",
  "work orders": "verification.work_orders",
  readings: "verification.readings",
};

export default function Verification(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { user } = usePerson();
  const { data, error, isFetching, refetch, dataUpdatedAt } = useQuery({
    queryKey: ["verification"],
    queryFn: getVerification,
    enabled: false, // reads the whole record: only when asked for
    gcTime: 0,
    retry: false,
  });
  const at = dataUpdatedAt === 0 ? null : new Date(dataUpdatedAt - Date.now() + serverNow()).toISOString();
  return (
    <div className="page" data-width="measure">
      <PageHead title={say("verification.title")}>
        <p className="soft">{say("verification.help")}</p>
      </PageHead>
      <p>
        <button
          type="button"
          className="button"
          data-kind="primary"
          disabled={isFetching}
          onClick={() => void refetch()}
        >
          <Icon name="shield" />
          {isFetching ? say("verification.busy") : say("verification.run")}
        </button>
      </p>
      {error && !isFetching ? <Trouble error={error} /> : null}
      {data && !isFetching ? (
        <>
          {data.problems.length === 0 ? (
            <Notice tone="good" live="status" title={say("verification.whole")}>
              {at ? <p className="small number">{fullTime(at, user.zone)}</p> : null}
            </Notice>
          ) : (
            <Notice
              tone="bad"
              live="alert"
              title={say("verification.problems", { count: data.problems.length })}
            >
              {at ? <p className="small number">{fullTime(at, user.zone)}</p> : null}
            </Notice>
          )}
          <section className="section" aria-labelledby="verification-checked">
            <h2 id="verification-checked">{say("verification.checked")}</h2>
            <dl className="facts">
              {Object.entries(data.checked).map(([name, count]) => (
                <div key={name}>
                  <dt>{CHECKED[name] ? say(CHECKED[name]) : name}</dt>
                  <dd className="number">{count}</dd>
                </div>
              ))}
            </dl>
          </section>
          {data.problems.length > 0 ? (
            <section className="section" aria-labelledby="verification-problems">
              <h2 id="verification-problems">{say("verification.found")}</h2>
              <div className="table-scroll">
                <table className="ledger-table">
                  <thead>
                    <tr>
                      <th scope="col">{say("verification.where")}</th>
                      <th scope="col">{say("verification.what")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.problems.map((problem, index) => (
                      <tr key={index}>
                        <td data-label={say("verification.where")}>
                          {problem.stream ? (
                            <Link href={`/records/${problem.stream}`}>
                              <code>{problem.stream}</code>
                            </Link>
                          ) : (
                            "—"
                          )}
                          {problem.seq === null ? "" : ` #${problem.seq}`}
                        </td>
                        <td data-label={say("verification.what")}>
                          <span>
                            {textIn(problem.message)} <code className="soft small">{problem.code}</code>
                          </span>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

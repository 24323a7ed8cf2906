/** Process instances: what runs, what is done. */
import "./instances.css";

import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useId, useRef, useState } from "react";
import { Link } from "wouter";

import type { StatusFilter } from "../../api/endpoints.ts";
import { instancesQuery } from "../../api/queries.ts";
import { More } from "../../design/more.tsx";
import { PageHead, Segments, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { mayVerify, usePerson } from "../../session/signed_in.tsx";
import { InstanceStatus } from "./status.tsx";

export default function Instances(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const [status, setStatus] = useState<StatusFilter>("running");
  const [query, setQuery] = useState("");
  const asked = useDeferredValue(query).toLowerCase();
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(instancesQuery(status));
  const list = useRef<HTMLTableElement>(null);
  const shown = (data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter((instance) =>
      [instance.title, instance.process_names.en, instance.process_names.zh, instance.process_instance_id]
        .join("\n")
        .toLowerCase()
        .includes(asked),
    );
  return (
    <div className="page">
      <PageHead
        title={say("records.title")}
        aside={
          <>
            <Link href="/clocks" className="cell-link">
              {say("nav.clocks")}
            </Link>
            {mayVerify(user.roles) ? (
              <Link href="/verification" className="cell-link">
                {say("nav.verification")}
              </Link>
            ) : null}
          </>
        }
      />
      <div className="row">
        <Segments<StatusFilter>
          name={`${id}-status`}
          legend={say("records.status")}
          legendHidden
          value={status}
          onChange={setStatus}
          options={[
            ["running", say("instance.running")],
            ["completed", say("instance.completed")],
            ["cancelled", say("instance.cancelled")],
            ["", say("records.all")],
          ]}
        />
        <div className="field records-search">
          <label htmlFor={`${id}-search`} className="visually-hidden">
            {say("records.search")}
          </label>
          <input
            id={`${id}-search`}
            className="input"
            type="search"
            placeholder={say("records.search")}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
            }}
          />
        </div>
      </div>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <Skeleton /> : null}
      {data && shown.length === 0 ? <div className="empty">{say("records.nothing")}</div> : null}
      {shown.length > 0 ? (
        <div className="table-scroll">
          <table className="ledger-table" ref={list}>
            <thead>
              <tr>
                <th scope="col">{say("records.record")}</th>
                <th scope="col">{say("records.process")}</th>
                <th scope="col">{say("records.status")}</th>
                <th scope="col">{say("records.started")}</th>
                <th scope="col">{say("records.finished")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((instance) => (
                <tr key={instance.process_instance_id}>
                  <td data-label={say("records.record")}>
                    <Link href={`/records/${instance.process_instance_id}`} className="cell-link">
                      {instance.title ?? instance.process_instance_id.slice(-12)}
                    </Link>
                  </td>
                  <td data-label={say("records.process")}>{textIn(instance.process_names)}</td>
                  <td data-label={say("records.status")}>
                    <InstanceStatus status={instance.status} />
                  </td>
                  <td data-label={say("records.started")} className="number">
                    {shortTime(instance.started_at, user.zone)}
                  </td>
                  <td data-label={say("records.finished")} className="number">
                    {instance.finished_at ? shortTime(instance.finished_at, user.zone) : "—"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More
        list={list}
        shown={shown.length}
        hasMore={hasNextPage}
        busy={isFetchingNextPage}
        onMore={fetchNextPage}
      />
    </div>
  );
}

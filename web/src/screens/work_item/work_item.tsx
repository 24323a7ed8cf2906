/** A work item with its form: fetched, or as the device kept it. */
import "./work_item.css";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Refused } from "../../api/client.ts";
import { formQuery, workItemQuery } from "../../api/queries.ts";
import { PageHead, Skeleton } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import type { ClientForm } from "../../forms/index.tsx";
import { useSay } from "../../i18n/index.tsx";
import { useUnits } from "../../units.ts";
import { BackToWorklist } from "./back.tsx";
import { OpenWorkItem } from "./open_work_item.tsx";

export default function WorkItemScreen({ workItemId }: { readonly workItemId: string }): ReactNode {
  const say = useSay();
  useUnits();
  const { data: item, error, refetch } = useQuery(workItemQuery(workItemId));
  const form = useQuery({ ...formQuery(item?.form_hash ?? ""), enabled: item?.form_hash != null });

  if (item && (item.form_hash === null || form.data !== undefined))
    return (
      <OpenWorkItem
        item={item}
        form={item.form_hash === null ? null : (form.data as ClientForm)}
        outdated={error}
        onReload={async () => (await refetch()).data ?? null}
      />
    );
  const trouble = error ?? form.error;
  return (
    <div className="page" data-width="measure">
      {trouble ? (
        <>
          <PageHead
            title={
              trouble instanceof Refused && trouble.status === 404 ? say("work.gone") : say("work.not_opened")
            }
            above={<BackToWorklist />}
          />
          <Trouble error={trouble} onRetry={() => void (error ? refetch() : form.refetch())} />
        </>
      ) : (
        <Skeleton rows={6} />
      )}
    </div>
  );
}

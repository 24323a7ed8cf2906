/** Two drafts of the same work: the person went on elsewhere. Nothing is merged; the person chooses. */
import { lazy, type ReactNode, Suspense } from "react";

import { Notice, Skeleton } from "../../design/parts.tsx";
import type { ClientForm } from "../../forms/index.tsx";
import { useSay } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import type { Beginning } from "../../mirror/drafts.ts";

const RecordView = lazy(() =>
  import("../../signing/record_view.tsx").then((view) => ({ default: view.RecordView })),
);

interface Props {
  readonly form: ClientForm | null;
  readonly start: Extract<Beginning, { from: "choice" }>;
  readonly zone: string;
  readonly onChoose: (data: Readonly<Record<string, unknown>>, continues: string | null) => void;
}

export function DraftChoice({ form, start, zone, onChoose }: Props): ReactNode {
  const say = useSay();
  const { device, server } = start;
  return (
    <Suspense fallback={<Skeleton rows={3} />}>
      <Notice tone="warn" live="alert" title={say("draft.choice")}>
        <p>{say("draft.choice_help")}</p>
      </Notice>
      <div className="draft-choice">
        <div className="panel section">
          <h2>{say("draft.of_device", { at: shortTime(device.at, zone) })}</h2>
          <RecordView form={form} data={device.data} before={server.data} />
          <button
            type="button"
            className="button"
            onClick={() => {
              onChoose(device.data, server.saved_at);
            }}
          >
            {say("draft.take_device")}
          </button>
        </div>
        <div className="panel section">
          <h2>{say("draft.of_server", { at: shortTime(server.saved_at, zone) })}</h2>
          <RecordView form={form} data={server.data} before={device.data} />
          <button
            type="button"
            className="button"
            onClick={() => {
              onChoose(server.data, server.saved_at);
            }}
          >
            {say("draft.take_server")}
          </button>
        </div>
      </div>
    </Suspense>
  );
}

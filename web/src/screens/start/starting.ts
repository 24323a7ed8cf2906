/** Starting a process: the command, and where the person goes when it is answered. */
import { started, type ProcessSummary } from "../../api/wire.ts";
import { startSubject } from "../../device/subject.ts";
import { submit, type Submitted } from "../../pending/pending.ts";

export function startProcess(
  process: ProcessSummary,
  data: Readonly<Record<string, unknown>> | null,
  tenant: string | null,
): Promise<Submitted> {
  return submit({
    name: "start-process-instance",
    fields: { process_id: process.process_id, ...(data === null ? {} : { data }) },
    about: { en: `Start: ${process.names.en}`, zh: `发起：${process.names.zh}` },
    subject: startSubject(process, tenant, data),
  });
}

/** The first step, where it is this person's; the record otherwise. */
export function placeAfterStart(result: Readonly<Record<string, unknown>>): string {
  const { process_instance_id: instance, work_items: items } = started(result, "");
  const first = items[0];
  return first === undefined ? `/records/${instance}` : `/work/${encodeURIComponent(first)}`;
}

/** What a person does to a process, as the outbox records it: made from what the screen shows. */
import { type ProcessSummary, recordedBefore, type WorkItemDetail } from "../api/wire.ts";
import { isAhead } from "../pack/address.ts";
import { newCommandId } from "../pending/identifiers.ts";
import type { Subject } from "./record.ts";

interface Done {
  readonly kind: Exclude<Subject["kind"], "process_instance.start">;
  /** The revision of the work item that the person saw. */
  readonly revision: number;
  readonly data?: Subject["data"];
  readonly why?: string | null;
}

/** Something done to a work item; of a step that the server has not opened yet, by its address alone. */
export function workItemSubject(item: WorkItemDetail, tenant: string | null, done: Done): Subject {
  const ahead = isAhead(item.work_item_id);
  return {
    kind: done.kind,
    tenant: tenant ?? "",
    instance: item.process_instance_id,
    target: {
      process_instance: item.process_instance_id,
      activity: item.activity_id,
      visit: String(item.visit),
      index: item.item_index === null ? null : String(item.item_index),
      task_ref: ahead ? null : (item.work_item_id.split(".").at(-1) ?? null),
      revision: ahead ? null : String(done.revision),
    },
    definition: {
      process: item.process_id,
      version: null,
      hash: item.definition_hash,
      form: item.form_hash,
    },
    data: done.data ?? {},
    before: recordedBefore(item),
    why: done.why ?? null,
    offline: item.offline,
  };
}

/** A process started; the instance has its name from here on, also when the command is sent twice. */
export function startSubject(
  process: ProcessSummary,
  tenant: string | null,
  data: Subject["data"] | null,
): Subject {
  const instance = newCommandId();
  return {
    kind: "process_instance.start",
    tenant: tenant ?? "",
    instance,
    target: { process_instance: instance, process: process.process_id },
    definition: {
      process: process.process_id,
      version: String(process.version),
      hash: process.definition_hash,
      form: process.start_form,
    },
    data: data ?? {},
    before: {},
    why: null,
  };
}

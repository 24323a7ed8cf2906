/**
 * Work that this device knows of before the server does: the steps that what was done here leads to. They are listed,
 * opened and completed like any other; the server replays all of it and decides.
 */
import { Refused } from "../api/client.ts";
import type { Text } from "../api/shapes.ts";
import { problem, type WorkItemDetail } from "../api/wire.ts";
import type { Open, Task } from "../ahead_of_server/index.ts";
import { currentLanguage, currentStation } from "../design/preferences.ts";
import { readOutbox } from "../device/outbox.ts";
import { aheadId, isAt } from "./address.ts";
import { partOf, whoIsHere, workTaken } from "./reading.ts";
import { type Act, actsByInstance, type Instance, seenAt, standing } from "./replay.ts";
import { type Cut, readCut } from "./store.ts";
import { meanings, names, startable, stations } from "./wire.ts";
import { AHEAD } from "./words.ts";

interface Person {
  readonly username: string;
  readonly roles: readonly string[];
}

/** The steps ahead of the server that are this person's, in the order in which they were reached. */
export async function workAhead(): Promise<readonly WorkItemDetail[]> {
  const person = await whoIsHere();
  const cut = person && (await readCut(person.username));
  if (person === null || cut === null) return [];
  const { boxed } = await readOutbox();
  const found: WorkItemDetail[] = [];
  for (const [id, acts] of actsByInstance(boxed)) {
    const instance = await standing(cut, id, acts);
    if (instance === null) continue;
    const own = acts.map(([act]) => act).filter(({ by }) => by === person.username);
    found.push(...(await stepsOf(cut, person, instance, own)));
  }
  return found;
}

/**
 * One step by the id that it has here. When the server has opened it meanwhile it is the server's, still by this id: a
 * form that is being filled in does not change under the hand. Raises Refused when there is no such step.
 */
export async function aheadItem(id: string): Promise<WorkItemDetail> {
  const ahead = (await workAhead()).find((item) => item.work_item_id === id);
  if (ahead !== undefined) return ahead;
  const person = await whoIsHere();
  const there = person && (await workTaken(person.username)).find((item) => isAt(item, id));
  if (there) return { ...there, work_item_id: id, revision: 0, draft: null };
  const language = currentLanguage();
  throw new Refused(
    404,
    problem({ status: 404, title: AHEAD.gone[language], detail: AHEAD.gone_help[language] }, ""),
    null,
  );
}

async function stepsOf(
  cut: Cut,
  person: Person,
  instance: Instance,
  acts: readonly Act[],
): Promise<readonly WorkItemDetail[]> {
  const { machine, state, known } = instance;
  const fresh = state.open.filter((open) => !known.some((one) => same(one, open)));
  const tasks = fresh.flatMap((open): readonly (readonly [Open, Task])[] => {
    const node = machine.nodes[open.activity];
    return node?.k === "u" && node.role !== undefined && person.roles.includes(node.role)
      ? [[open, node]]
      : [];
  });
  if (tasks.length === 0) return [];
  const context = await contextOf(cut, instance, acts);
  return tasks.map(([open, task]) => itemOf(instance, open, task, context));
}

interface Context {
  readonly processNames: Text;
  readonly title: string | null;
  readonly meanings: ReturnType<typeof meanings>;
  /** Steps that keep this person from others. */
  readonly performed: ReadonlySet<string>;
  readonly untrained: ReadonlySet<string>;
  readonly station: string | undefined;
}

async function contextOf(cut: Cut, instance: Instance, acts: readonly Act[]): Promise<Context> {
  const { person } = cut;
  const [work, processes, said, performed, untrained, places] = await Promise.all([
    workTaken(person),
    partOf(person, "processes", startable),
    partOf(person, "meanings", meanings),
    partOf(person, `performed/${instance.id}`, names),
    partOf(person, "untrained", names),
    partOf(person, "stations", stations),
  ]);
  const sibling = work.find((item) => item.process_instance_id === instance.id);
  const process = processes?.find((each) => each.process_id === instance.process);
  return {
    processNames: sibling?.process_names ?? process?.names ?? { en: instance.process, zh: instance.process },
    title: sibling?.title ?? null,
    meanings: said ?? {},
    performed: new Set([...(performed ?? []), ...acts.map(({ target }) => target["activity"] ?? "")]),
    untrained: new Set(untrained ?? []),
    station: places?.[currentStation()],
  };
}

function itemOf(instance: Instance, open: Open, task: Task, context: Context): WorkItemDetail {
  const { activity, visit, index } = open;
  const meaning = task.sign === undefined ? undefined : context.meanings[task.sign];
  const why_not = hindrance(task, context);
  return {
    work_item_id: aheadId(instance.id, open),
    revision: 0,
    process_instance_id: instance.id,
    process_id: instance.process,
    process_names: context.processNames,
    title: context.title,
    activity_id: activity,
    activity_names: {
      en: task.names["en"] ?? activity,
      zh: task.names["zh"] ?? task.names["en"] ?? activity,
    },
    visit,
    item_index: index,
    role: task.role ?? "",
    assignee: null,
    opened_at: instance.since,
    due_at: null,
    priority: null,
    form_hash: task.hash ?? null,
    signature: task.sign ?? null,
    offline: task.class ?? null,
    has_draft: false,
    definition_hash: instance.definition,
    status: "open",
    variables: seenAt(instance.state, open),
    result: task.result ?? null,
    draft: null,
    meaning: meaning === undefined ? null : { code: task.sign ?? "", ...meaning },
    may: { claim: false, complete: why_not === null, why_not },
    for: null,
    context: {},
  };
}

/** Why this person does not do the step, as the server would say it; null when they may. */
function hindrance(task: Task, context: Context): Text | null {
  if (task.apart?.some((activity) => context.performed.has(activity)) === true) return AHEAD.separate;
  if (task.training?.some((training) => context.untrained.has(training)) === true) return AHEAD.untrained;
  if (task.devices !== undefined && !task.devices.includes(context.station ?? "")) return AHEAD.elsewhere;
  return null;
}

function same(one: Open, other: Open): boolean {
  return one.activity === other.activity && one.visit === other.visit && one.index === other.index;
}

/** What is there and what is missing, by name, before one goes where there is no network. */
import { type ReactNode, useState, useSyncExternalStore } from "react";

import { isReachable, onReachableChange } from "../../api/connection.ts";
import type { Text } from "../../api/shapes.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice } from "../../design/parts.tsx";
import { Trouble } from "../../design/trouble.tsx";
import { leaseHolds } from "../../device/enrolment.ts";
import type { DeviceRow } from "../../device/store.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { fullTime } from "../../i18n/times.ts";
import { refreshPack } from "../../pack/refreshing.ts";
import { type Taken, useTaken } from "../../pack/use_pack.ts";
import { READY } from "../../pack/words.ts";
import { usePerson } from "../../session/signed_in.tsx";
import type { Known } from "./device.tsx";
import { WORDS } from "./words.ts";

/** A thing that should be there: its name, whether it is, and what to do when it is not. */
type Wanted = readonly [name: Text, there: boolean, help: Text];

export function Readiness({
  known,
  device,
}: {
  readonly known: Known;
  readonly device: DeviceRow;
}): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const taken = useTaken(user.username);
  const [state, setState] = useState<"idle" | "busy" | { readonly error: unknown }>("idle");
  const wanted: readonly Wanted[] = [
    [WORDS.app, isClientKept(), WORDS.app_help],
    [WORDS.leased, leaseHolds(device.leases[user.username]), WORDS.leased_help],
    [WORDS.means, known.credentials.length > 0, WORDS.means_help],
    [WORDS.kept, known.storage.persisted === true, WORDS.kept_help],
    ...(taken === null ? [] : packWanted(taken, user.zone)),
  ];
  const fetchNow = async (): Promise<void> => {
    setState("busy");
    try {
      await refreshPack(user.username);
      setState("idle");
    } catch (error) {
      setState({ error });
    }
  };
  return (
    <section className="section" aria-labelledby="device-ready">
      <h2 id="device-ready">{textIn(WORDS.ready)}</h2>
      {taken !== null && wanted.every(([, there]) => there) ? <p>{textIn(WORDS.all_ready)}</p> : null}
      <ul className="device-ready">
        {wanted.map(([name, there, help]) => (
          <li key={name.en} data-there={there}>
            <Icon name={there ? "check" : "cross"} />
            <span>
              <span className="visually-hidden">{textIn(there ? WORDS.yes : WORDS.no)}: </span>
              {textIn(name)}
              {there ? null : <span className="soft small device-missing">{textIn(help)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {typeof state === "object" ? <Failed error={state.error} /> : null}
      <p className="row">
        <button
          type="button"
          className="button"
          disabled={state === "busy" || !reachable}
          onClick={() => void fetchNow()}
        >
          {textIn(state === "busy" ? WORDS.busy : READY.fetch)}
        </button>
      </p>
    </section>
  );
}

function Failed({ error }: { readonly error: unknown }): ReactNode {
  const textIn = useTextIn();
  if (!(error instanceof Error) || error.name !== "NotGenuine") return <Trouble error={error} />;
  return (
    <Notice tone="bad" live="alert">
      <p>{textIn(READY.not_genuine)}</p>
    </Notice>
  );
}

function packWanted(taken: Taken, zone: string): readonly Wanted[] {
  const { cut } = taken;
  if (cut === null) return [[READY.no_pack, false, READY.pack_help]];
  const until = { at: fullTime(cut.made_at, zone), until: fullTime(cut.valid_until, zone) };
  const missing = {
    en: taken.formless.map(({ en }) => en).join(", "),
    zh: taken.formless.map(({ zh }) => zh).join("、"),
  };
  const work = { work: String(taken.work), forms: String(taken.forms) };
  const whole = cut.more ? READY.more : filled(READY.no_forms, { names: missing });
  return [
    [filled(READY.pack, until), taken.refusal === null, taken.refusal ?? READY.old],
    [filled(READY.work, work), taken.formless.length === 0 && !cut.more, whole],
    [filled(READY.ahead, { count: String(taken.machines) }), true, READY.part_help],
    [filled(READY.stock, { count: String(taken.lots ?? 0) }), taken.lots !== null, READY.part_help],
    [READY.sentences, taken.meanings, READY.part_help],
    [READY.revocations, taken.revoked, READY.part_help],
  ];
}

/** Put words into the gaps of a sentence; a gap may have a word of its own for each language. */
function filled(sentence: Text, words: Readonly<Record<string, string | Text>>): Text {
  const fill = (language: keyof Text): string =>
    Object.entries(words).reduce(
      (said, [gap, word]) => said.replace(`{${gap}}`, typeof word === "string" ? word : word[language]),
      sentence[language],
    );
  return { en: fill("en"), zh: fill("zh") };
}

function isClientKept(): boolean {
  return "serviceWorker" in navigator && navigator.serviceWorker.controller !== null;
}

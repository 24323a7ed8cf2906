/** Enrol this device, for the first time or anew. */
import { type ReactNode, type SubmitEvent, useId, useState } from "react";

import { useStation, nameStation } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { DEVICE_KINDS, type DeviceKind, enrol } from "../../device/enrolment.ts";
import type { DeviceRow } from "../../device/store.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { refreshPack } from "../../pack/refreshing.ts";
import { sendSoon } from "../../pending/pending.ts";
import { usePerson } from "../../session/signed_in.tsx";
import { KINDS, WORDS } from "./words.ts";

interface Props {
  readonly device: DeviceRow | null;
  readonly onEnrolled: () => Promise<void>;
}

export function EnrolForm({ device, onEnrolled }: Props): ReactNode {
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const station = useStation();
  const [name, setName] = useState(device?.name ?? station);
  const [kind, setKind] = useState<DeviceKind>(() => kindOf(device?.kind) ?? likelyKind());
  const [state, setState] = useState<"ready" | "busy" | { readonly error: unknown }>("ready");

  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setState("busy");
    try {
      const trimmed = name.trim();
      await enrol({ name: trimmed, kind, username: user.username, replaces: null });
      if (station === "") nameStation(trimmed);
      // What cannot be fetched now shows as missing, and is fetched when it can be.
      await refreshPack(user.username).catch(() => undefined);
      setState("ready");
      sendSoon();
      await onEnrolled();
    } catch (error) {
      setState({ error });
    }
  };

  return (
    <form className="device-enrol" onSubmit={(event) => void send(event)}>
      <div className="field">
        <label htmlFor={`${id}-name`}>{textIn(WORDS.name)}</label>
        <p id={`${id}-help`} className="soft small">
          {textIn(WORDS.name_help)}
        </p>
        <input
          id={`${id}-name`}
          className="input"
          aria-describedby={`${id}-help`}
          required
          maxLength={60}
          value={name}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-kind`}>{textIn(WORDS.kind)}</label>
        <select
          id={`${id}-kind`}
          className="input"
          value={kind}
          onChange={(event) => {
            setKind(kindOf(event.target.value) ?? kind);
          }}
        >
          {DEVICE_KINDS.map((each) => (
            <option key={each} value={each}>
              {textIn(KINDS[each])}
            </option>
          ))}
        </select>
      </div>
      {typeof state === "object" ? <Trouble error={state.error} /> : null}
      <p className="row">
        <button
          type="submit"
          className="button"
          data-kind={device === null ? "primary" : undefined}
          disabled={state === "busy"}
        >
          {textIn(state === "busy" ? WORDS.busy : device === null ? WORDS.enrol : WORDS.again)}
        </button>
      </p>
    </form>
  );
}

function kindOf(name: string | undefined): DeviceKind | null {
  return DEVICE_KINDS.find((kind) => kind === name) ?? null;
}

/** What it probably is; the person chooses. */
function likelyKind(): DeviceKind {
  if (matchMedia("(pointer: fine)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}

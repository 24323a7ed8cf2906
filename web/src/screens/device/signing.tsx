/** How a person signs on this device: what is registered, and registering a passkey or a PIN, signed by password. */
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from "react";

import type { Meaning } from "../../api/wire.ts";
import { Icon } from "../../design/icons.tsx";
import { Notice } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { Trouble } from "../../design/trouble.tsx";
import { hasPasskeys } from "../../device/capability.ts";
import { NotSigned, registerKey, registerPasskey, secretProblem } from "../../device/credentials.ts";
import type { DeviceRow } from "../../device/store.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { shortTime } from "../../i18n/times.ts";
import { usePerson } from "../../session/signed_in.tsx";
import type { Known } from "./device.tsx";
import { WORDS } from "./words.ts";

interface Props {
  readonly known: Known;
  readonly device: DeviceRow;
  readonly onChange: () => Promise<void>;
}

export function Signing({ known, device, onChange }: Props): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const [adding, setAdding] = useState<"passkey" | "key" | null>(null);
  const { meaning } = device;
  return (
    <section className="section" aria-labelledby="device-ways">
      <h2 id="device-ways">{textIn(WORDS.ways)}</h2>
      {known.credentials.length === 0 ? <p>{textIn(WORDS.no_ways)}</p> : null}
      <ul className="device-ways">
        {known.credentials.map((row) => (
          <li key={row.id}>
            <Icon name={row.method === "passkey" ? "person" : "lock"} />
            <strong>{textIn(WORDS[row.method])}</strong>
            <span className="soft small">
              {textIn(WORDS.since).replace("{at}", shortTime(row.registered_at, user.zone))}
            </span>
          </li>
        ))}
      </ul>
      {meaning === null || device.state !== "enrolled" ? null : (
        <p className="row">
          {hasPasskeys() ? (
            <button
              type="button"
              className="button"
              onClick={() => {
                setAdding("passkey");
              }}
            >
              {textIn(WORDS.add_passkey)}
            </button>
          ) : (
            <span className="soft">{textIn(WORDS.no_passkeys)}</span>
          )}
          <button
            type="button"
            className="button"
            onClick={() => {
              setAdding("key");
            }}
          >
            {textIn(WORDS.add_key)}
          </button>
        </p>
      )}
      {adding === null || meaning === null ? null : (
        <Register
          method={adding}
          meaning={meaning}
          known={known}
          device={device}
          onChange={onChange}
          onClose={() => {
            setAdding(null);
          }}
        />
      )}
    </section>
  );
}

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "busy" }
  | { readonly kind: "wrong"; readonly what: "short" | "simple" | "differs" | "cancelled" }
  | { readonly kind: "failed"; readonly error: unknown };

interface RegisterProps extends Props {
  readonly method: "passkey" | "key";
  readonly meaning: Meaning;
  readonly onClose: () => void;
}

function Register({ method, meaning, known, device, onChange, onClose }: RegisterProps): ReactNode {
  const textIn = useTextIn();
  const language = useLanguage();
  const id = useId();
  const { user, tenant } = usePerson();
  const dialog = useRef<HTMLDialogElement>(null);
  const [secret, setSecret] = useState("");
  const [again, setAgain] = useState("");
  const [password, setPassword] = useState("");
  const [state, setState] = useState<State>({ kind: "ready" });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const register = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const problem = method === "passkey" ? null : secretProblem(secret, device.policy);
    if (problem !== null || (method === "key" && secret !== again)) {
      setState({ kind: "wrong", what: problem ?? "differs" });
      return;
    }
    setState({ kind: "busy" });
    const asked = {
      device,
      tenant: tenant ?? "",
      user: { id: user.id, username: user.username, name: user.name[language] },
      language,
      meaning,
      label: device.name,
      password,
    };
    try {
      if (method === "passkey") await registerPasskey(asked, known.credentials);
      else await registerKey(asked, secret);
      await onChange();
      dialog.current?.close();
    } catch (error) {
      setPassword("");
      setState(error instanceof NotSigned ? { kind: "wrong", what: "cancelled" } : { kind: "failed", error });
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form onSubmit={(event) => void register(event)} autoComplete="off">
        <div className="dialog-body">
          <h2 id={`${id}-title`}>{textIn(method === "passkey" ? WORDS.add_passkey : WORDS.add_key)}</h2>
          <p>{textIn(method === "passkey" ? WORDS.passkey_help : WORDS.key_help)}</p>
          {method === "key" ? (
            <>
              <Secret
                id={`${id}-secret`}
                label={textIn(WORDS.secret)}
                help={textIn(WORDS.secret_help).replace("{length}", String(device.policy.secret_length))}
                value={secret}
                onChange={setSecret}
              />
              <Secret
                id={`${id}-again`}
                label={textIn(WORDS.secret_again)}
                value={again}
                onChange={setAgain}
              />
            </>
          ) : null}
          <p>
            {meaning.statement[language]} <span className="soft">({meaning.code})</span>
          </p>
          <Secret
            id={`${id}-password`}
            label={textIn(WORDS.password)}
            value={password}
            onChange={setPassword}
          />
          {state.kind === "wrong" ? (
            <Notice tone="bad" live="alert">
              <p>{textIn(WORDS[state.what])}</p>
            </Notice>
          ) : null}
          {state.kind === "failed" ? <Trouble error={state.error} /> : null}
        </div>
        <div className="dialog-foot">
          <button
            type="button"
            className="button"
            data-kind="quiet"
            disabled={state.kind === "busy"}
            onClick={() => dialog.current?.close()}
          >
            {textIn(WORDS.cancel)}
          </button>
          <button type="submit" className="button" data-kind="primary" disabled={state.kind === "busy"}>
            {textIn(state.kind === "busy" ? WORDS.busy : WORDS.register)}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Secret(props: {
  readonly id: string;
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  return (
    <div className="field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.help === undefined ? null : (
        <p id={`${props.id}-help`} className="soft small">
          {props.help}
        </p>
      )}
      <input
        id={props.id}
        className="input"
        type="password"
        autoComplete="off"
        required
        aria-describedby={props.help === undefined ? undefined : `${props.id}-help`}
        value={props.value}
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      />
    </div>
  );
}

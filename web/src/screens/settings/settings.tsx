/** What a person chooses on this device: language, theme, its name on the record, its scanner; and signing out. */
import "./settings.css";

import { lazy, type ReactNode, Suspense, useId, useState } from "react";
import { Link } from "wouter";

import { Icon } from "../../design/icons.tsx";
import { Facts, Notice, PageHead, Segments } from "../../design/parts.tsx";
import {
  chooseTheme,
  type Language,
  nameStation,
  type Theme,
  useLanguage,
  useStation,
  useTheme,
} from "../../design/preferences.ts";
import { changeLanguage, useSay, useTextIn } from "../../i18n/index.tsx";
import { usePending } from "../../pending/pending.ts";
import { leave } from "../../session/session.ts";
import { mayVerify, usePerson } from "../../session/signed_in.tsx";

const Delegations = lazy(() => import("./delegations.tsx"));
const Scanner = lazy(() => import("./scanner.tsx"));

const OFFLINE = { en: "Working without a network", zh: "离线工作与签署" };

export default function Settings(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const id = useId();
  const { user } = usePerson();
  const language = useLanguage();
  const theme = useTheme();
  const station = useStation();
  const pending = usePending();
  const [name, setName] = useState(station);
  return (
    <div className="page settings" data-width="measure">
      <PageHead title={say("settings.title")} />
      <section className="section" aria-labelledby={`${id}-me`}>
        <h2 id={`${id}-me`}>{say("settings.me")}</h2>
        <Facts
          facts={[
            ["settings.name", textIn(user.name)],
            ["settings.username", user.username],
            ["settings.roles", user.roles.join(" · ")],
            ["settings.zone", user.zone],
          ]}
        />
        {pending.waiting.length > 0 ? (
          <Notice tone="warn">
            <p>{say("settings.unsent", { count: pending.waiting.length })}</p>
          </Notice>
        ) : null}
        <p className="row">
          <Link href="/sent" className="button">
            <Icon name="send" />
            {say("sent.title")}
          </Link>
          {mayVerify(user.roles) ? (
            <Link href="/verification" className="button">
              <Icon name="shield" />
              {say("nav.verification")}
            </Link>
          ) : null}
          <button type="button" className="button" onClick={() => void leave()}>
            {say("settings.sign_out")}
          </button>
        </p>
      </section>
      <Suspense fallback={null}>
        <Delegations />
      </Suspense>
      <section className="section" aria-labelledby={`${id}-looks`}>
        <h2 id={`${id}-looks`}>{say("settings.looks")}</h2>
        <Segments<Language>
          name={`${id}-language`}
          legend={say("settings.language")}
          value={language}
          onChange={(next) => void changeLanguage(next)}
          options={[
            ["zh", say("settings.chinese")],
            ["en", say("settings.english")],
          ]}
        />
        <Segments<Theme>
          name={`${id}-theme`}
          legend={say("settings.theme")}
          value={theme}
          onChange={chooseTheme}
          options={[
            ["system", say("settings.theme_system")],
            ["light", say("settings.theme_light")],
            ["dark", say("settings.theme_dark")],
          ]}
        />
      </section>
      <section className="section" aria-labelledby={`${id}-device`}>
        <h2 id={`${id}-device`}>{say("settings.device")}</h2>
        <form
          className="settings-station"
          onSubmit={(event) => {
            event.preventDefault();
            nameStation(name);
          }}
        >
          <div className="field">
            <label htmlFor={`${id}-station`}>{say("settings.station")}</label>
            <p id={`${id}-station-help`} className="soft small">
              {say("settings.station_help")}
            </p>
            <input
              id={`${id}-station`}
              className="input"
              aria-describedby={`${id}-station-help`}
              maxLength={60}
              value={name}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          </div>
          <button type="submit" className="button" disabled={name.trim() === station}>
            {say("settings.station_keep")}
          </button>
        </form>
        <p className="row">
          <Link href="/device" className="button">
            <Icon name="lock" />
            {textIn(OFFLINE)}
          </Link>
        </p>
        <Suspense fallback={null}>
          <Scanner />
        </Suspense>
      </section>
    </div>
  );
}

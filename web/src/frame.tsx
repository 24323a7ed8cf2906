/**
 * What stands around every screen: where we can go, who is signed in and on which device, whether the server is
 * reached, and how much is not sent yet.
 */
import "./frame.css";

import { type ReactNode, useSyncExternalStore } from "react";
import { Link, useLocation } from "wouter";

import { isReachable, onReachableChange } from "./api/connection.ts";
import { Icon, type IconName } from "./design/icons.tsx";
import { Mark } from "./design/mark.tsx";
import { useLanguage, useStation } from "./design/preferences.ts";
import { changeLanguage, type MessageKey, useSay, useTextIn } from "./i18n/index.tsx";
import { usePending } from "./pending/pending.ts";
import { mayVerify, usePerson } from "./session/signed_in.tsx";

interface Place {
  readonly path: string;
  readonly name: MessageKey;
  readonly icon: IconName;
  readonly below: readonly string[];
}

const PLACES: readonly Place[] = [
  { path: "/", name: "nav.worklist", icon: "inbox", below: ["/work"] },
  { path: "/start", name: "nav.start", icon: "play", below: ["/start"] },
  { path: "/records", name: "nav.records", icon: "records", below: ["/records"] },
  { path: "/stock", name: "nav.stock", icon: "stock", below: ["/stock"] },
  { path: "/registers", name: "nav.registers", icon: "book", below: ["/registers", "/clocks", "/sampling"] },
];
const VERIFICATION: Place = {
  path: "/verification",
  name: "nav.verification",
  icon: "shield",
  below: [],
};
const SETTINGS: Place = {
  path: "/settings",
  name: "nav.settings",
  icon: "settings",
  below: ["/sent", "/device"],
};

export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const say = useSay();
  const [location] = useLocation();
  const person = usePerson();
  const places = [...PLACES, ...(mayVerify(person.user.roles) ? [VERIFICATION] : []), SETTINGS];
  return (
    <div className="app" data-focus={location.startsWith("/work/")}>
      <a className="skip" href="#main">
        {say("nav.skip")}
      </a>
      <header className="bar no-print">
        <Link href="/" className="brand" aria-label="Countersign 会签">
          <Mark />
          <span className="brand-name">
            Countersign <span lang="zh-CN">会签</span>
          </span>
        </Link>
        <States />
      </header>
      <nav className="nav no-print" aria-label={say("nav.label")}>
        <ul>
          {places.map((place) => (
            <li key={place.path} data-place={place.path}>
              <Link
                href={place.path}
                className="nav-link"
                aria-current={isHere(place, location) ? "page" : undefined}
              >
                <Icon name={place.icon} />
                <span>{say(place.name)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function isHere(place: Place, location: string): boolean {
  return location === place.path || place.below.some((prefix) => location.startsWith(prefix));
}

/** Who, where, connected or not, and what is not sent. */
function States(): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const { user } = usePerson();
  const station = useStation();
  const language = useLanguage();
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const pending = usePending();
  const unsent = pending.waiting.length;
  const refused = pending.refused.length;
  const toRead = pending.noted.length + pending.deciding.filter(({ seen }) => !seen).length;
  return (
    <div className="states">
      <div className="states-signals">
        <span role="status" className="state" data-tone={reachable ? "quiet" : "warn"}>
          {reachable ? null : (
            <>
              <Icon name="offline" />
              <span>{say("state.offline")}</span>
            </>
          )}
        </span>
        {unsent > 0 ? (
          <Link href="/sent" className="state" data-tone="warn">
            <Icon name="send" />
            <span>{say("state.unsent", { count: unsent })}</span>
          </Link>
        ) : null}
        {refused + toRead > 0 ? (
          <Link href="/sent" className="state" data-tone={refused > 0 ? "bad" : "warn"}>
            <Icon name="alert" />
            <span>
              {toRead > 0
                ? say("state.to_read", { count: refused + toRead })
                : say("state.refused", { count: refused })}
            </span>
          </Link>
        ) : null}
      </div>
      <Link href="/settings" className="who">
        <Icon name="person" />
        <span className="who-name">
          <strong>{textIn(user.name)}</strong>
          <span className="who-where">{[user.roles.join(" · "), station].filter(Boolean).join(" · ")}</span>
        </span>
        <span className="visually-hidden">{say("state.who")}</span>
      </Link>
      <button
        type="button"
        className="language"
        lang={language === "zh" ? "en" : "zh-CN"}
        onClick={() => void changeLanguage(language === "zh" ? "en" : "zh")}
      >
        {language === "zh" ? "English" : "中文"}
      </button>
    </div>
  );
}

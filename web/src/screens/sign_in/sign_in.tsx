/** Sign in with name and password. A demo server lists its people, and one click takes one. */
import "./sign_in.css";

import { type ReactNode, type SubmitEvent, useId, useRef, useState } from "react";

import { Refused } from "../../api/client.ts";
import type { DemoAccount } from "../../api/wire.ts";
import { Mark } from "../../design/mark.tsx";
import { Notice } from "../../design/parts.tsx";
import { useLanguage } from "../../design/preferences.ts";
import { changeLanguage, useSay, useTextIn } from "../../i18n/index.tsx";
import { enterWith } from "../../session/session.ts";

interface Props {
  readonly demo: readonly DemoAccount[];
  readonly reached: boolean;
}

export function SignIn({ demo, reached }: Props): ReactNode {
  const say = useSay();
  const textIn = useTextIn();
  const language = useLanguage();
  const id = useId();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  const enter = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      await enterWith(username.trim(), password);
    } catch (error) {
      setPassword("");
      setTrouble(
        error instanceof Refused ? error.problem.detail || error.message : say("trouble.unreachable"),
      );
      passwordField.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <div className="sign-in-sheet">
        <div className="sign-in-brand">
          <Mark />
          <h1>
            Countersign <span lang="zh-CN">会签</span>
          </h1>
          <button
            type="button"
            className="button"
            data-kind="quiet"
            lang={language === "zh" ? "en" : "zh-CN"}
            onClick={() => void changeLanguage(language === "zh" ? "en" : "zh")}
          >
            {language === "zh" ? "English" : "中文"}
          </button>
        </div>
        {reached ? null : (
          <Notice tone="warn" live="status" title={say("trouble.unreachable")}>
            <p>{say("sign_in.unreachable_help")}</p>
          </Notice>
        )}
        <form onSubmit={(event) => void enter(event)} className="sign-in-form">
          {trouble === null ? null : (
            <Notice tone="bad" live="alert" title={say("sign_in.refused")}>
              <p>{trouble}</p>
            </Notice>
          )}
          <div className="field">
            <label htmlFor={`${id}-name`}>{say("sign_in.username")}</label>
            <input
              id={`${id}-name`}
              className="input"
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={username}
              onChange={(event) => {
                setUsername(event.target.value);
              }}
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-password`}>{say("sign_in.password")}</label>
            <input
              id={`${id}-password`}
              ref={passwordField}
              className="input"
              type="password"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => {
                setPassword(event.target.value);
              }}
            />
          </div>
          <button className="button" data-kind="primary" type="submit" disabled={busy}>
            {busy ? say("sign_in.busy") : say("sign_in.enter")}
          </button>
        </form>
        {demo.length > 0 ? (
          <section className="sign-in-demo" aria-labelledby={`${id}-demo`}>
            <h2 id={`${id}-demo`}>{say("sign_in.demo")}</h2>
            <ul>
              {demo.map((account) => (
                <li key={account.username}>
                  <button
                    type="button"
                    className="demo-account"
                    onClick={() => {
                      setUsername(account.username);
                      setPassword(account.password ?? "");
                      passwordField.current?.focus();
                    }}
                  >
                    <strong>{textIn(account.name)}</strong>
                    <span className="soft small">
                      {account.username}
                      {account.password === null ? "" : ` / ${account.password}`}
                    </span>
                    <span className="badge">{account.roles.join(" · ")}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </main>
  );
}

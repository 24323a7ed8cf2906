/** Language and theme: what the person chose on this device, else what the browser says. */
import { useSyncExternalStore } from "react";

export type Language = "zh" | "en";
export type Theme = "system" | "light" | "dark";

const LANGUAGE = "countersign.language";
const THEME = "countersign.theme";
const STATION = "countersign.station";
const listeners = new Set<() => void>();

function kept(key: string): string | null {
  try {
    // eslint-disable-next-line no-restricted-globals -- read before anything asynchronous can be
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- see above
    localStorage.setItem(key, value);
  } catch {
    // A private window forgets; the choice holds until it is closed.
  }
}

let language: Language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
let theme: Theme = ((): Theme => {
  const found = kept(THEME);
  return found === "light" || found === "dark" ? found : "system";
})();

let station = kept(STATION) ?? "";

export function currentLanguage(): Language {
  return language;
}

/** Applied by src/i18n once the catalogue is there; call `changeLanguage` of that module, not this. */
export function applyLanguage(next: Language): void {
  language = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  keep(LANGUAGE, next);
  for (const listener of listeners) listener();
}

export function chooseTheme(next: Theme): void {
  theme = next;
  if (next === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next;
  keep(THEME, next);
  for (const listener of listeners) listener();
}

/** What this device is called on the record ("IQC tablet 2"); empty when nobody named it. */
export function currentStation(): string {
  return station;
}

export function nameStation(next: string): void {
  station = next.trim().slice(0, 60);
  keep(STATION, station);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => language);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => theme);
}

export function useStation(): string {
  return useSyncExternalStore(subscribe, () => station);
}

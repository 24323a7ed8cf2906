/**
 * What the server said of an answer, shown in its place until the answer is changed: then nobody knows any more
 * whether it still holds.
 */
import { createContext, useContext, useMemo, useState } from "react";

import type { FieldError } from "./findings.ts";
import { isEqual } from "./jsonforms/lodash.ts";
import { parsePath, valueAt } from "./pointers.ts";
import { byPath, type FormData } from "./screen.ts";
import { errorText } from "./wording.ts";

const ServerErrorsContext = createContext<ReadonlyMap<string, readonly string[]>>(new Map());
const NOTHING: readonly string[] = [];

export const ServerErrorsProvider = ServerErrorsContext.Provider;

/** The server's sentences about the field at a pointer. */
export function useServerErrorsAt(key: string): readonly string[] {
  return useContext(ServerErrorsContext).get(key) ?? NOTHING;
}

interface StandingErrors {
  readonly errors: readonly FieldError[];
  readonly byField: ReadonlyMap<string, readonly string[]>;
}

/** Those of the server's errors whose answers are still the ones they are about. */
export function useStandingErrors(
  errors: readonly FieldError[],
  data: FormData,
  language: "zh" | "en",
): StandingErrors {
  const [about, setAbout] = useState({ errors, data });
  if (about.errors !== errors) setAbout({ errors, data });
  const standing = errors.filter((error) => {
    const path = parsePath(error.path);
    const before = valueAt(about.data, path);
    const now = valueAt(data, path);
    return before === now || isEqual(before, now);
  });
  const key = standing.map((error) => `${error.path} ${error.code}`).join("\n");
  return useMemo(() => {
    const byField = new Map<string, readonly string[]>();
    for (const [path, found] of byPath(standing)) {
      byField.set(
        path,
        found.map((error) => errorText(language, error)),
      );
    }
    return { errors: standing, byField };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` says what is in `standing`
  }, [errors, key, language]);
}

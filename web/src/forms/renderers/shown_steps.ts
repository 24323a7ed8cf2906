/** Which steps of a procedure are there, by their rules. */
import { useMemo } from "react";

import { standingBy } from "../deciding.ts";
import { useDecided } from "../form_context.tsx";
import type { UiElement } from "../model.ts";
import { loadRule } from "../rules.ts";

export function useShownSteps(categorization: UiElement): readonly UiElement[] {
  const decided = useDecided();
  const steps = useMemo(
    () => (categorization.elements ?? []).map((element) => ({ element, rule: loadRule(element.rule, []) })),
    [categorization],
  );
  return useMemo(
    () =>
      steps
        .filter(({ rule }) => rule === null || decided === null || standingBy([rule], decided, [""]).shown)
        .map(({ element }) => element),
    [steps, decided],
  );
}

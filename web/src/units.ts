/** Units of measure in the reader's words: asked for once, kept on the device, told to the forms. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { unitsQuery } from "./api/queries.ts";
import { useLanguage } from "./design/preferences.ts";
import { learnUnits, unitIn } from "./forms/units.ts";

/** What a unit is called, by its code; the code itself until its words have come. */
export function useUnits(): (code: string | null) => string {
  const language = useLanguage();
  const { data } = useQuery(unitsQuery);
  useEffect(() => {
    if (data !== undefined) learnUnits(data.units);
  }, [data]);
  return (code) => {
    if (code === null) return "";
    return data?.units[code]?.[language] ?? unitIn(language, { en: code, zh: code });
  };
}

/** A quantity with its unit, as people read it. */
export function useAmount(): (quantity: string, unit: string | null) => string {
  const unitOf = useUnits();
  return (quantity, unit) => `${quantity} ${unitOf(unit)}`.trimEnd();
}

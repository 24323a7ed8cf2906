/** An item by its number, or by its GTIN. */
import { numberControl } from "./numbered.tsx";

export const CONTROL = numberControl({
  capitals: () => false,
  digits: (schema) => schema["x-identifier"] === "gtin",
});

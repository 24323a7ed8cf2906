/** A lot number; ours in capitals, a supplier's as it is printed. */
import { numberControl } from "./numbered.tsx";

export const CONTROL = numberControl({ capitals: (schema) => schema["x-origin"] === "internal" });

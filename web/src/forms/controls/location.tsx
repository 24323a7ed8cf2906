/** A place in the warehouse; codes of places are written in capitals. */
import { numberControl } from "./numbered.tsx";

export const CONTROL = numberControl({ capitals: () => true });

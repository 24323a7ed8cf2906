/** A serial number: filled in as a lot number is. */
export { CONTROL } from "./lot.tsx";

/** Pictures taken at the work place: as files, with the camera at hand. */
export { CONTROL } from "./attachment.tsx";

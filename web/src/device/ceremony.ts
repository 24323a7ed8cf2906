/** What signing on this device needs: fetched with the signing dialog, on a device that is enrolled. */
export { NotSigned, signWith } from "./credentials.ts";
export { leaseHolds } from "./enrolment.ts";
export { readCredentials } from "./store.ts";

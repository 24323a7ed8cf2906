/** What the server says of a pack (api/pack.py), read carefully. */
import {
  array,
  boolean,
  integer,
  nullable,
  object,
  type Of,
  recordOf,
  string,
  text,
  withDefault,
} from "../api/shapes.ts";

export const cutAnswer = object({ cut: string, key: string, signature: string, parts: recordOf(string) });

export const cutHead = object({
  device: string,
  person: string,
  made_at: string,
  /** Later than this nothing may be done with it without a network. */
  valid_until: string,
  cursor: string,
  /** There is more work than a device takes along. */
  more: boolean,
  /** Hash by name. */
  parts: recordOf(string),
});
export type CutHead = Of<typeof cutHead>;

export const startable = array(
  object({
    process_id: string,
    names: text,
    version: integer,
    definition_hash: string,
    start_form: nullable(string),
  }),
);

export const meanings = recordOf(object({ names: text, statement: text }));

const none = { devices: [], credentials: [], people: [] };
export const revoked = withDefault(
  object({ devices: array(string), credentials: array(string), people: array(string) }),
  none,
);

export const names = array(string);
export const stations = recordOf(string);

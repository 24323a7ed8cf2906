/** Movement types of the ledger (processes/ledger/tables.py) as words. */
import type { MessageKey, Say } from "../../i18n/index.tsx";

const KINDS: Readonly<Record<string, MessageKey>> = {
  RCV: "movement.rcv",
  PUT: "movement.put",
  XFR: "movement.xfr",
  PCK: "movement.pck",
  ISS: "movement.iss",
  RET: "movement.ret",
  PROD: "movement.prod",
  SAMPLE: "movement.sample",
  RETAIN: "movement.retain",
  SCRAP: "movement.scrap",
  RTV: "movement.rtv",
  SHP: "movement.shp",
  RTN: "movement.rtn",
  "CNT+": "movement.count_up",
  "CNT-": "movement.count_down",
  STAT: "movement.stat",
  SPLIT: "movement.split",
  MERGE: "movement.merge",
  RELABEL: "movement.relabel",
  REPACK: "movement.repack",
  CONV: "movement.conv",
  OWN: "movement.own",
  DESTROY: "movement.destroy",
  REVERSAL: "movement.reversal",
};

export function movementKind(kind: string | null, say: Say): string {
  if (kind === null) return "—";
  const key = KINDS[kind];
  return key === undefined ? kind : say(key);
}

/**
 * Commissioning of a scanner: one code with a separator (GS) in it is scanned, and the scanner is good when the
 * separator, an end (Enter) and the symbology prefix arrive. Without GS a lot and a serial number run together
 * into a wrong lot that nobody can tell from a right one.
 */
import { type ReactNode, useEffect, useState } from "react";

import { serverNow } from "../../api/connection.ts";
import { Notice, Segments } from "../../design/parts.tsx";
import { useSay, useTextIn } from "../../i18n/index.tsx";
import { answerScan, isSilent, keepSilent } from "../../scanning/feedback.ts";
import { keepScannerReport } from "../../scanning/scanner_report.ts";
import { GROUP_SEPARATOR, listenForScans, VISIBLE_SEPARATOR } from "../../scanning/keyboard_wedge.ts";

const PREFIX = /^\][A-Za-z]\d/;

type Found =
  { readonly kind: "scan"; readonly text: string } | { readonly kind: "cut_off"; readonly text: string };

export default function Scanner(): ReactNode {
  const say = useSay();
  const [listening, setListening] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    if (!listening) return undefined;
    const moments: number[] = [];
    const note = (event: KeyboardEvent): void => {
      if (event.key.length === 1) moments.push(event.timeStamp);
    };
    document.addEventListener("keydown", note, true);
    const stop = listenForScans(document, {
      scanned({ text }) {
        const slowestKey = slowest(moments.slice(-text.length));
        setFound({ kind: "scan", text });
        if (text.includes(GROUP_SEPARATOR))
          keepScannerReport({
            slowestKey,
            sendsPrefix: PREFIX.test(text),
            at: new Date(serverNow()).toISOString(),
          });
      },
      cutOff(text) {
        setFound({ kind: "cut_off", text });
      },
    });
    return () => {
      stop();
      document.removeEventListener("keydown", note, true);
    };
  }, [listening]);
  return (
    <section className="section" aria-labelledby="scanner">
      <h3 id="scanner">{say("scanner.title")}</h3>
      <p className="soft">{say("scanner.help")}</p>
      <p>
        <button
          type="button"
          className="button"
          aria-pressed={listening}
          onClick={() => {
            setFound(null);
            setListening(!listening);
          }}
        >
          {say(listening ? "scanner.stop" : "scanner.start")}
        </button>
      </p>
      <ScanSound />
      {listening && found === null ? <p role="status">{say("scanner.waiting")}</p> : null}
      {found === null ? null : <Verdict found={found} />}
    </section>
  );
}

const SOUND = {
  legend: { en: "Sound of a scan", zh: "扫码提示音" },
  on: { en: "On", zh: "开" },
  off: { en: "Off: vibration only", zh: "关（仅振动）" },
} as const;

function ScanSound(): ReactNode {
  const textIn = useTextIn();
  const [silent, setSilent] = useState(isSilent);
  return (
    <Segments<"on" | "off">
      name="scan-sound"
      legend={textIn(SOUND.legend)}
      value={silent ? "off" : "on"}
      onChange={(next) => {
        keepSilent(next === "off");
        setSilent(next === "off");
        answerScan("accepted");
      }}
      options={[
        ["on", textIn(SOUND.on)],
        ["off", textIn(SOUND.off)],
      ]}
    />
  );
}

/** The longest time between two keys, ms, whole. */
function slowest(moments: readonly number[]): number {
  return Math.ceil(Math.max(0, ...moments.slice(1).map((at, index) => at - (moments[index] ?? at))));
}

function Verdict({ found }: { readonly found: Found }): ReactNode {
  const say = useSay();
  const separator = found.text.includes(GROUP_SEPARATOR);
  const prefix = PREFIX.test(found.text);
  const raw = <p className="mono">{found.text.replaceAll(GROUP_SEPARATOR, VISIBLE_SEPARATOR)}</p>;
  if (found.kind === "cut_off")
    return (
      <Notice tone="bad" live="alert" title={say("scanner.no_end")}>
        {raw}
      </Notice>
    );
  if (!separator)
    return (
      <Notice tone="bad" live="alert" title={say("scanner.no_separator")}>
        <p>{say("scanner.no_separator_help")}</p>
        {raw}
      </Notice>
    );
  return (
    <Notice
      tone={prefix ? "good" : "warn"}
      live="status"
      title={say(prefix ? "scanner.good" : "scanner.no_prefix")}
    >
      {raw}
    </Notice>
  );
}

/**
 * The process as it was drawn, with what happened on it: done, open, waiting, failed, each by a shape and a word
 * as well as a colour. The viewer's mark stays fully visible: nothing of ours lies over the lower right corner.
 */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./diagram.css";

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import type { Instance } from "../api/wire.ts";
import { Icon, type IconName } from "../design/icons.tsx";
import { Badge, Notice, type Tone } from "../design/parts.tsx";
import { useLanguage } from "../design/preferences.ts";
import { useSay } from "../i18n/index.tsx";
import { type Mark, marksOf } from "./marks.ts";
import { namesInDiagram, spokenDiagram } from "./names.ts";

interface Props {
  readonly xml: string;
  readonly activities: Instance["activities"];
  readonly incidents: Instance["incidents"];
}

const LOOKS: Readonly<Record<Mark, { readonly tone: Tone; readonly icon: IconName; readonly sign: string }>> =
  {
    failed: { tone: "bad", icon: "alert", sign: "!" },
    open: { tone: "info", icon: "person", sign: "●" },
    waiting: { tone: "warn", icon: "clock", sign: "◷" },
    completed: { tone: "good", icon: "check", sign: "✓" },
  };

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Canvas {
  viewbox(): { readonly inner: Box; readonly outer: { readonly width: number; readonly height: number } };
  viewbox(box: Box): void;
  scrollToElement(id: string, padding: number): void;
  resized(): void;
  zoom(level?: "fit-viewport" | number, center?: "auto"): number;
  addMarker(id: string, marker: string): void;
}

interface Overlays {
  add(
    id: string,
    type: string,
    overlay: {
      readonly position: { readonly top: number; readonly right: number };
      readonly html: HTMLElement;
    },
  ): string;
}

interface Registry {
  get(id: string): unknown;
}

const LEAST_READABLE = 0.55;
/** Diagram units around the drawing. */
const MARGIN = 24;
/** Diagram units below it, where the viewer's mark stands. */
const BELOW = 76;
/** Pixels. */
const LEAST_HEIGHT = 260;

export default function Diagram({ xml, activities, incidents }: Props): ReactNode {
  const say = useSay();
  const language = useLanguage();
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<NavigatedViewer | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const marks = useMemo(
    () =>
      marksOf(
        activities,
        incidents.map((incident) => incident.activity_id),
      ),
    [activities, incidents],
  );
  const names = useMemo(() => namesInDiagram(xml, language), [xml, language]);

  useEffect(() => {
    if (place.current === null) return undefined;
    const shown = new NavigatedViewer({ container: place.current });
    viewer.current = shown;
    let gone = false;
    shown
      .importXML(spokenDiagram(xml, language))
      .then(() => {
        if (gone) return;
        draw(shown, marks, (mark, count) => say(`diagram.${mark}`, { count }));
        if (place.current !== null)
          fit(shown, place.current, marks.find(({ mark }) => mark === "open")?.activity);
        setTrouble(null);
      })
      .catch((error: unknown) => {
        if (!gone) setTrouble(String(error));
      });
    return () => {
      gone = true;
      viewer.current = null;
      shown.destroy();
    };
  }, [xml, language, marks, say]);

  const zoom = (factor: number): void => {
    const canvas = viewer.current?.get<Canvas>("canvas");
    canvas?.zoom(canvas.zoom() * factor, "auto");
  };

  return (
    <figure className="diagram">
      {trouble === null ? null : (
        <Notice tone="bad" live="alert" title={say("diagram.trouble")}>
          <p className="small mono">{trouble}</p>
        </Notice>
      )}
      <div className="diagram-tools no-print">
        <ul className="row" aria-label={say("diagram.legend")}>
          {(["completed", "open", "waiting", "failed"] as const).map((mark) => (
            <li key={mark}>
              <Badge tone={LOOKS[mark].tone} icon={LOOKS[mark].icon}>
                {say(`diagram.legend_${mark}`)}
              </Badge>
            </li>
          ))}
        </ul>
        <div className="row">
          <button
            type="button"
            className="button"
            aria-label={say("diagram.smaller")}
            onClick={() => {
              zoom(1 / 1.25);
            }}
          >
            −
          </button>
          <button
            type="button"
            className="button"
            aria-label={say("diagram.larger")}
            onClick={() => {
              zoom(1.25);
            }}
          >
            +
          </button>
          <button
            type="button"
            className="button"
            onClick={() => {
              showWhole(viewer.current);
            }}
          >
            <Icon name="diagram" />
            {say("diagram.whole")}
          </button>
        </div>
      </div>
      <div className="diagram-canvas" ref={place} role="group" aria-label={say("diagram.label")} />
      <figcaption className="visually-hidden">
        <ul>
          {marks.map(({ activity, mark, count }) => (
            <li key={activity}>
              {names.get(activity) ?? activity}: {say(`diagram.${mark}`, { count })}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

/**
 * Show all of it when that can be read, in no more height than it needs; otherwise begin at its beginning, or
 * where work is open, at a size that can be read.
 */
function fit(viewer: NavigatedViewer, place: HTMLElement, open: string | undefined): void {
  const canvas = viewer.get<Canvas>("canvas");
  const { inner, outer } = canvas.viewbox();
  const width = inner.width + 2 * MARGIN;
  const height = inner.height + MARGIN + BELOW;
  const scale = Math.max(LEAST_READABLE, Math.min(1, outer.width / width));
  place.style.height = `${Math.round(Math.max(LEAST_HEIGHT, Math.min(height * scale, innerHeight * 0.68)))}px`;
  canvas.resized();
  const shown = canvas.viewbox().outer;
  const readable = Math.min(shown.width / width, shown.height / height) >= LEAST_READABLE;
  const begin = { x: inner.x - MARGIN, y: inner.y - MARGIN };
  if (readable) {
    canvas.viewbox({ ...begin, width, height });
    return;
  }
  canvas.viewbox({ ...begin, width: shown.width / LEAST_READABLE, height: shown.height / LEAST_READABLE });
  if (open !== undefined && viewer.get<Registry>("elementRegistry").get(open) !== undefined)
    canvas.scrollToElement(open, 2 * MARGIN);
}

/** All of it, however small, with room for the viewer's mark. */
function showWhole(viewer: NavigatedViewer | null): void {
  if (viewer === null) return;
  const canvas = viewer.get<Canvas>("canvas");
  const { inner } = canvas.viewbox();
  canvas.viewbox({
    x: inner.x - MARGIN,
    y: inner.y - MARGIN,
    width: inner.width + 2 * MARGIN,
    height: inner.height + MARGIN + BELOW,
  });
}

function draw(
  viewer: NavigatedViewer,
  marks: ReturnType<typeof marksOf>,
  name: (mark: Mark, count: number) => string,
): void {
  const canvas = viewer.get<Canvas>("canvas");
  const overlays = viewer.get<Overlays>("overlays");
  const registry = viewer.get<Registry>("elementRegistry");
  for (const { activity, mark, count } of marks) {
    if (registry.get(activity) === undefined) continue; // inside a called process: another diagram
    canvas.addMarker(activity, `mark-${mark}`);
    const badge = document.createElement("span");
    badge.className = "diagram-mark";
    badge.dataset["tone"] = LOOKS[mark].tone;
    badge.title = name(mark, count);
    badge.textContent = count > 1 ? `${LOOKS[mark].sign} ${count}` : LOOKS[mark].sign;
    overlays.add(activity, "mark", { position: { top: -12, right: 18 }, html: badge });
  }
}

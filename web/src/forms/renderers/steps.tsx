/**
 * Steps of a long procedure (JSON Forms' Categorization): on a phone one step a screen; where there is room, all of
 * them below each other.
 */
import type { ReactNode } from "react";

import { part } from "../../design/part.tsx";
import { useWidth } from "../use_width.ts";
import { useIsShown, VerticalRenderer } from "./layouts.tsx";
import { type RendererProps, rowOf } from "./placed.ts";

const OneStep = part(
  async () => (await import("./one_step.tsx")).default,
  () => <div className="form-stack" aria-busy="true" />,
);

export function StepsRenderer(props: RendererProps): ReactNode {
  const compact = useWidth("compact");
  if (!useIsShown(props.uischema, rowOf(props.path))) return null;
  if (!compact) return <VerticalRenderer {...props} />;
  return <OneStep {...props} />;
}

/** The mark of Countersign: a seal with two strokes of the brush, the second signature over the first. */
import type { ReactNode } from "react";

export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect x="2" y="2" width="60" height="60" rx="9" fill="#b5371f" />
      <rect x="6.5" y="6.5" width="51" height="51" rx="5.5" fill="none" stroke="#fbeee9" strokeWidth="1.6" />
      <path
        d="M14 33.5 24.5 44.5 41 17.5"
        fill="none"
        stroke="#fbeee9"
        strokeOpacity=".62"
        strokeWidth="5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path
        d="M25 36 34 45.5 51 20"
        fill="none"
        stroke="#fffaf7"
        strokeWidth="6.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

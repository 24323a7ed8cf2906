/** The answer to the latest scan, for the eye: colour, sign and words. The ear and the hand have theirs. */
import type { ReactNode } from "react";

import { useSeen } from "./form_context.tsx";
import { Icon } from "./icons.tsx";
import { errorText } from "./wording.ts";
import { word } from "./words.ts";

/** At the field with the pointer `at`; with null, what belongs to no field. */
export function ScanAnswer({ at }: { readonly at: string | null }): ReactNode {
  const { scan, language } = useSeen();
  const news = scan !== null && scan.key === at ? scan : null;
  // The region stays, so that what appears in it is read out.
  return (
    <div role={news?.answer === "refused" ? "alert" : "status"}>
      {news !== null && (
        <div className="notice form-scan-answer" data-tone={news.answer === "accepted" ? "good" : "bad"}>
          <Icon name={news.answer === "accepted" ? "check" : "error"} />
          <p className="notice-body">
            <span>
              {news.answer === "refused" && <strong>{word(language, "scan_refused")}. </strong>}
              {errorText(language, news.words)}
            </span>
          </p>
        </div>
      )}
    </div>
  );
}

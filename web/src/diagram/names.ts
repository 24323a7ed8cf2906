/** Names of activities from the diagram itself, in both languages: `name` is English, `cs:nameZh` Chinese. */
import type { Language } from "../design/preferences.ts";

const OURS = "urn:countersign:bpmn:1";

/** Activity id -> its name in `language`; empty without a diagram. */
export function namesInDiagram(xml: string | null, language: Language): ReadonlyMap<string, string> {
  if (xml === null) return new Map();
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  const names = new Map<string, string>();
  for (const element of parsed.querySelectorAll("[id][name]")) {
    const english = element.getAttribute("name") ?? "";
    const chinese = element.getAttributeNS(OURS, "nameZh") ?? english;
    names.set(element.id, language === "zh" ? chinese : english);
  }
  return names;
}

/** The diagram with its names in `language`, to be drawn; the original stays what it is. */
export function spokenDiagram(xml: string, language: Language): string {
  if (language === "en") return xml;
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  if (parsed.querySelector("parsererror")) return xml;
  for (const element of parsed.querySelectorAll("*")) {
    const chinese = element.getAttributeNS(OURS, "nameZh");
    if (chinese) element.setAttribute("name", chinese);
  }
  return new XMLSerializer().serializeToString(parsed);
}

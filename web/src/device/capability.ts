/** Whether this browser can sign without a network, and what stands in the way when it cannot. */
import type { Text } from "../api/shapes.ts";

/** Why there is no offline signing here; null when there can be. */
export type Obstacle = "no_secure_context" | "no_web_crypto" | "no_storage" | "ios_tab";

export const OBSTACLES: Readonly<Record<Obstacle, Text>> = {
  no_secure_context: {
    en: "The address of this page is not secure (it begins with http://). Open Countersign over https://; your administrator knows how.",
    zh: "当前网址不安全（以 http:// 开头）。请用 https:// 打开会签，可向管理员了解。",
  },
  no_web_crypto: {
    en: "This browser has no cryptography for pages. Update it, or use another one.",
    zh: "此浏览器不支持网页加密功能。请升级或改用其他浏览器。",
  },
  no_storage: {
    en: "This browser keeps no data for the page (private window?). Open Countersign in a normal window.",
    zh: "此浏览器不保存网页数据（是否为无痕窗口？）。请在普通窗口中打开会签。",
  },
  ios_tab: {
    en: "Safari deletes what a page keeps after seven days without a visit. Add Countersign to the home screen (Share, Add to Home Screen), open it from there, and enrol again.",
    zh: "在 Safari 标签页中，七天不访问，网页保存的数据就会被删除。请点“共享”→“添加到主屏幕”，从主屏幕打开后再登记。",
  },
};

interface Surroundings {
  readonly secure: boolean;
  readonly subtle: boolean;
  readonly indexedDb: boolean;
  readonly userAgent: string;
  readonly touchPoints: number;
  readonly standalone: boolean;
}

function surroundings(): Surroundings {
  const { userAgent, maxTouchPoints } = navigator;
  const onHomeScreen = (navigator as { readonly standalone?: boolean }).standalone === true;
  return {
    secure: isSecureContext,
    subtle: (crypto as { readonly subtle?: SubtleCrypto }).subtle !== undefined,
    indexedDb: typeof indexedDB !== "undefined",
    userAgent,
    touchPoints: maxTouchPoints,
    standalone: onHomeScreen || matchMedia("(display-mode: standalone)").matches,
  };
}

/** What stands in the way of offline signing on this device. */
export function obstacle(here: Surroundings = surroundings()): Obstacle | null {
  if (!here.secure) return "no_secure_context";
  if (!here.subtle) return "no_web_crypto";
  if (!here.indexedDb) return "no_storage";
  if (isIos(here) && !here.standalone) return "ios_tab";
  return null;
}

/** An iPad says that it is a Mac; a Mac has no touch screen. */
function isIos({ userAgent, touchPoints }: Surroundings): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes("Macintosh") && touchPoints > 1);
}

/** Whether this browser can ask for a passkey. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "credentials" in navigator;
}

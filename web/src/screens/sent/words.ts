/** The words of what the server said about commands that came by the outbox. */
import type { Text } from "../../api/shapes.ts";

export const WORDS = {
  deciding: { en: "With the server, not settled yet", zh: "服务器已收到，尚未了结" },
  noted: { en: "Done, please read", zh: "已完成，请阅读" },
  sending: {
    en: "{count} of other people are not sent yet. This device sends them by itself; they need not sign in.",
    zh: "其他人员有 {count} 项尚未送出，本设备会自动送出，无需其登录。",
  },
  conflict: { en: "Where it is decided", zh: "查看裁定流程" },
  device: { en: "This device", zh: "本设备" },
} as const satisfies Record<string, Text>;

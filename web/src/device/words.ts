/** What the server says of a command, in words: what became of it, and what the person can do. */
import type { Text } from "../api/shapes.ts";
import type { RulingName } from "./rulings.ts";

interface Words {
  readonly name: Text;
  readonly help: Text;
}

export const RULINGS: Readonly<Record<RulingName, Words>> = {
  accepted: {
    name: { en: "Accepted", zh: "已接受" },
    help: { en: "Nothing to do.", zh: "无需处理。" },
  },
  merged: {
    name: { en: "Accepted, merged", zh: "已接受并合并" },
    help: {
      en: "Somebody else changed other fields meanwhile; both stand. Nothing to do.",
      zh: "期间他人修改了其他字段，两者均已保留。无需处理。",
    },
  },
  flagged: {
    name: { en: "Accepted, with a remark", zh: "已接受，附提示" },
    help: {
      en: "It counts. Read the remark; whoever is responsible sees it too.",
      zh: "记录有效。请阅读提示；相关负责人也会看到。",
    },
  },
  superseded: {
    name: { en: "Kept, but somebody was first", zh: "已保留，但他人已先完成" },
    help: {
      en: "The step had been completed already. Your record and signature are kept beside it. Go on with the next work.",
      zh: "该步骤已由他人完成。您的记录和签名一并保留。请继续下一项工作。",
    },
  },
  parked: {
    name: { en: "A person decides", zh: "等待人工裁定" },
    help: {
      en: "Your record is kept as you signed it, but it does not fit what happened meanwhile. The responsible person compares both and decides; you are told here. Do not enter it again.",
      zh: "您的记录已按签署内容保留，但与期间发生的情况不符。负责人将对照后裁定，结果会显示在此。请勿重复录入。",
    },
  },
  held: {
    name: { en: "Waits for something", zh: "等待条件齐备" },
    help: {
      en: "An earlier record or a photo has to arrive first; it is taken up by itself then. Keep the device in the network.",
      zh: "须等先前的记录或照片送达，之后自动处理。请让设备保持联网。",
    },
  },
  quarantined: {
    name: { en: "Set apart for review", zh: "已隔离待查" },
    help: {
      en: "The server cannot rely on where it came from. It is kept as evidence. Tell your supervisor; enrol this device again if you are asked to.",
      zh: "服务器无法确认其来源，已作为证据保留。请告知主管；如有要求，请重新登记本设备。",
    },
  },
  refused: {
    name: { en: "Refused", zh: "被拒绝" },
    help: {
      en: "It did not take effect. Read why, open the work again and correct it.",
      zh: "未生效。请阅读原因，重新打开该工作并更正。",
    },
  },
  not_taken: {
    name: { en: "Not readable for the server", zh: "服务器无法识别" },
    help: {
      en: "It stays on this device. Update the client; if that does not help, save the outbox as a file (This device) and give it to your administrator.",
      zh: "记录仍保存在本机。请更新客户端；若无效，请在“本设备”中将待发记录另存为文件并交给管理员。",
    },
  },
};

/** What is said of the pack, of work without a network, and of steps ahead of the server. */
import type { Text } from "../api/shapes.ts";

export const AHEAD = {
  ahead: { en: "Ahead of the server", zh: "先于服务器" },
  next: { en: "What comes next, ahead of the server", zh: "后续步骤（先于服务器）" },
  explained: {
    en: "This device worked out from what you did that this step comes next. You can do it now; the server checks it when it has received everything, and says so here if it goes another way.",
    zh: "本步骤由本机根据您已完成的操作推算得出，现在即可办理。服务器收齐后会核对；若流程另有走向，将在此告知。",
  },
  gone: { en: "This step is not there any more", zh: "该步骤已不存在" },
  gone_help: {
    en: "The process went on otherwise, or the step is done. See “Sent from here” for what the server said.",
    zh: "流程已另行推进，或该步骤已完成。服务器的答复见“本机送出”。",
  },
  separate: {
    en: "You did an earlier step of this process; another person has to do this one.",
    zh: "您已完成本流程的前序步骤，此步骤必须由其他人完成。",
  },
  untrained: {
    en: "This step asks for a training that you do not have yet.",
    zh: "该步骤要求的培训您尚未完成。",
  },
  elsewhere: {
    en: "This step is done at another kind of device. Go there, or have the station of this device entered.",
    zh: "该步骤须在其他类型的设备上办理。请换用相应设备，或为本机登记工位。",
  },
} as const satisfies Record<string, Text>;

export const LEAVE = {
  title: { en: "Not without a network", zh: "现在不能离线办理" },
  none: {
    en: "This device has taken nothing along for work without a network. Connect once while signed in; then you can go on here.",
    zh: "本机尚未取得离线资料包。请在登录状态下联网一次，之后即可在此办理。",
  },
  old: {
    en: "What this device took along is too old: it was good until {until}. What was blocked or withdrawn since is not known here. Connect for a moment; what you typed is kept.",
    zh: "本机的离线资料包已过期（有效至 {until}），此后的冻结与撤销在本机无从得知。请联网片刻；您填写的内容已保留。",
  },
  revoked: {
    en: "Your account or this device has been closed for work without a network. Speak to your administrator.",
    zh: "您的账户或本设备已被停用，不能离线办理。请联系管理员。",
  },
  prepared_only: {
    en: "This step decides something that needs the server. Fill it in now; what you type is kept, and you complete it when there is a connection.",
    zh: "该步骤涉及须由服务器核定的决定。可先填写，内容会保留；联网后再提交。",
  },
  never: {
    en: "This step is never done without a network. Open it again when there is a connection.",
    zh: "该步骤不得离线办理。请联网后再打开。",
  },
  start: {
    en: "This process can only be started with a connection. What you typed is kept.",
    zh: "该流程须联网发起。您填写的内容已保留。",
  },
} as const satisfies Record<string, Text>;

export const READY = {
  ready: { en: "Ready for offline", zh: "可离线办理" },
  not_ready: { en: "Not ready for offline", zh: "离线准备不全" },
  pack: {
    en: "What you take along: as of {at}, good until {until}",
    zh: "离线资料包：{at} 取得，有效至 {until}",
  },
  no_pack: { en: "What you take along", zh: "离线资料包" },
  pack_help: {
    en: "Nothing has been fetched yet. Connect while signed in, then fetch it here.",
    zh: "尚未取得。请在登录状态下联网后在此获取。",
  },
  old: {
    en: "It is too old: without a network nothing can be done here. Connect and fetch it.",
    zh: "已过期，离线时不能办理任何工作。请联网后重新获取。",
  },
  work: {
    en: "Work with its forms: {work} steps, {forms} forms",
    zh: "工作及表单：{work} 项工作，{forms} 份表单",
  },
  no_forms: { en: "Missing forms: {names}", zh: "缺少表单：{names}" },
  more: {
    en: "There is more work than a device takes along; the most urgent is here.",
    zh: "工作项超出可携带数量，已携带最紧急的部分。",
  },
  ahead: {
    en: "Going on ahead of the server: {count} processes",
    zh: "可先于服务器继续办理：{count} 个流程",
  },
  stock: { en: "Stock and units: {count} lots", zh: "库存与计量单位：{count} 个批次" },
  sentences: { en: "Sentences of the signatures", zh: "签名声明文本" },
  revocations: { en: "What was revoked is known", zh: "撤销名单" },
  part_help: { en: "Fetch it again while connected.", zh: "请在联网时重新获取。" },
  fetch: { en: "Fetch now", zh: "立即获取" },
  not_genuine: {
    en: "What came is not signed by your server; nothing of it was kept. Tell your administrator.",
    zh: "收到的资料未经贵公司服务器签名，未予保留。请告知管理员。",
  },
} as const satisfies Record<string, Text>;

/** The words of the screen "This device". */
import type { Text } from "../../api/shapes.ts";
import type { DeviceState } from "../../device/store.ts";
import type { DeviceKind } from "../../device/enrolment.ts";

export const WORDS = {
  title: { en: "This device", zh: "本设备" },
  help: {
    en: "An enrolled device keeps what you do without a network, sealed and in order, and signs it. Nothing is entered twice.",
    zh: "登记后的设备可在无网络时按顺序封存并签署您的操作，无需重复录入。",
  },
  settings: { en: "Settings", zh: "设置" },
  not_possible: { en: "No signing without a network here", zh: "此处无法离线签署" },
  still_works: {
    en: "Everything else works: what you ask for is kept and sent, and you sign with your password when connected.",
    zh: "其他功能不受影响：请求会先保存再送出，联网时用密码签署。",
  },
  enrol_title: { en: "Enrol this device", zh: "登记本设备" },
  enrol_help: {
    en: "This makes a key that never leaves this device. You must be connected.",
    zh: "将生成一个永不离开本设备的密钥。登记时须联网。",
  },
  name: { en: "Name of the device", zh: "设备名称" },
  name_help: {
    en: "As it is written on it, for example “Warehouse handheld 2”.",
    zh: "与机身标签一致，例如“仓库手持机 2”。",
  },
  kind: { en: "Kind of device", zh: "设备类型" },
  enrol: { en: "Enrol", zh: "登记" },
  busy: { en: "One moment …", zh: "请稍候 …" },
  again: { en: "Enrol again", zh: "重新登记" },
  again_help: {
    en: "After a loss, or when the server asks for it: a new key and a new sequence begin. What is not sent yet stays and is sent.",
    zh: "数据丢失后或服务器要求时使用：将启用新密钥与新序列，未送出的内容保留并继续送出。",
  },
  state: { en: "State", zh: "状态" },
  lease: { en: "You may sign here without a network until", zh: "您可在此离线签署至" },
  no_lease: { en: "not yet: connect once while signed in", zh: "尚不可：请登录并联网一次" },
  waiting: { en: "Waiting to be sent", zh: "等待送出" },
  persisted: { en: "Storage protected by the browser", zh: "浏览器承诺保留数据" },
  free: { en: "Free space", zh: "可用空间" },
  heard: { en: "Last answer of the server", zh: "服务器最近答复" },
  number: { en: "Number of the device", zh: "设备编号" },
  epoch: { en: "Key", zh: "密钥" },
  yes: { en: "yes", zh: "是" },
  no: { en: "no", zh: "否" },
  unknown: { en: "the browser does not say", zh: "浏览器未说明" },
  ready: { en: "Ready for working offline", zh: "离线准备情况" },
  all_ready: { en: "All is there.", zh: "均已就绪。" },
  app: { en: "The client is on this device", zh: "客户端已保存在本机" },
  app_help: {
    en: "Load this page once more, or install the app.",
    zh: "请重新加载本页面，或安装应用。",
  },
  leased: { en: "You may work here without a network", zh: "您已获准在此离线工作" },
  leased_help: { en: "Sign in and stay connected for a moment.", zh: "请登录并保持联网片刻。" },
  means: { en: "You have a way to sign here", zh: "您在此有离线签署方式" },
  means_help: { en: "Register a passkey or a PIN below.", zh: "请在下方登记通行密钥或 PIN 码。" },
  kept: { en: "The browser keeps the data", zh: "浏览器保留数据" },
  kept_help: {
    en: "Install the app (browser menu), then look again. Until then stay connected whenever you can.",
    zh: "请通过浏览器菜单安装应用后再查看。在此之前请尽量保持联网。",
  },
  ways: { en: "How you sign here", zh: "您在此的签署方式" },
  no_ways: {
    en: "Without a network you cannot sign here yet: only the server can check a password.",
    zh: "目前无法在此离线签署：密码只能由服务器校验。",
  },
  passkey: { en: "Passkey", zh: "通行密钥" },
  key: { en: "PIN on this device", zh: "本机 PIN 码" },
  since: { en: "registered {at}", zh: "登记于 {at}" },
  add_passkey: { en: "Register a passkey", zh: "登记通行密钥" },
  add_key: { en: "Register a PIN", zh: "登记 PIN 码" },
  passkey_help: {
    en: "For a device of your own: it asks for your finger, your face or its PIN each time you sign.",
    zh: "适用于个人设备：每次签署时需指纹、面容或设备 PIN 验证。",
  },
  key_help: {
    en: "For a device that several people share. The PIN is yours alone and works on this device only.",
    zh: "适用于多人共用的设备。PIN 码仅限本人使用，且只在本设备有效。",
  },
  secret: { en: "New PIN", zh: "新 PIN 码" },
  secret_help: {
    en: "At least {length} characters; digits, letters or Chinese.",
    zh: "至少 {length} 个字符，可用数字、字母或汉字。",
  },
  secret_again: { en: "The PIN once more", zh: "再次输入 PIN 码" },
  short: { en: "The PIN is too short.", zh: "PIN 码过短。" },
  simple: {
    en: "The PIN is too easy to guess. Do not use rows like 123456 or few different characters.",
    zh: "PIN 码过于简单。请勿使用 123456 之类的连续字符或过多重复字符。",
  },
  differs: { en: "The two PINs are not the same.", zh: "两次输入的 PIN 码不一致。" },
  password: { en: "Your password (signs the registration)", zh: "您的密码（用于签署本次登记）" },
  register: { en: "Sign and register", zh: "签署并登记" },
  cancel: { en: "Cancel", zh: "取消" },
  cancelled: {
    en: "Nothing was registered: the prompt was closed, or the device has no way to check who you are.",
    zh: "未登记：提示框已关闭，或设备无法验证您的身份。",
  },
  no_passkeys: { en: "This browser has no passkeys.", zh: "此浏览器不支持通行密钥。" },
  save: { en: "Save the outbox as a file", zh: "将待发记录另存为文件" },
  save_help: {
    en: "For your administrator, when sending does not work any more. The file holds what was recorded here, sealed; nothing is removed.",
    zh: "无法送出时交给管理员。文件包含在本机封存的记录，本机内容不会删除。",
  },
  attention: { en: "Something has to be done", zh: "需要处理" },
} as const satisfies Record<string, Text>;

export const STATES: Readonly<Record<DeviceState, { readonly name: Text; readonly help: Text | null }>> = {
  enrolled: { name: { en: "enrolled", zh: "已登记" }, help: null },
  revoked: {
    name: { en: "revoked", zh: "已吊销" },
    help: {
      en: "An administrator has revoked this device. What waits here is still sent and kept apart for review. Ask your administrator before you enrol it again.",
      zh: "管理员已吊销本设备。待发内容仍会送出并隔离待查。重新登记前请联系管理员。",
    },
  },
  unknown: {
    name: { en: "not known to the server", zh: "服务器不识别" },
    help: {
      en: "The server does not know this device (another installation, or put back to an earlier state). Enrol it again; what waits stays here.",
      zh: "服务器不识别本设备（可能更换了系统或恢复到较早状态）。请重新登记，待发内容仍保留在本机。",
    },
  },
  forked: {
    name: { en: "has to begin anew", zh: "须启用新序列" },
    help: {
      en: "The server knows another sequence of this device (a restored backup, or a copy of this browser). Enrol again to begin a new one; nothing is lost.",
      zh: "服务器上有本设备的另一序列（可能恢复过备份或复制了浏览器数据）。请重新登记以启用新序列，不会丢失内容。",
    },
  },
};

export const KINDS: Readonly<Record<DeviceKind, Text>> = {
  handheld: { en: "Handheld scanner", zh: "手持扫码终端" },
  phone: { en: "Phone", zh: "手机" },
  tablet: { en: "Tablet", zh: "平板" },
  desktop: { en: "Desktop", zh: "台式机" },
  wall: { en: "Wall screen", zh: "看板" },
};

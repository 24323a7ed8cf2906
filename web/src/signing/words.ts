/** The words of signing on this device: with a passkey or a key that a secret opens. */
import type { Text } from "../api/shapes.ts";

export const WORDS = {
  way: { en: "Sign with", zh: "签署方式" },
  passkey: { en: "Passkey", zh: "通行密钥" },
  key: { en: "PIN of this device", zh: "本机 PIN 码" },
  password: { en: "Password", zh: "密码" },
  passkey_help: {
    en: "The device asks for your finger, your face or its PIN. Compare the hash above with what you sign: the prompt itself does not show it.",
    zh: "设备会要求指纹、面容或 PIN。系统提示框不显示签署内容，请先核对上方的记录哈希。",
  },
  secret: { en: "Your PIN for signing on this device", zh: "您在本机签署用的 PIN 码" },
  offline_password: {
    en: "The server cannot be reached, and only it can check a password. What you enter is kept and waits until you sign it with a connection.",
    zh: "无法连接服务器，而密码只能由服务器校验。录入的内容会保留，联网后再签署。",
  },
  offline_help: {
    en: "To sign without a network, register a passkey or a PIN on “This device” (Settings) while you are connected.",
    zh: "如需离线签署，请在联网时到“设置”→“本设备”登记通行密钥或 PIN 码。",
  },
  lease_over: {
    en: "This device was without the server for too long: you can sign on it again after it has been connected once.",
    zh: "本设备与服务器断开时间过长：重新连接一次后方可在本机签署。",
  },
  online_only: {
    en: "This decision is signed with a connection. What you entered is kept on this device; open it again when the server is reached.",
    zh: "该决定须联网签署。录入内容已保存在本机，连上服务器后请重新打开签署。",
  },
  not_signed: { en: "Not signed", zh: "未签署" },
  wrong_secret: {
    en: "The PIN is not right. Tries left: {left}.",
    zh: "PIN 码不正确，还可尝试 {left} 次。",
  },
  locked: {
    en: "Too many wrong PINs. Signing with it is locked on this device until {left}.",
    zh: "PIN 码错误次数过多，本机签署已锁定至 {left}。",
  },
  cancelled: {
    en: "The passkey was not used: the prompt was closed, or the device did not recognise you. Try again.",
    zh: "未使用通行密钥：提示框已关闭，或设备未识别出您。请重试。",
  },
  not_verified: {
    en: "The device did not check who you are (finger, face or PIN). Set a screen lock and try again.",
    zh: "设备未验证您的身份（指纹、面容或 PIN）。请设置屏幕锁后重试。",
  },
  no_credential: {
    en: "This passkey cannot be used here. Register another one on “This device”.",
    zh: "此通行密钥无法在此使用。请在“本设备”登记另一个。",
  },
} as const satisfies Record<string, Text>;

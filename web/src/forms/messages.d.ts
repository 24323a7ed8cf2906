/** forms/messages.json by language, as jsonforms/build_plugin.ts gives it: message code -> sentence with {names}. */
declare module "countersign:messages/*" {
  const messages: Readonly<Record<string, string>>;
  export default messages;
}

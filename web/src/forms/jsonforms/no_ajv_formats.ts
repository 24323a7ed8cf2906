/** Stands where JSON Forms imports ajv-formats; see `no_ajv.ts`. */
export default function addNoFormats(): void {
  // There is no Ajv to add formats to.
}

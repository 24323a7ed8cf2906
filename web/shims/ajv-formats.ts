/** Stands where JSON Forms imports ajv-formats; see ajv.ts. */
export default function addFormats(): void {
  // Formats are checked by the validator of src/forms.
}

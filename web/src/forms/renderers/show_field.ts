/** Event on the form, its detail a pointer: the step that holds this field shall be shown. */
export const SHOW_FIELD = "countersign-show-field";

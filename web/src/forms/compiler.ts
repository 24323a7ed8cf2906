/** The shape of compiled forms that this client reads: forms.model.COMPILER of the server that built it.
 * It is part of a form's address and of its kept copy, so that an upgrade of either is seen. */
export const COMPILER = "1";

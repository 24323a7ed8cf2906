export const identifiers = new Map();
export const table = { parser: "stand-in", names: {}, exclusive: [] };

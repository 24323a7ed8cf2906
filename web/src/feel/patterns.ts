/**
 * Regular expressions: the twin of forms/feel/patterns.py, instruction by instruction, so that both count the
 * same steps. Texts are arrays of code points here.
 */
import { type Budget } from "./values.ts";

type Operation =
  | "character"
  | "any"
  | "any in line"
  | "set"
  | "split"
  | "jump"
  | "save"
  | "start"
  | "end"
  | "refer"
  | "mark"
  | "check"
  | "match";
type Instruction = readonly [
  operation: Operation,
  first?: number,
  second?: number,
  what?: string | CharacterSet,
];

interface CharacterSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [number, number])[];
  readonly categories: readonly (readonly [boolean, string])[];
  readonly without: CharacterSet | null;
}

class BadPattern extends Error {}

const MAX_PROGRAM = 5000;
const MAX_NESTING = 50;
const BLOCKS: Readonly<Record<string, readonly [number, number]>> = {
  IsBasicLatin: [0, 0x7f],
  "IsLatin-1Supplement": [0x80, 0xff],
};
const CATEGORY = /^(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)$/;

const categories = new Map<string, RegExp>();
function inCategory(character: string, name: string): boolean {
  if (name === "s") return " \t\n\r".includes(character);
  let test = categories.get(name);
  if (!test) {
    test = new RegExp(name === "w" ? "[^\\p{P}\\p{Z}\\p{C}]" : `\\p{${name}}`, "u");
    categories.set(name, test);
  }
  return test.test(character);
}

const simple = (mapped: string, character: string): string =>
  Array.from(mapped).length === 1 ? mapped : character;

/** The character by which caseless comparison compares. */
function fold(character: string): string {
  const upper = simple(character.toUpperCase(), character);
  return simple(upper.toLowerCase(), upper);
}

function has(set: CharacterSet, character: string, ignoreCase: boolean): boolean {
  const variants = ignoreCase
    ? [
        character,
        fold(character),
        simple(character.toLowerCase(), character),
        simple(character.toUpperCase(), character),
      ]
    : [character];
  const inside = variants.some((variant) => holds(set, variant)) !== set.negated;
  return inside && !(set.without && has(set.without, character, ignoreCase));
}

function holds(set: CharacterSet, character: string): boolean {
  const code = character.codePointAt(0) as number;
  return (
    set.ranges.some(([low, high]) => low <= code && code <= high) ||
    set.categories.some(([wanted, name]) => wanted === inCategory(character, name))
  );
}

/** Start and end of a match and of its groups; −1 where a group took no part. */
export type Match = readonly number[];

export class Pattern {
  readonly groups: number;
  readonly #program: readonly Instruction[];
  readonly #slots: number;
  readonly #ignoreCase: boolean;
  readonly #multiLine: boolean;

  constructor(program: readonly Instruction[], groups: number, slots: number, flags: string) {
    this.groups = groups;
    this.#program = program;
    this.#slots = slots;
    this.#ignoreCase = flags.includes("i");
    this.#multiLine = flags.includes("m");
  }

  /** The leftmost match from `start` on. */
  search(budget: Budget, text: readonly string[], start = 0): Match | null {
    for (let position = start; position <= text.length; position++) {
      const found = this.#match(budget, text, position);
      if (found) return found;
    }
    return null;
  }

  matchesEmpty(budget: Budget): boolean {
    return this.#match(budget, [], 0) !== null;
  }

  #match(budget: Budget, text: readonly string[], begin: number): Match | null {
    const waiting: [number, number, number[]][] = [[0, begin, Array<number>(this.#slots).fill(-1)]];
    for (let state = waiting.pop(); state; state = waiting.pop()) {
      let [at, position, slots] = state;
      running: for (;;) {
        budget.spend(1);
        const [operation, first = 0, second = 0, what] = this.#program[at++] as Instruction;
        switch (operation) {
          case "split":
            waiting.push([second, position, slots]);
            at = first;
            continue;
          case "jump":
            at = first;
            continue;
          case "save":
          case "mark":
            slots = slots.slice();
            slots[first] = position;
            continue;
          case "check": // a round that took nothing is no round
            if (slots[first] === position) break running;
            continue;
          case "match":
            return slots.slice(0, 2 * this.groups + 2);
          case "start":
            if (
              position !== 0 &&
              !(this.#multiLine && text[position - 1] === "\n" && position < text.length)
            ) {
              break running;
            }
            continue;
          case "end":
            if (position !== text.length && !(this.#multiLine && text[position] === "\n")) break running;
            continue;
          case "refer": {
            const [from = -1, to = -1] = slots.slice(2 * first, 2 * first + 2);
            const taken = from >= 0 && to >= 0 ? text.slice(from, to) : [];
            budget.steps -= taken.length;
            if (!taken.every((character, index) => this.#alike(character, text[position + index])))
              break running;
            position += taken.length;
            continue;
          }
          default: {
            const character = text[position];
            if (character === undefined || !this.#one(operation, what, character)) break running;
            position++;
          }
        }
      }
    }
    return null;
  }

  #one(operation: Operation, what: string | CharacterSet | undefined, character: string): boolean {
    if (operation === "any") return true;
    if (operation === "any in line") return character !== "\n" && character !== "\r";
    if (typeof what === "string") return character === what || (this.#ignoreCase && fold(character) === what);
    return has(what as CharacterSet, character, this.#ignoreCase);
  }

  #alike(a: string, b: string | undefined): boolean {
    return a === b || (this.#ignoreCase && b !== undefined && fold(a) === fold(b));
  }
}

const compiled = new Map<string, Pattern | null>();

/** The compiled pattern; null when pattern or flags are outside the subset. */
export function compilePattern(pattern: string, flags: string): Pattern | null {
  if (!/^[smix]*$/.test(flags)) return null;
  const key = `${flags}/${pattern}`;
  let found = compiled.get(key);
  if (found === undefined) {
    try {
      found = new Reader(pattern, flags).compile();
    } catch (error) {
      if (!(error instanceof BadPattern)) throw error;
      found = null;
    }
    if (compiled.size > 500) compiled.clear();
    compiled.set(key, found);
  }
  return found;
}

/** Flag x: spaces outside classes mean nothing. */
function withoutSpaces(pattern: readonly string[]): string[] {
  let depth = 0;
  let escaped = false;
  return pattern.filter((character) => {
    if (depth === 0 && " \t\n\r".includes(character)) return false;
    if (!escaped) depth += character === "[" ? 1 : character === "]" ? -1 : 0;
    escaped = character === "\\" && !escaped;
    return true;
  });
}

type Escaped = string | Pick<CharacterSet, "ranges" | "categories">;

class Reader {
  readonly #pattern: readonly string[];
  readonly #flags: string;
  readonly #closed = new Set<number>();
  #at = 0;
  #groups = 0;
  #marks = 0;
  #nesting = 0;

  constructor(pattern: string, flags: string) {
    const characters = Array.from(pattern);
    this.#pattern = flags.includes("x") ? withoutSpaces(characters) : characters;
    this.#flags = flags;
  }

  compile(): Pattern {
    const body = this.#alternatives();
    if (this.#at < this.#pattern.length) throw new BadPattern();
    const firstMark = 2 * this.#groups + 2;
    const placed = moved(body, 1).map(([operation, first = 0, ...rest]): Instruction =>
      operation === "mark" || operation === "check"
        ? [operation, firstMark + first]
        : [operation, first, ...rest],
    );
    return new Pattern(
      [["save", 0], ...placed, ["save", 1], ["match"]],
      this.#groups,
      firstMark + this.#marks,
      this.#flags,
    );
  }

  #alternatives(): Instruction[] {
    if (++this.#nesting > MAX_NESTING) throw new BadPattern();
    let body = this.#sequence();
    while (this.#take("|")) {
      const other = this.#sequence();
      const middle = body.length + 2;
      body = checked([
        ["split", 1, middle],
        ...moved(body, 1),
        ["jump", middle + other.length],
        ...moved(other, middle),
      ]);
    }
    this.#nesting--;
    return body;
  }

  #sequence(): Instruction[] {
    let body: Instruction[] = [];
    while (this.#at < this.#pattern.length && !this.#sees("|") && !this.#sees(")")) {
      const piece = this.#quantified(this.#atom());
      body = checked([...body, ...moved(piece, body.length)]);
    }
    return body;
  }

  #sees(text: string): boolean {
    return Array.from(text).every((character, index) => this.#pattern[this.#at + index] === character);
  }

  #take(text: string): boolean {
    const sees = this.#sees(text);
    if (sees) this.#at += text.length;
    return sees;
  }

  #next(): string {
    const character = this.#pattern[this.#at++];
    if (character === undefined) throw new BadPattern();
    return character;
  }

  #literal(character: string): Instruction[] {
    return [["character", 0, 0, this.#flags.includes("i") ? fold(character) : character]];
  }

  #atom(): Instruction[] {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return [["set", 0, 0, this.#characterClass()]];
      case ".":
        return [[this.#flags.includes("s") ? "any" : "any in line"]];
      case "^":
        return [["start"]];
      case "$":
        return [["end"]];
      case "\\":
        return this.#escape();
    }
    if ("*+?{}]".includes(character)) throw new BadPattern();
    return this.#literal(character);
  }

  #group(): Instruction[] {
    if (this.#take("?:")) return this.#closing(this.#alternatives());
    const number = ++this.#groups;
    if (number > 99) throw new BadPattern();
    const body = this.#closing(this.#alternatives());
    this.#closed.add(number);
    return [["save", 2 * number], ...moved(body, 1), ["save", 2 * number + 1]];
  }

  #closing(body: Instruction[]): Instruction[] {
    if (!this.#take(")")) throw new BadPattern();
    return body;
  }

  #escape(): Instruction[] {
    const following = this.#pattern[this.#at] ?? "";
    if (/^[1-9]$/.test(following)) {
      this.#at++;
      if (!this.#closed.has(Number(following))) throw new BadPattern();
      return [["refer", Number(following)]];
    }
    const item = this.#escaped();
    if (typeof item === "string") return this.#literal(item);
    return [["set", 0, 0, { ...item, negated: false, without: null }]];
  }

  /** What stands after a backslash: a character, or what \d, \p{…} … stand for. */
  #escaped(): Escaped {
    const character = this.#next();
    if ("\\|.?*+(){}-[]^$".includes(character)) return character;
    const control = { n: "\n", r: "\r", t: "\t" }[character];
    if (control !== undefined) return control;
    const lower = character.toLowerCase();
    if ("dsw".includes(lower)) {
      return { ranges: [], categories: [[character === lower, lower === "d" ? "Nd" : lower]] };
    }
    if (lower !== "p" || !this.#take("{")) throw new BadPattern();
    const name = this.#until("}");
    if (CATEGORY.test(name)) return { ranges: [], categories: [[character === "p", name]] };
    const block = Object.hasOwn(BLOCKS, name) ? BLOCKS[name] : undefined;
    if (!block) throw new BadPattern();
    const [low, high] = block;
    const outside: (readonly [number, number])[] = [
      [0, low - 1],
      [high + 1, 0x10ffff],
    ];
    return { ranges: character === "p" ? [block] : outside.filter(([a, b]) => a <= b), categories: [] };
  }

  #until(sign: string): string {
    const end = this.#pattern.indexOf(sign, this.#at);
    if (end < 0) throw new BadPattern();
    const text = this.#pattern.slice(this.#at, end).join("");
    this.#at = end + 1;
    return text;
  }

  #characterClass(): CharacterSet {
    if (++this.#nesting > MAX_NESTING) throw new BadPattern();
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    const kinds: (readonly [boolean, string])[] = [];
    let without: CharacterSet | null = null;
    while (!this.#take("]")) {
      if (this.#take("-[")) {
        without = this.#characterClass();
        if (!this.#take("]")) throw new BadPattern();
        break;
      }
      const item = this.#classItem(ranges.length + kinds.length === 0);
      ranges.push(...item.ranges);
      kinds.push(...item.categories);
    }
    if (ranges.length + kinds.length === 0) throw new BadPattern();
    this.#nesting--;
    return { negated, ranges, categories: kinds, without };
  }

  #classItem(isFirst: boolean): Pick<CharacterSet, "ranges" | "categories"> {
    const first = this.#classCharacter(isFirst);
    if (typeof first !== "string") return first;
    const low = first.codePointAt(0) as number;
    if (!this.#sees("-") || this.#sees("-[") || this.#sees("-]")) {
      return { ranges: [[low, low]], categories: [] };
    }
    this.#at++;
    const last = this.#classCharacter(false);
    const high = typeof last === "string" ? (last.codePointAt(0) as number) : -1;
    if (high < low) throw new BadPattern();
    return { ranges: [[low, high]], categories: [] };
  }

  #classCharacter(isFirst: boolean): Escaped {
    const character = this.#next();
    if (character === "\\") return this.#escaped();
    if (character === "[" || (character === "-" && !isFirst && !this.#sees("]"))) throw new BadPattern();
    return character;
  }

  #quantified(body: Instruction[]): Instruction[] {
    const [low, high] = this.#quantifier();
    if (low === 1 && high === 1) return body;
    const lazy = this.#take("?");
    if (body.length * Math.max(low, high ?? 0) > MAX_PROGRAM) throw new BadPattern();
    let program: Instruction[] = [];
    for (let round = 0; round < low; round++) program = [...program, ...moved(body, program.length)];
    if (high === null) return checked([...program, ...moved(this.#loop(body, lazy), program.length)]);
    for (let left = high - low; left > 0; left--) {
      const end = program.length + left * (body.length + 1);
      program.push(split(program.length + 1, end, lazy));
      program = [...program, ...moved(body, program.length)];
    }
    return checked(program);
  }

  #quantifier(): [number, number | null] {
    if (this.#take("*")) return [0, null];
    if (this.#take("+")) return [1, null];
    if (this.#take("?")) return [0, 1];
    if (!this.#take("{")) return [1, 1];
    const found = /^(\d{1,4})(,?)(\d{0,4})$/.exec(this.#until("}"));
    const low = Number(found?.[1]);
    const high = found?.[3] ? Number(found[3]) : found?.[2] ? null : low;
    if (!found || (found[3] && !found[2]) || low > 1000 || (high ?? low) > 1000 || (high ?? low) < low) {
      throw new BadPattern();
    }
    if (low === 1 && high === 1) this.#take("?");
    return [low, high];
  }

  #loop(body: Instruction[], lazy: boolean): Instruction[] {
    const mark = this.#marks++;
    return [split(1, body.length + 4, lazy), ["mark", mark], ...moved(body, 2), ["check", mark], ["jump", 0]];
  }
}

const split = (body: number, end: number, lazy: boolean): Instruction =>
  lazy ? ["split", end, body] : ["split", body, end];

/** The body with its jumps shifted. */
const moved = (body: readonly Instruction[], by: number): Instruction[] =>
  body.map(([operation, first = 0, second = 0, ...rest]) =>
    operation === "split" || operation === "jump"
      ? [operation, first + by, second + by]
      : [operation, first, second, ...rest],
  );

function checked(program: Instruction[]): Instruction[] {
  if (program.length > MAX_PROGRAM) throw new BadPattern();
  return program;
}

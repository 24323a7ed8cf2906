// @vitest-environment node
/** The cases of tests/vectors/forms: the form on the screen answers what the form on the server answers. */
import { readdirSync, readFileSync } from "node:fs";

import { Decimal } from "../../src/feel/decimal.ts";
import { beforeAll, describe, expect, it } from "vitest";

import { loadScanReader } from "../../src/forms/fields/scan_reader.ts";
import { type ClientForm, loadModel } from "../../src/forms/model.ts";
import { loadSecondOpinion } from "../../src/forms/second_opinion.ts";
import { loadMessages } from "../../src/forms/texts.ts";
import { examine, visibleFields } from "../../src/forms/validation.ts";
import { errorText } from "../../src/forms/wording.ts";

interface ExpectedFinding {
  readonly path: string;
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: unknown;
}

interface Case {
  readonly name: string;
  readonly data: unknown;
  readonly context: Record<string, unknown>;
  readonly now: string;
  readonly record?: unknown;
  readonly errors?: readonly ExpectedFinding[];
  readonly notices?: readonly ExpectedFinding[];
  readonly visible?: readonly string[];
}

const FOLDER = new URL("../../../tests/vectors/forms/", import.meta.url);

/** Numbers with a fraction or an exponent as the server reads them: exact decimals, never floats. */
function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === "number" && source !== undefined && /[.eE]/.test(source) ? new Decimal(source) : value,
  );
}

beforeAll(async () => {
  await loadScanReader();
  await loadSecondOpinion();
  await Promise.all([loadMessages("en"), loadMessages("zh")]);
});

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith(".json")))("%s", (name) => {
  const text = readFileSync(new URL(name, FOLDER), "utf8");
  const { form, cases } = parseExactly(text) as { form: unknown; cases: Case[] };
  const plain = JSON.parse(text) as { form: ClientForm; cases: Case[] };
  expect(form).toBeDefined();
  const model = loadModel(plain.form);

  it.each(cases.map((one, index) => [one.name, one, plain.cases[index]!] as const))(
    "%s",
    (_name, expected, { data, now }) => {
      const outcome = examine(model, data, { context: expected.context, now, onScreen: false });
      const found = (findings: typeof outcome.errors): ExpectedFinding[] =>
        findings.map((error) => ({
          path: error.path,
          code: error.code,
          params: error.params ?? {},
          message: { en: errorText("en", error), zh: errorText("zh", error) },
        }));
      expect(found(outcome.errors)).toEqual(expected.errors ?? []);
      expect(outcome.record).toEqual(expected.record ?? null);
      if (expected.notices !== undefined) expect(found(outcome.notices)).toEqual(expected.notices);
      if (expected.visible !== undefined && outcome.decided !== null) {
        expect(visibleFields(outcome.decided)).toEqual(expected.visible);
      }
    },
  );
});

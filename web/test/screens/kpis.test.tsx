/** Key figures: met or missed in words, in both languages, those that miss their target first. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { changeLanguage, Languages } from "../../src/i18n/index.tsx";
import Kpis from "../../src/screens/kpis/kpis.tsx";
import { SignedIn } from "../../src/session/signed_in.tsx";

const SESSION = {
  user: { id: "u", username: "dora", name: { en: "Dora", zh: "朵" }, roles: ["QA"], zone: "Asia/Shanghai" },
  csrf: "token",
  tenant: "t",
  demo_accounts: [],
};
const FIGURE = {
  code: "nc_cycle_time",
  names: { en: "Cycle time", zh: "处理周期" },
  definition: { en: "From report to closure", zh: "自报告至关闭" },
  unit: "wd",
  better: "less",
  value: "20.0",
  beside: "31.5",
  counted: 12,
  target: "15",
  met: false,
  since: "2026-08-25T04:00:00Z",
  until: "2026-11-23T04:00:00Z",
};
const OTHERS = [
  {
    ...FIGURE,
    code: "a",
    names: { en: "On time", zh: "及时率" },
    unit: "percent",
    better: "more",
    met: true,
  },
  { ...FIGURE, code: "b", names: { en: "Rate", zh: "率" }, target: null, met: null },
  { ...FIGURE, code: "c", names: { en: "None", zh: "无" }, value: null, beside: null, counted: 0, met: null },
];

beforeEach(() => {
  vi.stubGlobal("fetch", () =>
    Promise.resolve(Response.json({ items: [...OTHERS, FIGURE], now: "2026-11-23T04:00:00Z" })),
  );
});
afterEach(cleanup);

async function rows(): Promise<readonly string[]> {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  render(
    <Languages>
      <QueryClientProvider client={client}>
        <SignedIn session={SESSION}>
          <Kpis />
        </SignedIn>
      </QueryClientProvider>
    </Languages>,
  );
  await screen.findAllByRole("row", {}, { timeout: 20_000 });
  return [...document.querySelectorAll("tbody tr")].map((row) => row.textContent);
}

it("says what is off target first, with value, percentile, target and what it rests on", async () => {
  await changeLanguage("en");
  const [first, ...rest] = await rows();
  for (const said of [
    "Cycle time",
    "From report to closure",
    "Off target",
    "20.0 working days",
    "90th percentile 31.5 working days",
    "at most 15 working days",
    "12 counted since 2026-08-25",
  ])
    expect(first).toContain(said);
  expect(rest.map((row) => /On target|Trend only|No data/.exec(row)?.[0])).toEqual([
    "On target",
    "Trend only",
    "No data",
  ]);
  expect(rest[2]).toContain("Nothing to count since 2026-08-25");
});

it("says it in Chinese", async () => {
  await changeLanguage("zh");
  const [first, second] = await rows();
  for (const said of ["未达标", "20.0 个工作日", "不超过 15 个工作日", "自 2026-08-25 起 12 条记录"])
    expect(first).toContain(said);
  expect(second).toContain("不低于 15%");
});

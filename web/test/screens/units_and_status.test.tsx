/** What counts stands first, units are said in words, and no door is offered that stays shut. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { changeLanguage, Languages } from "../../src/i18n/index.tsx";
import Registers from "../../src/screens/registers/registers.tsx";
import Lot from "../../src/screens/stock/lot.tsx";
import { Places } from "../../src/screens/stock/places.tsx";
import { SignedIn } from "../../src/session/signed_in.tsx";

const SESSION = {
  user: { id: "u", username: "ann", name: both("Ann"), roles: ["WH"], zone: "Asia/Shanghai" },
  csrf: "token",
  tenant: "t",
  demo_accounts: [],
};
const LOT = {
  lot_id: "l",
  number: "L-2026-00001",
  item: { item_id: "i", number: "SCREW-1", names: both("Screw"), unit: "ea" },
  status: "HOLD",
  holds: [{ kind: "HOLD", reason: "doubt", owner_role: "QA" }],
  balances: [
    {
      location: { location_id: "p", code: "A-01", names: both("Shelf") },
      status: "RELEASED",
      counts: "HOLD",
      quantity: "40",
      unit: "ea",
    },
  ],
  movements: [],
  label_prints: [
    { after: "", first: "S-1", last: "S-500" },
    { after: "S-500", first: "S-501", last: "S-600" },
  ],
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/api/ledger/units": { units: { ea: { en: "each", zh: "个" } } },
  "/api/registers": { closed: ["purchase-orders"] },
  "/api/ledger/lots/l": LOT,
};

function both(word: string): { readonly en: string; readonly zh: string } {
  return { en: word, zh: word };
}

function show(page: ReactNode): void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  render(
    <Languages>
      <QueryClientProvider client={client}>
        <SignedIn session={SESSION}>{page}</SignedIn>
      </QueryClientProvider>
    </Languages>,
  );
}

beforeEach(async () => {
  await changeLanguage("zh");
  vi.stubGlobal("fetch", (address: string) =>
    Promise.resolve(
      new Response(JSON.stringify(ANSWERS[address]), { headers: { "Content-Type": "application/json" } }),
    ),
  );
});

afterEach(cleanup);

it("says first that a lot is held, then what its place alone would say", async () => {
  const stock = [{ location: "A-01", status: "RELEASED", quantity: "40", unit: "ea" }];
  show(<Places stock={stock} onHold none={both("none")} />);
  const place = (await screen.findByText("40 个")).closest(".place");
  expect(place?.textContent).toMatch(/A-01 冻结.*（解除后：已放行）.*40 个/);
});

it("leaves a place that is worse than held as it is", async () => {
  const stock = [{ location: "A-02", status: "REJECTED", quantity: "1", unit: "ea" }];
  show(<Places stock={stock} onHold none={both("none")} />);
  const place = (await screen.findByText("1 个")).closest(".place");
  expect(place?.textContent).not.toContain("冻结");
  expect(place?.textContent).not.toContain("解除后");
});

it("shows a held lot as held, and offers each print of its labels", async () => {
  show(<Lot lotId="l" />);
  const cell = (await screen.findByText("40 个")).closest("tr");
  expect(cell?.textContent).toContain("冻结");
  expect(cell?.textContent).toContain("（解除后：已放行）");
  const links = screen.getAllByRole("link").filter((link) => link.textContent.includes("标签"));
  expect(links.map((link) => link.getAttribute("href"))).toEqual([
    "/api/ledger/lots/l/labels.pdf?after=",
    "/api/ledger/lots/l/labels.pdf?after=S-500",
  ]);
});

it("offers no register that would be refused", async () => {
  show(<Registers />);
  await vi.waitFor(() => {
    expect(screen.queryByText("采购订单")).toBeNull();
  });
  expect(screen.getByText("不合格品")).toBeDefined();
});

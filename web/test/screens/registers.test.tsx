/** Registers longer than a page, and what they say when there is nothing, nobody answers, or it is not allowed. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { changeLanguage, Languages } from "../../src/i18n/index.tsx";
import Change from "../../src/screens/changes/change.tsx";
import Changes from "../../src/screens/changes/changes.tsx";
import Findings from "../../src/screens/changes/findings.tsx";
import Board from "../../src/screens/field_actions/board.tsx";
import FieldActions from "../../src/screens/field_actions/field_actions.tsx";
import Incidents from "../../src/screens/incidents/incidents.tsx";
import Nonconformities from "../../src/screens/nonconformities/nonconformities.tsx";
import Nonconformity from "../../src/screens/nonconformities/nonconformity.tsx";
import PurchaseOrder from "../../src/screens/purchase_orders/purchase_order.tsx";
import PurchaseOrders from "../../src/screens/purchase_orders/purchase_orders.tsx";
import Sampling from "../../src/screens/sampling/sampling.tsx";
import Lot from "../../src/screens/stock/lot.tsx";
import Trace from "../../src/screens/trace/trace.tsx";
import { SignedIn } from "../../src/session/signed_in.tsx";

const PAGE = 50;
const WHOLE = 201;
/** Two hundred rows are drawn in a browser that is none; a busy machine takes seconds for it. */
const PATIENCE = { timeout: 20_000 };
vi.setConfig({ testTimeout: 60_000 });
const SESSION = {
  user: { id: "u", username: "hana", name: both("Hana"), roles: ["QE"], zone: "Asia/Shanghai" },
  csrf: "token",
  tenant: "t",
  demo_accounts: [],
};

function both(word: string): { readonly en: string; readonly zh: string } {
  return { en: word, zh: word };
}

/** One row of each list, as the server writes it. */
const ROWS = {
  change: (number: string) => ({
    number,
    cycle: 1,
    kind: "permanent",
    title: "Stronger screw",
    reason: "complaints",
    class: null,
    status: "open",
    round: 1,
    requested_by: `of ${number}`,
    effective_from: null,
    process_instance_id: number,
  }),
  finding: (number: string) => ({
    finding_id: number,
    rule: "R",
    names: both("Gap"),
    kind: "item",
    key: number,
    detail: {},
    severity: "high",
    owner_role: "QE",
    state: "open",
    assigned_to: null,
    due_on: null,
    revision: 1,
  }),
  action: (number: string) => ({
    number,
    mode: "real",
    cycle: 1,
    reopens: null,
    status: "executing",
    title: "Screws break",
    action_type: "recall",
    classes: {},
    assigned: {},
    aware_at: "2026-11-23T01:00:00Z",
    decided_at: null,
    closed_at: null,
    process_instance_id: number,
  }),
  nonconformity: (number: string) => ({
    number,
    cycle: 1,
    stage: "incoming",
    description: "burrs",
    severity: null,
    risk_score: null,
    class: null,
    item: null,
    aware_at: "2026-11-23T01:00:00Z",
    outcome: null,
    closed_at: null,
  }),
  order: (number: string) => ({
    number,
    status: "sent",
    version: 1,
    supplier: { number: "S-1", names: both("Supplier") },
    site: "MAIN",
    currency: "CNY",
    emergency: false,
    total: "1.00",
    created_at: "2026-11-23T01:00:00Z",
  }),
  incident: (number: string) => ({
    incident_id: number,
    raised_at: "2026-11-23T01:00:00Z",
    process_instance_id: null,
    title: null,
    command: number,
    error: "ValueError",
    delivery: null,
    name: null,
    attempts: null,
    retry_at: null,
    what_to_do: both("Mend it"),
    choices: [],
  }),
};

/** What a list says beside its rows. */
const BESIDE = {
  owners: {},
  ageing: { listed_after_days: 30, managers_after_days: 60 },
  now: "2026-11-24T01:00:00Z",
};

const LISTS = [
  ["changes", <Changes key="1" />, ROWS.change],
  ["findings", <Findings key="2" />, ROWS.finding],
  ["field actions", <FieldActions key="3" />, ROWS.action],
  ["nonconformities", <Nonconformities key="4" />, ROWS.nonconformity],
  ["purchase orders", <PurchaseOrders key="5" />, ROWS.order],
  ["incidents", <Incidents key="6" />, ROWS.incident],
] as const;

const RECORDS = [
  ["change", <Change key="1" number="CHG-0" />, "没有编号为 CHG-0 的记录"],
  ["field action", <Board key="2" number="FA-0" />, "没有编号为 FA-0 的记录"],
  ["nonconformity", <Nonconformity key="3" number="NC-0" />, "没有编号为 NC-0 的记录"],
  ["purchase order", <PurchaseOrder key="4" number="PO-0" />, "没有编号为 PO-0 的记录"],
  ["lot", <Lot key="5" lotId="nonsense" />, "没有这个批次"],
  ["trace", <Trace key="6" lotId="nonsense" />, "没有这个批次"],
] as const;

/** Stand in for the wire alone: everything above it is the client's own. */
function answer(say: (path: URL) => readonly [number, unknown]): void {
  vi.stubGlobal("fetch", (path: string) => {
    const [status, body] = say(new URL(path, "http://server"));
    return Promise.resolve(Response.json(body, { status }));
  });
}

/** A server with so many rows, in pages whose cursor is the last row of the one before. */
function serve(count: number, row: (number: string) => object, broken: () => boolean = () => false): void {
  answer((path) => {
    const after = Number(path.searchParams.get("cursor") ?? 0);
    if (after > 0 && broken()) return [503, { title: "Busy", status: 503, detail: "Later.", reason: "busy" }];
    const last = Math.min(after + PAGE, count);
    const numbers = Array.from({ length: last - after }, (_, index) => `N-${after + index + 1}`);
    const people = Object.fromEntries(numbers.map((number) => [`of ${number}`, both(`Person ${number}`)]));
    return [200, { ...BESIDE, items: numbers.map(row), next: last < count ? String(last) : null, people }];
  });
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

async function more(count: number): Promise<void> {
  fireEvent.click(await screen.findByText("Show more", { selector: "button" }, PATIENCE));
  await vi.waitFor(() => {
    expect(document.querySelectorAll("tbody tr")).toHaveLength(count);
  }, PATIENCE);
}

beforeEach(async () => {
  await changeLanguage("en");
});

afterEach(cleanup);

describe.each(LISTS)("the list of %s", (_, page, row) => {
  it("goes on to the 201st", async () => {
    serve(WHOLE, row);
    show(page);
    await vi.waitFor(() => {
      expect(document.querySelectorAll("tbody tr")).toHaveLength(PAGE);
    }, PATIENCE);
    for (const count of [100, 150, 200, WHOLE]) await more(count);
    expect(document.querySelector("tbody tr:last-child")?.textContent).toContain(`N-${WHOLE}`);
    expect(screen.queryByText("Show more")).toBeNull();
  });

  it("says that it is empty", async () => {
    await changeLanguage("zh");
    serve(0, row);
    show(page);
    await vi.waitFor(() => {
      expect(document.querySelector(".empty")?.textContent).toMatch(/[暂没您].*。$/);
    }, PATIENCE);
  });

  it("says that the server is not reached, and asks again by hand", async () => {
    await changeLanguage("zh");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    show(page);
    expect(await screen.findByText("无法连接服务器", {}, PATIENCE)).toBeDefined();
    serve(1, row);
    fireEvent.click(screen.getByText("重试"));
    await vi.waitFor(() => {
      expect(document.querySelectorAll("tbody tr")).toHaveLength(1);
    }, PATIENCE);
  });

  it("hands on the server's sentence to who may not see it", async () => {
    const detail = "您的角色无权执行此操作，请联系管理员。";
    answer(() => [403, { title: "不允许", status: 403, detail, reason: "forbidden" }]);
    show(page);
    expect(await screen.findByText(detail, {}, PATIENCE)).toBeDefined();
    expect(document.querySelector("h1")).not.toBeNull();
  });
});

it("keeps what is shown when the next page does not come, and asks for it again", async () => {
  let broken = true;
  serve(60, ROWS.change, () => broken);
  show(<Changes />);
  fireEvent.click(await screen.findByText("Show more", { selector: "button" }, PATIENCE));
  expect(await screen.findByText("Later.", {}, PATIENCE)).toBeDefined();
  expect(document.querySelectorAll("tbody tr")).toHaveLength(PAGE);
  broken = false;
  fireEvent.click(screen.getByText("Try again"));
  await vi.waitFor(() => {
    expect(document.querySelectorAll("tbody tr")).toHaveLength(60);
  }, PATIENCE);
  expect(screen.queryByText("Later.")).toBeNull();
});

it("calls by name who stands on a later page", async () => {
  serve(60, ROWS.change);
  show(<Changes />);
  await more(60);
  expect(screen.getByText("Person N-1")).toBeDefined();
  expect(screen.getByText("Person N-60")).toBeDefined();
});

it.each(RECORDS)("says that there is no such %s, with the way back", async (_, page, sentence) => {
  await changeLanguage("zh");
  answer(() => [404, { title: "未找到", status: 404, detail: "", reason: "not_found" }]);
  show(page);
  expect(await screen.findByText(sentence, {}, PATIENCE)).toBeDefined();
  expect(document.querySelectorAll(".notice")).toHaveLength(1);
  expect(document.querySelector("a.back")).not.toBeNull();
});

it("keeps dates and numbers in one piece, and words apart", async () => {
  serve(1, (number) => ({ ...ROWS.change("CHG-2026-00001"), effective_from: "2026-11-23", title: number }));
  show(<Changes />);
  const link = await screen.findByRole("link", { name: "CHG-2026-00001" });
  expect(link.querySelector(".whole")?.textContent).toBe("CHG-2026-00001");
  expect(screen.getByText("2026-11-23").className).toBe("whole");
});

it("says which lot sizes a plan is made for", async () => {
  await changeLanguage("zh");
  answer(() => [200, { curves: [] }]);
  show(<Sampling />);
  const size = screen.getByLabelText("批量");
  for (const wrong of ["", "0", "-5", "1.5", "many", "99999999"]) {
    fireEvent.change(size, { target: { value: wrong } });
    expect(screen.getByRole("alert").textContent).toBe("请输入批量：1 至 9999999 的整数。");
    expect(size.getAttribute("aria-invalid")).toBe("true");
  }
  fireEvent.change(size, { target: { value: "800" } });
  expect(screen.queryByRole("alert")).toBeNull();
});

/** A start without a network: the person who was signed in last goes on, however soon the network fails. */
import "fake-indexeddb/auto";

import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { Unreachable } from "../../src/api/client.ts";
import * as endpoints from "../../src/api/endpoints.ts";
import { rememberFact } from "../../src/mirror/copies.ts";
import { type SessionView, startSession, useSession } from "../../src/session/session.ts";

const REMEMBERED = {
  user: {
    id: "u1",
    username: "ann",
    name: { en: "Ann Zhao", zh: "赵安" },
    roles: ["WH"],
    zone: "Asia/Shanghai",
  },
  csrf: "",
  tenant: "demo",
};

it("does not put a person out because the network failed before the device remembered them", async () => {
  vi.spyOn(endpoints, "getSession").mockRejectedValue(new Unreachable("no network"));
  await rememberFact("session", REMEMBERED);
  const seen: SessionView["kind"][] = [];
  const { result } = renderHook(() => {
    const view = useSession();
    seen.push(view.kind);
    return view;
  });
  await act(() => startSession());
  expect(result.current.kind).toBe("in");
  expect(seen).not.toContain("out");
});

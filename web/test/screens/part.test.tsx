/** A part that is fetched when it is shown: there at once when it was fetched before, asked for again when it fails. */
import { act, cleanup, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { part } from "../../src/design/part.tsx";

const Reading = ({ value }: { readonly value: string }): ReactNode => <output>{value}</output>;
const waiting = (): ReactNode => <p>waiting</p>;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it("shows what is to be seen meanwhile, and the part as soon as it has come", async () => {
  const Part = part(() => Promise.resolve(Reading), waiting);
  render(<Part value="4.2" />);
  expect(screen.getByText("waiting")).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(screen.getByText("4.2")).toBeDefined();
});

it("is there at once when it was fetched before", async () => {
  const load = vi.fn(() => Promise.resolve(Reading));
  const Part = part(load, waiting);
  await Part.fetch();
  render(<Part value="4.2" />);
  expect(screen.getByText("4.2")).toBeDefined();
  expect(load).toHaveBeenCalledTimes(1);
});

it("is asked for again when it could not be fetched, and the page stays", async () => {
  const load = vi.fn<() => Promise<typeof Reading>>();
  load.mockRejectedValueOnce(new TypeError("no network")).mockResolvedValue(Reading);
  const Part = part(load, waiting);
  render(<Part value="4.2" />);
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(screen.getByText("waiting")).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(screen.getByText("4.2")).toBeDefined();
});

it("that is gone before it has come is left alone", async () => {
  const load = vi.fn(() => Promise.reject(new TypeError("no network")));
  const Part = part<{ value: string }>(load, waiting);
  const { unmount } = render(<Part value="4.2" />);
  await act(() => vi.advanceTimersByTimeAsync(100));
  unmount();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(load).toHaveBeenCalledTimes(1);
});

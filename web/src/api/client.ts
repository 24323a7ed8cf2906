/**
 * One request to our server: language, CSRF token, time limit, and an answer that is either a checked value or
 * one of three errors. An answer that is not JSON (a captive portal's page, a proxy's error) counts as "not
 * reached", never as an answer of ours.
 */
import { noteReachable, noteServerTime } from "./connection.ts";
import { takeEarly } from "./early.ts";
import type { Shape } from "./shapes.ts";
import { problem as problemShape, type Problem } from "./wire.ts";

const TIME_LIMIT_MS = 20_000;

/** The server was not reached, or what answered was not our server. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The server answered with a problem document: title and detail are in the person's language. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly problem: Problem;
  readonly body: unknown;

  constructor(status: number, problem: Problem, body: unknown) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.body = body;
  }
}

interface Circumstances {
  csrf: string;
  language: "zh" | "en";
  onSignedOut: () => void;
  renew: () => Promise<boolean>;
}

const circumstances: Circumstances = {
  csrf: "",
  language: "en",
  onSignedOut: () => undefined,
  renew: () => Promise.resolve(false),
};

export function setCsrf(token: string): void {
  circumstances.csrf = token;
}

export function setRequestLanguage(language: "zh" | "en"): void {
  circumstances.language = language;
}

/** Told when any request finds that nobody is signed in any more. */
export function whenSignedOut(tell: () => void): void {
  circumstances.onSignedOut = tell;
}

/** How to get a new CSRF token; answers whether the same person is still signed in. */
export function whenTokenIsStale(renew: () => Promise<boolean>): void {
  circumstances.renew = renew;
}

export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly raw?: { readonly content: Blob | ArrayBuffer; readonly type: string };
  readonly timeLimit?: number;
  /** The session itself is asked for: that nobody is signed in is then an answer, not an interruption. */
  readonly aboutSession?: boolean;
}

/** Ask and read the answer with `shape`. Raises Unreachable, Refused or WireMismatch. */
export async function request<T>(path: string, shape: Shape<T>, ask: Ask = {}): Promise<T> {
  if (changes(ask) && circumstances.csrf === "" && ask.aboutSession !== true) await renewed(ask);
  try {
    return await requestOnce(path, shape, ask);
  } catch (error) {
    if (!(error instanceof Refused) || !changes(ask) || !error.problem.reason.startsWith("csrf")) throw error;
    await renewed(ask);
    return requestOnce(path, shape, ask);
  }
}

async function requestOnce<T>(path: string, shape: Shape<T>, ask: Ask): Promise<T> {
  const response = await send(path, ask);
  if (response.status === 413) {
    // A proxy before us says so in HTML of its own; it is an answer all the same: send less at once.
    throw new Refused(413, problemShape({ status: 413, reason: "too_large" }, ""), null);
  }
  if (response.status === 204) {
    noteReachable(true);
    return shape(undefined, "");
  }
  const body: unknown = await parsed(response);
  if (!response.ok) throw refusal(response.status, body, ask);
  return shape(body, "");
}

function changes(ask: Ask): boolean {
  return ask.method !== undefined && ask.method !== "GET";
}

async function renewed(ask: Ask): Promise<void> {
  // Who signs in is nobody yet: a new token is all that is needed, not the same person.
  if ((await circumstances.renew()) || ask.aboutSession === true) return;
  throw new Refused(401, problemShape({ status: 401, reason: "not_signed_in" }, ""), null);
}

/** Ask for a text file (a diagram); the same errors as `request`. */
export async function requestText(path: string): Promise<string> {
  const response = await send(path, {});
  if (!response.ok) throw refusal(response.status, await parsed(response), {});
  return response.text();
}

async function send(path: string, ask: Ask): Promise<Response> {
  const method = ask.method ?? "GET";
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Language": circumstances.language,
  };
  if (method !== "GET") headers["X-CSRF-Token"] = circumstances.csrf;
  let body: BodyInit | null = null;
  if (ask.raw) {
    headers["Content-Type"] = ask.raw.type;
    body = ask.raw.content;
  } else if (ask.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(ask.body);
  }
  let response: Response;
  try {
    const early = method === "GET" ? takeEarly(path) : undefined;
    response = await (early ??
      // eslint-disable-next-line no-restricted-globals -- the one place that fetches
      fetch(path, {
        method,
        headers,
        body,
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout(ask.timeLimit ?? TIME_LIMIT_MS),
      }));
  } catch (error) {
    noteReachable(false);
    throw new Unreachable("The server cannot be reached.", { cause: error });
  }
  if (response.status === 502 || response.status === 504) {
    noteReachable(false);
    throw new Unreachable(`A proxy answered ${response.status}.`);
  }
  return response;
}

async function parsed(response: Response): Promise<unknown> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) {
    noteReachable(false);
    throw new Unreachable(`Something answered ${response.status} with ${type || "no type"} instead of JSON.`);
  }
  try {
    const body: unknown = await response.json();
    noteServerTime(response.headers.get("Date"));
    noteReachable(true);
    return body;
  } catch (error) {
    noteReachable(false);
    throw new Unreachable("The answer broke off.", { cause: error });
  }
}

function refusal(status: number, body: unknown, ask: Ask): Refused {
  const found = problemShape(typeof body === "object" && body !== null ? body : {}, "");
  if (status === 401 && ask.aboutSession !== true) circumstances.onSignedOut();
  return new Refused(status, found, body);
}

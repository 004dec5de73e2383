// Calls to the deployment: who is calling goes along, a refused token is renewed once, and an error says what it is.

import { here } from "../app/deployment.ts";
import { getSession } from "../auth/session.ts";

/** What a service said instead of an answer. */
export class ApiError extends Error {
  readonly status: number;
  /** The kind, as services switch on it: `ModelNotFoundError`; empty where there is none. */
  readonly kind: string;

  constructor(status: number, kind: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind;
  }
}

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  query?: Record<string, string | number | undefined>;
}

/** Told when nobody is signed in any more. */
let onSignedOut: () => void = () => undefined;

/** Sets what happens when a call finds that nobody is signed in any more. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

/** A route of the REST API, answered in JSON. */
export async function rest<T>(path: string, call: Call = {}): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const asked = query.size > 0 ? `${path}?${query.toString()}` : path;
  const response = await send(here.rest + asked, call);
  const text = await response.text();
  return (text === "" ? null : JSON.parse(text)) as T;
}

/** A route of the OpenAI-compatible API. */
export function serve(path: string, call: Call = {}): Promise<Response> {
  return send(`${here.serve ?? ""}${path}`, call);
}

async function send(url: string, call: Call): Promise<Response> {
  const session = await getSession();
  let response = await attempt(url, call, await session.authorization());
  if (response.status === 401) {
    // A model is not asked twice by itself, but a refused request has not been served.
    if (await session.renew()) response = await attempt(url, call, await session.authorization());
    if (response.status === 401) onSignedOut();
  }
  if (!response.ok) throw await failure(response);
  return response;
}

function attempt(url: string, call: Call, authorization: string | null): Promise<Response> {
  const headers = new Headers({ Accept: "application/json, text/event-stream" });
  if (authorization) headers.set("Authorization", authorization);
  if (call.body !== undefined) headers.set("Content-Type", "application/json");
  return fetch(url, {
    method: call.method ?? "GET",
    headers,
    body: call.body === undefined ? null : JSON.stringify(call.body),
    signal: call.signal ?? null,
    cache: "no-store",
  });
}

/** Services speak in three forms: `{error, message}`, `{detail}` and OpenAI's `{error: {message, type}}`. */
export async function failure(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  let kind = "";
  let message = "";
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const inner = typeof body.error === "object" && body.error !== null ? (body.error as Record<string, unknown>) : null;
    kind = textOf(inner?.code) || textOf(inner?.type) || textOf(body.error);
    message = textOf(inner?.message) || fields(body.detail) || textOf(body.message) || textOf(body.detail);
  } catch {
    message = text.length < 300 && !text.includes("<") ? text.trim() : "";
  }
  return new ApiError(response.status, kind, message || `${response.status} ${response.statusText}`.trim());
}

/** One line for each wrong field. */
function fields(detail: unknown): string {
  if (!Array.isArray(detail)) return "";
  return detail
    .map((one: unknown) => one as { loc?: unknown[]; msg?: unknown })
    .map(({ loc, msg }) => `${(loc ?? []).filter((part) => part !== "body").join(".")}: ${textOf(msg)}`)
    .join("\n");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

// The way to the server. Every wait is bounded, and every refusal has a reason to show.

const WAIT_MS_MAX = 15_000;

/** What the server said when it did not do what was asked. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** GET of a path, with those parameters that have a value. */
export function get(path, parameters = {}, signal) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const query = new URLSearchParams(given).toString();
  return ask(query ? `${path}?${query}` : path, { method: "GET" }, signal);
}

export function post(path, body = {}, signal) {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, signal);
}

/** A handler on an event, given as text, without storing anything. */
export function invoke(handler, event, signal) {
  const headers = { "content-type": "application/cloudevents+json" };
  return ask(`/handlers/${encodeURIComponent(handler)}/invoke`, { method: "POST", headers, body: event }, signal);
}

async function ask(path, request, signal) {
  const bounds = [AbortSignal.timeout(WAIT_MS_MAX), ...(signal ? [signal] : [])];
  let response;
  try {
    response = await fetch(path, { ...request, signal: AbortSignal.any(bounds), cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, "the server does not answer");
  }
  if (response.status === 401 && path !== "/login") document.dispatchEvent(new Event("login-needed"));
  const text = await response.text();
  const answer = text ? JSON.parse(text, exactly) : {};
  if (!response.ok) throw new Refused(response.status, answer.detail ?? response.statusText);
  return answer;
}

/**
 * Events hold numbers that JavaScript has none for, such as ids of 64 bits: they stay as they were written, where the
 * browser can.
 */
function exactly(_key, value, context) {
  const isExact = typeof value !== "number" || String(value) === (context?.source ?? String(value));
  return isExact || !JSON.rawJSON ? value : JSON.rawJSON(context.source);
}

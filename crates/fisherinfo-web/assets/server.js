// Requests to the server of this page. Every failure is one sentence that says what to do.

const LOST = "The server does not answer. What you type is kept in this browser; start the server again and open its new link.";
const LOCKED = "The server was started again and does not know this browser yet: open the link that it printed. What you typed is kept.";

export class Refused extends Error {}

async function answered(response) {
  if (response.ok) return response;
  if (response.status === 401) throw new Refused(LOCKED);
  let message = `The server refused (${response.status}).`;
  try {
    message = (await response.json()).error ?? message;
  } catch { /* no JSON: the status is all there is */ }
  throw new Refused(message);
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(LOST);
  }
  return answered(response);
}

/** The JSON at an address. */
export async function get(path, signal) {
  return (await request(path, { signal })).json();
}

/** Sends JSON; the answer, if it has a body, is JSON. */
export async function post(path, body, signal) {
  const response = await request(path, {
    method: "POST",
    signal,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  return response.status === 204 ? null : response.json();
}

/** Sends JSON, and calls `onEvent` with each event of the stream that answers. */
export async function stream(path, body, onEvent) {
  const response = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      rest += value;
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data:"));
        if (data.length > 0) onEvent(JSON.parse(data.map((line) => line.slice(5)).join("\n")));
      }
    }
  } catch {
    throw new Refused(LOST);
  }
}

/** Calls `work(signal)` with the latest request only: while one is on its way, the newest waits. */
export function latest(work) {
  let running = false;
  let waiting = null;
  const begin = async (argument) => {
    running = true;
    try {
      await work(argument);
    } finally {
      running = false;
      if (waiting) {
        const [next] = waiting;
        waiting = null;
        begin(next);
      }
    }
  };
  return (argument) => {
    if (running) waiting = [argument];
    else begin(argument);
  };
}

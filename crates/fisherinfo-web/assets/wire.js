// Requests to the accounts of the server.

/** Why a round ended; `kind` is a word for programs, `message` a sentence for people. */
export class Trouble extends Error {
  constructor(kind, message, wait) {
    super(message);
    this.kind = kind;
    this.wait = wait;
  }
}

const PATIENCE = 20_000;

// Answers that belong to the conversation: there, not changed, not there, taken, late.
const EXPECTED = [304, 404, 409, 410, 412];

/** The version that an answer names. */
export const tagOf = (response) => response.headers.get("ETag")?.replaceAll('"', "") ?? null;

/** Asks for an account; throws a `Trouble` if there is no answer that helps. */
export async function ask(account, method, path, headers = {}, body = undefined) {
  let response;
  try {
    response = await fetch(path, {
      method,
      body,
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Sync-Account": account.id, Authorization: `Bearer ${account.token}`, ...headers },
    });
  } catch {
    throw new Trouble("offline", "The server does not answer. What you type is kept in this browser and goes to the account when the server is back.");
  }
  if (response.ok || EXPECTED.includes(response.status)) return response;
  if (response.status === 401) {
    throw response.headers.has("WWW-Authenticate")
      ? new Trouble("unknown", "This server knows no account with this key: it was deleted, or is on another server. What is in this browser stays.")
      : new Trouble("locked", "The server was started again and does not know this browser yet: open the link that it printed. What you typed is kept in this browser.");
  }
  if (response.status === 429) {
    const seconds = Number(response.headers.get("Retry-After")) || 60;
    throw new Trouble("often", `The server has been asked too often; it goes on in ${seconds} s.`, seconds * 1_000);
  }
  let said = `The server refused (${response.status}).`;
  try {
    said = (await response.json()).error ?? said;
  } catch { /* no JSON: the status is all there is */ }
  throw new Trouble([413, 507].includes(response.status) ? "full" : "server", said);
}

// Sync: what this browser keeps goes to the account, encrypted, and what other browsers changed
// comes back. Of each item the version and value that the server had last are kept: an item whose
// value is another was changed here. So nothing has to be remembered while it is on its way, and
// what is typed in the meantime is simply changed again.

import * as keys from "./crypto.js";
import { fits, isEmpty, kindOf, merged, same } from "./merge.js";
import * as store from "./store.js";
import { Trouble, ask, tagOf } from "./wire.js";

const ACCOUNT = "sync/account";
const LIST = "sync/list";
const BASE = "sync/base/";
const CONFLICT = "sync/conflict/";

// After a pause in typing, and now and then where there is none.
const AFTER_TYPING = 1_500;
const WHILE_TYPING = 6_000;
const BETWEEN_LOOKS = 30_000;
const AFTER_TROUBLE = 5_000;

/** From so many on, all items are fetched in one request. */
const MANY = 8;

/** So often an item is merged and sent again before the next round. */
const TRIES = 4;

let account = null;
let kind = "out";
let message = "";
const watchers = new Set();
const hiddenNames = new Map();
// Values that the server did not take, so that they are not sent again and again.
const tooMuch = new Map();

const versionOf = (name) => store.get(CONFLICT + name)?.version ?? store.get(BASE + name)?.version ?? null;
const valueOf = (name) => store.get(name);
const inConflict = (name) => store.get(CONFLICT + name) !== null;
const syncedNames = () => store.names().filter(kindOf);
const conflicts = () => store.names(CONFLICT).map((name) => name.slice(CONFLICT.length));

function changedHere(name) {
  const base = store.get(BASE + name);
  return !same(valueOf(name), base?.value ?? null);
}

/** The account, what goes on, and what is not on the server yet. */
export function state() {
  const pending = account ? syncedNames().filter((name) => changedHere(name) || inConflict(name)) : [];
  return { account: account?.id ?? null, kind, message, pending, conflicts: account ? conflicts() : [] };
}

/** Calls `watcher(state)` now and whenever it changes. */
export function watch(watcher) {
  watchers.add(watcher);
  watcher(state());
}

function tell(newKind = kind, newMessage = "") {
  kind = newKind;
  message = newMessage;
  const now = state();
  for (const watcher of watchers) watcher(now);
}

// After every pause: has somebody signed out, here or in another tab?
function stillIn(me) {
  if (account !== me || store.get(ACCOUNT)?.id !== me.id) throw new Trouble("gone", "");
}

async function hidden(me, name) {
  const key = `${me.id} ${name}`;
  if (!hiddenNames.has(key)) hiddenNames.set(key, await keys.hiddenName(me, name));
  return hiddenNames.get(key);
}

function keep(name, value, at) {
  store.set(name, value, at, "sync");
  if (!same(valueOf(name), value)) throw new Trouble("storage", store.trouble() ?? "This browser keeps nothing more.");
}

// The value first: broken off in between, the item is looked at again, and not sent as if it had
// been changed here.
function settle(name, version, value) {
  store.set(BASE + name, { version, value });
  if (inConflict(name)) store.forget(CONFLICT + name);
}

/** Takes in a version of an item that is new to this browser. Nothing here waits. */
function take(name, version, theirs) {
  const mine = store.item(name);
  const base = store.get(BASE + name);
  const value = theirs?.value ?? null;
  if (same(valueOf(name), value)) return settle(name, version, value);
  if (!changedHere(name)) {
    keep(name, value, theirs?.at);
    return settle(name, version, value);
  }
  // Theirs is what was there before, or what this browser sent without hearing that it arrived.
  const known = base && (same(value, base.value) || (base.sent !== undefined && same(value, base.sent)));
  if (known) return settle(name, version, value);
  const one = merged(name, mine, theirs);
  if (one === undefined) return store.set(CONFLICT + name, { version, value, at: theirs.at });
  if (!same(one, valueOf(name))) keep(name, one, Math.max(mine.at, theirs?.at ?? 0));
  return settle(name, version, value);
}

async function opened(me, hiddenName, bytes) {
  let item;
  try {
    item = await keys.open(me, hiddenName, bytes);
  } catch {
    throw new Trouble("unreadable", "An item of the account cannot be read: it was not written with this key, or was changed on the way.");
  }
  if (item?.v !== 1) throw new Trouble("newer", "A newer version of this page has written to the account: reload this page.");
  if (!fits(item.name, item.value) || (await hidden(me, item.name)) !== hiddenName) {
    throw new Trouble("unreadable", "An item of the account is not of the form that this page knows.");
  }
  return item;
}

/** Fetches what has changed. Returns what could not be read. */
async function fetchAll(me) {
  const troubles = [];
  const last = store.get(LIST);
  const response = await ask(me, "GET", "/sync/items", { "If-None-Match": last?.tag ?? '""' });
  if (response.status === 304) return troubles;
  const list = await response.json();
  stillIn(me);
  if (last && list.revision < last.revision) {
    // The server was put back to an older copy: what it had is no longer known.
    for (const name of store.names(BASE)) store.forget(name);
  }
  const here = new Map();
  const named = new Set([...syncedNames(), ...store.names(BASE).map((name) => name.slice(BASE.length))]);
  for (const name of named) here.set(await hidden(me, name), name);
  const there = new Set(list.items.map((item) => item.name));
  for (const [hiddenName, name] of here) if (!there.has(hiddenName)) store.forget(BASE + name);

  const changed = list.items.filter(({ name, version }) => !here.has(name) || versionOf(here.get(name)) !== version);
  for (const { name, version } of changed.filter((item) => item.deleted && here.has(item.name))) {
    take(here.get(name), version, null);
  }
  const live = changed.filter((item) => !item.deleted);
  const all = live.length > MANY ? await exported(me) : null;
  for (const { name: hiddenName } of live) {
    try {
      const item = all ? all.get(hiddenName) : await fetched(me, hiddenName);
      if (!item) continue;
      const theirs = await opened(me, hiddenName, item.body);
      stillIn(me);
      take(theirs.name, item.version, theirs);
    } catch (error) {
      // One item that cannot be read keeps no other back.
      if (!["unreadable", "newer"].includes(error.kind)) throw error;
      troubles.push(error);
    }
  }
  stillIn(me);
  store.set(LIST, { tag: response.headers.get("ETag"), revision: list.revision });
  return troubles;
}

async function fetched(me, hiddenName) {
  const response = await ask(me, "GET", `/sync/items/${hiddenName}`);
  if (response.status !== 200) return null;
  return { version: tagOf(response), body: new Uint8Array(await response.arrayBuffer()) };
}

async function exported(me) {
  const { items } = await (await ask(me, "GET", "/sync/export")).json();
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Map(items.map(({ name, version, body }) => [name, { version, body: bytes(body) }]));
}

/** Sends an item if it was changed here. */
async function send(me, name) {
  const hiddenName = await hidden(me, name);
  for (let tries = 0; tries < TRIES; tries += 1) {
    stillIn(me);
    if (!changedHere(name) || inConflict(name)) return;
    const { value, at } = store.item(name) ?? { value: null };
    const base = store.get(BASE + name);
    const condition = base ? { "If-Match": `"${base.version}"` } : { "If-None-Match": "*" };
    const address = `/sync/items/${hiddenName}`;
    let response;
    if (isEmpty(value)) {
      response = await ask(me, "DELETE", address, condition);
    } else {
      const body = await keys.seal(me, hiddenName, { v: 1, name, value, at });
      stillIn(me);
      if (base) store.set(BASE + name, { ...base, sent: value });
      response = await ask(me, "PUT", address, { ...condition, "Content-Type": "application/octet-stream" }, body);
    }
    if (response.ok) {
      stillIn(me);
      settle(name, tagOf(response), value);
      return;
    }
    // Somebody else was first.
    const what = response.headers.get("Sync-State");
    const bytes = new Uint8Array(await response.arrayBuffer());
    const theirs = what === "live" ? await opened(me, hiddenName, bytes) : null;
    stillIn(me);
    if (what === "absent") store.forget(BASE + name);
    else take(name, tagOf(response), theirs);
  }
}

async function sendAll(me) {
  const troubles = [];
  for (const name of new Set([...syncedNames(), ...store.names(BASE).map((base) => base.slice(BASE.length))])) {
    if (tooMuch.has(name) && same(tooMuch.get(name).value, valueOf(name))) {
      troubles.push(tooMuch.get(name).error);
      continue;
    }
    try {
      await send(me, name);
      tooMuch.delete(name);
    } catch (error) {
      if (!["full", "unreadable", "newer"].includes(error.kind)) throw error;
      if (error.kind === "full") tooMuch.set(name, { value: valueOf(name), error });
      troubles.push(error);
    }
  }
  return troubles;
}

let wanted = null;
let running = null;
let timer = null;

function later(wait, fetching) {
  clearTimeout(timer);
  timer = setTimeout(() => want(fetching), wait);
}

let typingSince = null;

function typed() {
  typingSince ??= Date.now();
  later(Math.max(0, Math.min(AFTER_TYPING, typingSince + WHILE_TYPING - Date.now())), false);
}

/** Begins a round, or another one after the one that is on its way. */
function want(fetching) {
  if (!account) return null;
  wanted = { fetching: fetching || Boolean(wanted?.fetching) };
  running ??= rounds().finally(() => { running = null; });
  return running;
}

async function rounds() {
  while (wanted && account) {
    const { fetching } = wanted;
    const me = account;
    wanted = null;
    typingSince = null;
    // A trouble is over when a round has gone well, and not when one begins.
    if (["out", "synced"].includes(kind)) tell("working");
    try {
      // One tab at a time; the next finds what this one has done.
      const troubles = await navigator.locks.request("fisherinfo-sync", async () => [
        ...(fetching ? await fetchAll(me) : []),
        ...(await sendAll(me)),
      ]);
      if (troubles.length > 0) tell("trouble", troubles[0].message);
      else tell("synced");
    } catch (error) {
      if (account !== me) break;
      if (error.kind === "gone") continue;
      wanted = null;
      tell(error.kind === "unknown" ? "unknown" : "trouble", error.message);
      if (error.kind !== "unknown") later(error.wait ?? AFTER_TROUBLE + Math.random() * AFTER_TROUBLE, true);
    }
  }
}

/** Synchronises now, and waits until it is done. */
export async function now() {
  tooMuch.clear();
  await want(true);
  return state();
}

/** Decides a conflict: `value` is what is kept. What was shown has to be what is there. */
export function decide(name, value, shown) {
  const theirs = store.get(CONFLICT + name);
  if (!theirs || theirs.version !== shown.version || !same(valueOf(name), shown.mine)) return false;
  keep(name, value, Date.now());
  settle(name, theirs.version, theirs.value);
  tell();
  want(false);
  return true;
}

/** Both texts of a conflict, or null. */
export function conflictOf(name) {
  const theirs = store.get(CONFLICT + name);
  return theirs && { version: theirs.version, mine: valueOf(name) ?? "", other: theirs.value ?? "" };
}

async function signedIn(me) {
  await keys.keepAccount(me);
  forgetBases();
  account = me;
  store.set(ACCOUNT, { id: me.id });
  tell("working");
  await want(true);
}

/** Makes the account of a new key, and signs in. */
export async function create(key) {
  const me = await keys.derive(key);
  const response = await ask(me, "POST", "/sync/account");
  // Taken by ourselves, if the answer to an earlier try was lost; by nobody else.
  if (response.status === 409) await ask(me, "GET", "/sync/items");
  await signedIn(me);
}

/** Signs in with a key that was typed. */
export async function join(key) {
  const me = await keys.derive(key);
  await ask(me, "GET", "/sync/items");
  await signedIn(me);
}

function forgetBases() {
  for (const name of store.names("sync/")) if (name !== ACCOUNT) store.forget(name);
}

/** Signs out; `removing` also removes what the account has from this browser. */
export async function leave(removing) {
  account = null;
  clearTimeout(timer);
  store.forget(ACCOUNT);
  forgetBases();
  tooMuch.clear();
  if (removing) for (const name of syncedNames()) store.forget(name, "sync");
  tell("out");
  await keys.forgetAccounts();
}

/** Deletes the account from the server, and signs out. */
export async function remove() {
  await ask(account, "DELETE", "/sync/account");
  await leave(false);
}

/** Everything of the account, readable; and what has not reached it. */
export async function everything() {
  const me = account;
  await now();
  const items = [];
  const unreadable = [];
  for (const [hiddenName, { body }] of await exported(me)) {
    try {
      const { name, value, at } = await opened(me, hiddenName, body);
      items.push({ name, value, changed: new Date(at).toISOString() });
    } catch (error) {
      unreadable.push({ item: hiddenName, reason: error.message });
    }
  }
  items.sort((a, b) => (a.name < b.name ? -1 : 1));
  const unsent = state().pending.map((name) => ({ name, value: valueOf(name) }));
  return { format: "fisherinfo account", version: 1, account: me.id, items, unsent, unreadable };
}

// Another tab has signed in or out, or this page begins.
async function lookUp() {
  const id = store.get(ACCOUNT)?.id ?? null;
  if (id === (account?.id ?? null)) return;
  account = null;
  const found = id ? await keys.keptAccount(id).catch(() => undefined) : null;
  if (store.get(ACCOUNT)?.id !== id) return;
  if (id && !found) {
    store.forget(ACCOUNT);
    tell("out", "This browser has lost the keys of your account: sign in again. What is here was kept.");
    return;
  }
  account = found ?? null;
  tell(account ? "working" : "out");
  want(true);
}

/** Begins, on every page. */
export function begin() {
  if (!keys.available()) return;
  store.onChange((name, _, origin) => {
    if (name === ACCOUNT && origin === "elsewhere") lookUp();
    else if (origin === "elsewhere" && name.startsWith("sync/")) tell(kind, message);
    else if (origin !== "sync" && kindOf(name) && account) {
      tell(kind, message);
      // After a trouble the next round has its time.
      if (kind !== "trouble") typed();
    }
  });
  window.addEventListener("online", () => want(true));
  window.addEventListener("focus", () => want(true));
  document.addEventListener("visibilitychange", () => want(!document.hidden));
  setInterval(() => { if (!document.hidden) want(true); }, BETWEEN_LOOKS);
  lookUp();
}

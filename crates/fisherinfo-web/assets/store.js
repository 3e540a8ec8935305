// What this browser keeps: drafts, notes, inputs and progress, one item a key, so that two tabs
// never write over each other's items. The layout has a version; older ones are carried over.

const PREFIX = "fisherinfo.v2/";
const VERSION_KEY = "fisherinfo.version";
const VERSION = 2;

let storage = null;
let problem = null;
try {
  storage = window.localStorage;
  const probe = `${PREFIX}probe`;
  storage.setItem(probe, "1");
  storage.removeItem(probe);
} catch {
  storage = null;
  problem = "This browser does not let pages keep anything: what you type is lost when you leave.";
}

// Where storage is closed, items live as long as the page.
const memory = new Map();
const listeners = new Set();

const migrations = {
  // Version 1 kept the notes of a notebook as bare text, and nothing else.
  1: (box) => {
    const old = "fisherinfo.notes.";
    for (const key of keys(box).filter((key) => key.startsWith(old))) {
      const target = `${PREFIX}${key.slice(old.length)}/notes`;
      if (box.getItem(target) === null) {
        box.setItem(target, JSON.stringify({ value: box.getItem(key), at: Date.now() }));
      }
      box.removeItem(key);
    }
  },
};

function keys(box) {
  return Array.from({ length: box.length }, (_, index) => box.key(index)).filter((key) => key !== null);
}

function migrate() {
  if (!storage) return;
  const found = Number(storage.getItem(VERSION_KEY) ?? 1);
  if (found > VERSION) {
    problem = "A newer version of this page has kept things here. Reload the page; until then nothing new is kept.";
    storage = null;
    return;
  }
  for (let version = found; version < VERSION; version += 1) migrations[version]?.(storage);
  storage.setItem(VERSION_KEY, String(VERSION));
}
migrate();

/** Why nothing is kept, or null. */
export function trouble() {
  return problem;
}

/** An item as it was kept: `{ value, at }`, or null. */
export function item(name) {
  const text = storage ? storage.getItem(PREFIX + name) : (memory.get(name) ?? null);
  if (text === null) return null;
  try {
    const kept = JSON.parse(text);
    return kept && typeof kept === "object" && "value" in kept ? kept : null;
  } catch {
    return null;
  }
}

/** The value of an item, or `fallback`. */
export function get(name, fallback = null) {
  return item(name)?.value ?? fallback;
}

/** Keeps a value; null forgets it. Returns whether it is kept. */
export function set(name, value, at = Date.now(), origin = "here") {
  const text = JSON.stringify({ value, at });
  let kept = true;
  if (storage) {
    try {
      storage.setItem(PREFIX + name, text);
    } catch {
      problem = "This browser's storage is full: the last change is not kept. Export your notes, and remove what is not needed.";
      kept = false;
    }
  } else {
    memory.set(name, text);
    kept = false;
  }
  for (const listener of listeners) listener(name, value, origin);
  return kept;
}

/** Removes an item altogether; those who show it are told that it has no value. */
export function forget(name, origin = "here") {
  if (storage) storage.removeItem(PREFIX + name);
  memory.delete(name);
  for (const listener of listeners) listener(name, null, origin);
}

/** The names of all items that begin with `start`. */
export function names(start = "") {
  const all = storage
    ? keys(storage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length))
    : [...memory.keys()];
  return all.filter((name) => name.startsWith(start)).sort();
}

/** Calls `listener(name, value, origin)` when an item changes: here, in another tab, or by sync. */
export function onChange(listener) {
  listeners.add(listener);
}

window.addEventListener("storage", (event) => {
  if (!event.key?.startsWith(PREFIX)) return;
  const name = event.key.slice(PREFIX.length);
  for (const listener of listeners) listener(name, get(name), "elsewhere");
});

/** The notebook of this page. */
export const notebook = document.body.dataset.notebook ?? "";

/** The name of an item of this page's notebook. */
export const own = (name) => `${notebook}/${name}`;

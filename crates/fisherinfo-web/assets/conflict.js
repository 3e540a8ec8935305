// The choice between two texts that were changed at the same time. Nothing is taken from either
// until somebody chooses, and it can be put off.

import { characters } from "./notes.js";
import * as sync from "./sync.js";

const dialog = document.getElementById("conflict-dialog");
const part = (name) => document.getElementById(`conflict-${name}`);
let shown = null;

// Somebody who types is not interrupted: what they type would go nowhere.
const PAUSE = 2_000;
let typedAt = -PAUSE;
let waiting = null;

// Put off in this page: it is not opened again by itself.
let putOff = new Set();

/** A name as people would say it. */
export function described(name) {
  const [notebook, kind, which] = name.split("/");
  const of = notebook === "workbook" ? "the workbook" : `«${notebook.replace(/^notebook:/, "")}»`;
  return kind === "notes" ? `notes on ${of}` : `answer ${which}`;
}

const joined = ({ mine, other }) => `${mine}\n\n${other}`;

/** Why both texts cannot be kept, or nothing. */
function tooLong(name, texts) {
  if (name.endsWith("/notes")) {
    const most = Number(dialog.dataset.notesLimit);
    const length = characters(joined(texts)).length;
    if (length <= most) return "";
    return `Together they have ${length.toLocaleString("en")} characters, and notes have ${most.toLocaleString("en")} at most: copy what you need from one of them, or decide later and shorten yours.`;
  }
  const [one, other] = [texts.mine, texts.other].map((text) => /^\d$/.test(text.trim()));
  if (one && other) return "An answer is one of them.";
  const most = Number(dialog.dataset.answerLimit);
  const bytes = new TextEncoder().encode(joined(texts)).length;
  return bytes <= most ? "" : `Together they have ${bytes.toLocaleString("en")} bytes, and an answer has ${most.toLocaleString("en")} at most.`;
}

function show(name, message = "") {
  const texts = sync.conflictOf(name);
  if (!texts) return;
  const all = sync.state().conflicts;
  shown = { name, ...texts };
  const count = all.length > 1 ? ` (${all.length} to decide)` : "";
  part("what").textContent = `Your ${described(name)} changed in this browser and in another one${count}. Choose what is kept; the other browsers get it too.`;
  part("mine").value = texts.mine;
  part("other").value = texts.other;
  const reason = tooLong(name, texts);
  part("keep-both").disabled = reason !== "";
  part("message").textContent = [message, reason && `Both cannot be kept. ${reason}`].filter(Boolean).join(" ");
  if (!dialog.open) dialog.showModal();
  // On no button: whoever is typing must not decide by accident.
  part("title").focus();
}

// By itself, at the next pause, and not on top of another dialog.
function offer() {
  clearTimeout(waiting);
  const next = sync.state().conflicts.find((name) => !putOff.has(name));
  if (!next || dialog.open) return;
  const rest = typedAt + PAUSE - performance.now();
  if (rest > 0 || document.querySelector("dialog[open]")) waiting = setTimeout(offer, Math.max(rest, PAUSE / 4));
  else show(next);
}

/** Opens the choice, even if it was put off. */
export function ask() {
  putOff = new Set();
  const [name] = sync.state().conflicts;
  if (name) show(name);
}

function decide(value) {
  const { name } = shown;
  if (!sync.decide(name, value, shown)) {
    if (sync.conflictOf(name)) show(name, "It has changed in the meantime: look again.");
    else dialog.close();
    return;
  }
  const next = sync.state().conflicts.find((other) => !putOff.has(other));
  if (next) show(next);
  else dialog.close();
}

export function begin() {
  part("keep-mine").addEventListener("click", () => decide(shown.mine));
  part("keep-other").addEventListener("click", () => decide(shown.other));
  part("keep-both").addEventListener("click", () => decide(joined(shown)));
  part("later").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { putOff = new Set(sync.state().conflicts); });
  sync.watch(({ conflicts }) => {
    if (dialog.open) {
      const now = sync.conflictOf(shown.name);
      if (!now) {
        const [next] = conflicts;
        if (next) show(next);
        else dialog.close();
      } else if (now.version !== shown.version || now.mine !== shown.mine) {
        show(shown.name, "It has changed in the meantime: look again.");
      }
      return;
    }
    const next = conflicts.find((name) => !putOff.has(name));
    if (next && !document.hidden) offer();
  });
  document.addEventListener("input", () => { typedAt = performance.now(); }, true);
}

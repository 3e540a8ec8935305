// Private notes: kept as typed, counted as people count, with a clear stop at the limit.

import { showPlace } from "./place.js";
import * as store from "./store.js";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Characters as people count them: an emoji with its skin tone is one. */
export function characters(text) {
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

const field = document.getElementById("notes");
if (field) begin();

function begin() {
  const limit = Number(field.dataset.limit);
  const count = document.getElementById("notes-count");
  const state = document.getElementById("notes-state");
  const message = document.getElementById("notes-message");
  const name = store.own("notes");
  let composing = false;

  const show = () => {
    const length = characters(field.value).length;
    const [is, most] = [length, limit].map((number) => number.toLocaleString("en"));
    count.textContent = `${is} of ${most} characters`;
    count.classList.toggle("full", length >= limit);
    return length;
  };

  // Takes out, right before the caret, what is more than the limit: that is what was just typed
  // or pasted.
  const stop = () => {
    const excess = characters(field.value).length - limit;
    if (excess <= 0) {
      message.textContent = "";
      return;
    }
    const caret = field.selectionEnd;
    const before = characters(field.value.slice(0, caret));
    const kept = before.slice(0, Math.max(0, before.length - excess)).join("");
    let rest = field.value.slice(caret);
    const over = excess - before.length;
    if (over > 0) rest = characters(rest).slice(0, -over).join("");
    field.value = kept + rest;
    field.setSelectionRange(kept.length, kept.length);
    const lost = excess === 1 ? "one character was" : `${excess.toLocaleString("en")} characters were`;
    message.textContent = `The limit of ${limit.toLocaleString("en")} characters is reached: ${lost} not taken.`;
  };

  const changed = () => {
    // Kept as it is being composed, so that nothing from elsewhere is put in its place.
    if (composing) {
      store.set(name, field.value);
      return;
    }
    stop();
    show();
    state.textContent = store.set(name, field.value) ? "Kept" : (store.trouble() ?? "");
    if (store.trouble()) showPlace();
  };

  field.value = store.get(name, "");
  show();
  if (store.trouble()) {
    message.textContent = store.trouble();
    showPlace();
  }
  field.addEventListener("compositionstart", () => { composing = true; });
  field.addEventListener("compositionend", () => { composing = false; changed(); });
  field.addEventListener("input", changed);
  store.onChange((changedName, value, origin) => {
    if (changedName !== name || origin === "here") return;
    if (field.value === (value ?? "")) return;
    const caret = field.selectionStart;
    field.value = value ?? "";
    field.setSelectionRange(caret, caret);
    show();
    if (value === null) state.textContent = "";
    else state.textContent = origin === "elsewhere" ? "Changed in another tab" : "Synchronised";
  });

  document.getElementById("notes-export").addEventListener("click", () => {
    const notes = Object.fromEntries(
      store.names().filter((key) => key.endsWith("/notes")).map((key) => [key.slice(0, -"/notes".length), store.get(key, "")]),
    );
    const file = new Blob([`${JSON.stringify({ format: "fisherinfo notes", version: 1, notes }, null, 2)}\n`], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "fisherinfo-notes.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    message.textContent = `The notes of ${count_of(Object.keys(notes).length, "notebook")} were exported.`;
  });

  const file = document.getElementById("notes-file");
  document.getElementById("notes-import").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    file.value = "";
    if (chosen) message.textContent = await imported(chosen, limit).catch((error) => error.message);
    field.value = store.get(name, "");
    show();
  });
}

const count_of = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

// Nothing is taken unless all of it can be.
async function imported(file, limit) {
  const largest = 4_000_000;
  if (file.size > largest) throw new Error("This file is too large to be notes; nothing was imported.");
  let read;
  try {
    read = JSON.parse(await file.text());
  } catch {
    throw new Error("This file is no JSON; choose one that «Export» wrote. Nothing was imported.");
  }
  if (read?.format !== "fisherinfo notes" || typeof read.notes !== "object" || read.notes === null) {
    throw new Error("This file has no notes of this page; choose one that «Export» wrote. Nothing was imported.");
  }
  if (!(read.version <= 1)) throw new Error("This file was written by a newer version; nothing was imported.");
  const entries = Object.entries(read.notes);
  for (const [notebook, text] of entries) {
    if (typeof text !== "string") throw new Error(`The notes of «${notebook}» are no text; nothing was imported.`);
    if (characters(text).length > limit) throw new Error(`The notes of «${notebook}» are longer than the limit; nothing was imported.`);
  }
  let joined = 0;
  for (const [notebook, text] of entries) {
    const name = `${notebook}/notes`;
    const own = store.get(name, "");
    if (own === text || text === "") continue;
    // What is here is not thrown away: the imported text follows it if both fit.
    const both = own === "" ? text : `${own}\n\n${text}`;
    if (own !== "" && characters(both).length > limit) {
      throw new Error(`The notes of «${notebook}» here and in the file are too long together; shorten one of them. ${count_of(joined, "notebook")} imported.`);
    }
    store.set(name, both, Date.now(), "import");
    joined += 1;
  }
  return joined === 0 ? "Nothing new in this file." : `Imported the notes of ${count_of(joined, "notebook")}.`;
}

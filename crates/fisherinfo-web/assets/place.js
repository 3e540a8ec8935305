// The sentence on where the notes are. It is true at every moment.

import * as store from "./store.js";

const place = document.getElementById("notes-place");
const here = place?.textContent;

/** Says where the notes of this page are, given what sync says; without it they are here only. */
export function showPlace(sync = null) {
  if (place) place.textContent = sentence(sync);
}

function sentence(sync) {
  if (store.trouble()) return "What is written here last is not kept: this browser keeps nothing more for this page.";
  if (!sync?.account) return here;
  if (sync.kind === "unknown") return "These notes are kept in this browser only: this server does not know your account any more.";
  const name = store.own("notes");
  if (sync.conflicts.includes(name)) return "These notes are kept in this browser. The account has another version of them, and you have not decided between the two yet.";
  if (!sync.pending.includes(name)) {
    return "These notes are kept in this browser and, encrypted, on this server, which cannot read them.";
  }
  return "These notes are kept in this browser. Their last change is not on this server yet; it goes there encrypted, and the server cannot read it.";
}

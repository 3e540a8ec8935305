// The account: the button in the bar and its dialog.

import * as conflict from "./conflict.js";
import * as keys from "./crypto.js";
import { showPlace } from "./place.js";
import * as sync from "./sync.js";

const dialog = document.getElementById("account-dialog");
const part = (name) => document.getElementById(`account-${name}`);
const status = part("status");

// A key that was made and not yet kept: only here, and only while it is shown.
let fresh = null;
let address = null;
let busy = false;

function view() {
  if (!keys.available()) return "insecure";
  if (sync.state().account) return "in";
  return fresh ? "key" : "out";
}

const count_of = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function said({ kind, message, pending, conflicts }) {
  if (conflicts.length > 0) return `${count_of(conflicts.length, "text")} changed in two places: decide which is kept.`;
  if (message) return message;
  if (kind === "synced" && pending.length === 0) return "Everything is on the server, encrypted.";
  if (kind === "out") return "";
  return `${count_of(pending.length, "change")} on the way to the server …`;
}

function show() {
  const state = sync.state();
  const now = view();
  for (const section of dialog.querySelectorAll("[data-account]")) section.hidden = section.dataset.account !== now;
  part("decide").hidden = state.conflicts.length === 0;
  part("name").textContent = state.account ? `Account ${state.account.slice(0, 8)}` : "";
  const button = document.getElementById("account");
  button.textContent = state.conflicts.length > 0 ? `Account (${state.conflicts.length} to decide)` : "Account";
  button.dataset.sync = state.kind;
  if (!busy && now !== "key") say(said(state) || status.dataset.last || "");
  showPlace(state);
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

// What was done last, shown until something else is.
function last(text) {
  status.dataset.last = text;
  say(text);
}

/** Does `work` while the buttons wait; what goes wrong is said in `place`. */
async function doing(text, work, place = status) {
  if (busy) return;
  busy = true;
  place.textContent = text;
  dialog.setAttribute("aria-busy", "true");
  let failed = null;
  try {
    await work();
  } catch (error) {
    failed = error.message || "This browser refused to do it.";
  }
  busy = false;
  dialog.removeAttribute("aria-busy");
  if (place !== status) place.textContent = "";
  show();
  if (failed !== null) place.textContent = failed;
}

function save(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function discard() {
  fresh?.fill(0);
  fresh = null;
  part("new-key").textContent = "";
  if (address) URL.revokeObjectURL(address);
  address = null;
}

async function offer() {
  fresh = keys.newKey();
  const text = await keys.written(fresh);
  part("new-key").textContent = text;
  const file = `Sync key of the Fisher information workbook at ${location.origin}\nWhoever has it can read and change what is kept with it.\n\n${text}\n`;
  address = URL.createObjectURL(new Blob([file], { type: "text/plain" }));
  part("save").href = address;
  last("");
  show();
  part("title").focus();
}

async function copy() {
  try {
    await navigator.clipboard.writeText(part("new-key").textContent);
    say("Copied. Whatever reads the clipboard can read it: paste it where you keep it.");
  } catch {
    getSelection().selectAllChildren(part("new-key"));
    say("This browser does not let pages copy; the key is selected: copy it with the keyboard.");
  }
}

function start() {
  doing("The account is being made …", async () => {
    await sync.create(fresh);
    discard();
    last("");
    part("title").focus();
  });
}

function join(event) {
  event.preventDefault();
  const field = part("key");
  doing("Signing in …", async () => {
    try {
      const key = await keys.read(field.value);
      await sync.join(key);
      key.fill(0);
    } catch (error) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      throw error;
    }
    field.value = "";
    field.removeAttribute("aria-invalid");
    last("");
    part("title").focus();
  }, part("key-message"));
}

// Pressed once more although something has not reached the server.
let sure = false;

function leave(event) {
  event.preventDefault();
  const removing = part("leave").elements.keep.value === "remove";
  doing("Signing out …", async () => {
    if (removing && !sure) {
      const { pending } = await sync.now();
      if (pending.length > 0) {
        sure = true;
        throw new Error(`${count_of(pending.length, "change")} could not be sent to the server and would be lost. Press «Sign out» once more to remove what is here all the same.`);
      }
    }
    sure = false;
    await sync.leave(removing);
    last(removing ? "Signed out. What you typed was removed from this browser." : "Signed out. What you typed stays in this browser.");
    part("title").focus();
  });
}

function remove(event) {
  event.preventDefault();
  const field = part("delete-word");
  doing("Deleting …", async () => {
    if (field.value.trim().toLowerCase() !== "delete") {
      field.focus();
      throw new Error("Type the word delete first; nothing was deleted.");
    }
    await sync.remove();
    field.value = "";
    last("The account was deleted from this server. What you typed stays in this browser.");
    part("title").focus();
  }, part("delete-message"));
}

function takeOut() {
  doing("Exporting …", async () => {
    const all = await sync.everything();
    save("fisherinfo-account.json", `${JSON.stringify(all, null, 2)}\n`, "application/json");
  });
}

function begin() {
  document.getElementById("account").addEventListener("click", () => {
    show();
    dialog.showModal();
    part("title").focus();
  });
  part("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    if (!busy) discard();
    sure = false;
    delete status.dataset.last;
    part("key").value = "";
    part("key-message").textContent = "";
    show();
  });
  part("create").addEventListener("click", offer);
  part("copy").addEventListener("click", copy);
  part("kept").addEventListener("click", start);
  part("discard").addEventListener("click", () => { discard(); show(); part("title").focus(); });
  part("join").addEventListener("submit", join);
  part("key").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    part("join").requestSubmit();
  });
  part("now").addEventListener("click", () => doing("Synchronising …", sync.now));
  part("decide").addEventListener("click", () => { dialog.close(); conflict.ask(); });
  part("export").addEventListener("click", takeOut);
  part("leave").addEventListener("submit", leave);
  part("delete").addEventListener("submit", remove);
  sync.watch(show);
  conflict.begin();
  sync.begin();
  document.getElementById("account").dataset.ready = "yes";
}

begin();

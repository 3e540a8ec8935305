// «Your solution»: drafts kept as typed, typeset while they are typed, graded when asked.

import * as progress from "./progress.js";
import * as server from "./server.js";
import * as store from "./store.js";

const draft = (answer) => store.own(`answer/${answer}`);

const fieldOf = (form) => form.querySelector("textarea");

/** What stands in a form: text, the number of a statement, or nothing. */
function given(form) {
  const field = fieldOf(form);
  if (field) return field.value;
  return form.querySelector("input:checked")?.value ?? "";
}

function fill(form, text) {
  const field = fieldOf(form);
  if (field) {
    field.value = text;
    fit(field);
    echo(form);
    return;
  }
  for (const option of form.querySelectorAll("input")) option.checked = option.value === text;
}

// As many lines as there are.
function fit(field) {
  field.rows = Math.min(20, Math.max(1, field.value.split("\n").length));
}

const echoes = new WeakMap();

function echo(form) {
  let ask = echoes.get(form);
  if (!ask) {
    ask = server.latest(async () => {
      const place = form.querySelector(".echo");
      const text = given(form);
      if (text.trim() === "") {
        place.replaceChildren();
        place.classList.remove("error");
        return;
      }
      try {
        const answer = await server.post("/api/echo", { text });
        place.classList.toggle("error", Boolean(answer.error));
        if (answer.error) place.textContent = answer.error;
        else place.innerHTML = answer.mathml;
      } catch (error) {
        place.classList.add("error");
        place.textContent = error.message;
      }
    });
    echoes.set(form, ask);
  }
  ask();
}

/** Shows a verdict in its place. */
export function showVerdict(answer, verdict) {
  const place = document.getElementById(`verdict-${answer}`);
  place.dataset.verdict = verdict.verdict;
  place.innerHTML = verdict.message;
  progress.judged(answer, verdict.right);
}

function say(answer, text) {
  const place = document.getElementById(`verdict-${answer}`);
  place.dataset.verdict = "";
  place.textContent = text;
}

async function check(form) {
  const answer = form.dataset.answer;
  const text = given(form);
  if (text.trim() === "") {
    say(answer, fieldOf(form) ? "Type an answer first." : "Choose a statement first.");
    return;
  }
  say(answer, "Checking …");
  try {
    showVerdict(answer, await server.post("/api/check", { answer, text }));
  } catch (error) {
    say(answer, error.message);
  }
}

/** The answers given to the questions of an exercise, by name. */
export function givenTo(number) {
  const forms = document.querySelectorAll(`[data-exercise="${number}"] [data-answer]`);
  return Object.fromEntries(
    Array.from(forms, (form) => [form.dataset.answer, given(form)]).filter(([, text]) => text.trim() !== ""),
  );
}

export function begin() {
  for (const form of document.querySelectorAll("form[data-answer]")) {
    const answer = form.dataset.answer;
    const text = store.get(draft(answer), "");
    if (text) fill(form, text);
    form.addEventListener("input", () => {
      const kept = store.set(draft(answer), given(form));
      say(answer, kept ? "" : (store.trouble() ?? ""));
      if (fieldOf(form)) {
        fit(fieldOf(form));
        echo(form);
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      check(form);
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      fill(form, "");
      store.set(draft(answer), "");
      say(answer, "Reset.");
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        check(form);
      }
    });
  }
  store.onChange((name, value, origin) => {
    if (origin === "here" || !name.startsWith(draft(""))) return;
    const form = document.querySelector(`form[data-answer="${CSS.escape(name.slice(draft("").length))}"]`);
    if (form && given(form) !== (value ?? "")) fill(form, value ?? "");
  });
  hints();
}

// One at a time: a hint can be opened when the one before it has been.
function hints() {
  for (const group of document.querySelectorAll("[data-hints]")) {
    const number = group.dataset.hints;
    const name = store.own(`hints/${number}`);
    const all = Array.from(group.querySelectorAll("[data-hint]"));
    const show = () => {
      const opened = store.get(name, 0);
      all.forEach((hint, index) => { hint.hidden = index > opened; });
    };
    all.forEach((hint, index) => {
      hint.addEventListener("toggle", () => {
        if (hint.open && store.get(name, 0) < index + 1) store.set(name, index + 1);
        show();
      });
    });
    store.onChange((changed) => { if (changed === name) show(); });
    show();
  }
}

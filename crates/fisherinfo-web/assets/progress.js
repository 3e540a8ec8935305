// Which exercises were seen, tried and solved; shown in the contents, and kept.

import * as store from "./store.js";

const WORDS = { seen: "seen", tried: "tried", solved: "✓ solved" };

const answersOf = (number) =>
  Array.from(document.querySelectorAll(`[data-exercise="${number}"] [data-answer]`), (form) => form.dataset.answer);

const name = (number) => store.own(`progress/${number}`);

function read(number) {
  const kept = store.get(name(number), {});
  return { seen: Boolean(kept?.seen), tried: Boolean(kept?.tried), right: Array.isArray(kept?.right) ? kept.right : [] };
}

function stateOf(number) {
  const kept = read(number);
  const answers = answersOf(number);
  if (answers.length > 0 && answers.every((answer) => kept.right.includes(answer))) return "solved";
  if (kept.tried) return "tried";
  return kept.seen ? "seen" : "";
}

export function show() {
  const marks = Array.from(document.querySelectorAll("[data-state-of]"));
  const counts = { seen: 0, tried: 0, solved: 0 };
  for (const mark of marks) {
    const state = stateOf(mark.dataset.stateOf);
    mark.dataset.state = state;
    mark.textContent = WORDS[state] ?? "";
    if (state) counts[state] += 1;
  }
  const summary = document.getElementById("progress-summary");
  if (summary) summary.textContent = `${counts.solved} of ${marks.length} solved, ${counts.tried} tried, ${counts.seen} only seen`;
}

export function seen(number) {
  const kept = read(number);
  if (!kept.seen) store.set(name(number), { ...kept, seen: true });
}

/** Takes note of a verdict on an answer. */
export function judged(answer, right) {
  const number = answer.match(/^\d+/)[0];
  const kept = read(number);
  const others = kept.right.filter((other) => other !== answer);
  store.set(name(number), { seen: true, tried: true, right: right ? [...others, answer].sort() : others });
}

export function begin() {
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) seen(entry.target.dataset.exercise);
  }, { rootMargin: "0px 0px -40% 0px" });
  for (const exercise of document.querySelectorAll("[data-exercise]")) watcher.observe(exercise);
  store.onChange((changed) => {
    if (changed.startsWith(store.own("progress/"))) show();
  });
  show();
}

// Runs: cell by cell as they happen, with a button that stops them.

import { givenTo, showVerdict } from "./answers.js";
import { inputsOf } from "./figures.js";
import * as server from "./server.js";

const status = () => document.getElementById("run-status");
const bar = () => document.getElementById("run-progress");
let running = null;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const resultsOf = (number) => document.querySelector(`[data-results="${number}"]`);

// What a cell shows, in the order in which it comes.
const shows = {
  waiting({ exercise }) {
    resultsOf(exercise).replaceChildren(element("p", "Running …", "small"));
  },
  started({ exercise }) {
    resultsOf(exercise).replaceChildren(element("dl"), element("ul"));
  },
  figure_of_merit({ exercise, name, shown, meaning }) {
    const list = resultsOf(exercise).querySelector("dl");
    const value = element("dd", shown);
    const what = element("div", "", "small");
    what.innerHTML = meaning;
    value.append(what);
    list.append(element("dt", name), value);
  },
  check({ exercise, name, passed, detail }) {
    const line = element("li");
    line.append(element("span", passed ? "PASS" : "FAIL", `word ${passed ? "pass" : "fail"}`), name);
    if (!passed) line.append(element("div", detail, "small"));
    resultsOf(exercise).querySelector("ul").append(line);
  },
  broken({ exercise, error }) {
    const line = element("li");
    line.append(element("span", "FAIL", "word fail"), `no result: ${error}`);
    resultsOf(exercise).querySelector("ul").append(line);
  },
  answer(verdict) {
    showVerdict(verdict.answer, verdict);
  },
  finished() {
    bar().value += 1;
    status().textContent = `${bar().value} of ${bar().max} exercises run …`;
  },
};

function summary({ passed, failed, exercises, right, answers, stopped, seconds }) {
  const head = stopped ? `Stopped after ${exercises} of ${bar().max} exercises: ` : "";
  const given = answers > 0 ? `; ${right} of ${answers} given answers right` : "";
  const time = seconds < 0.1 ? "" : ` in ${seconds.toFixed(1)} s`;
  return `${head}${passed} passed, ${failed} failed${given}${time}.`;
}

function busy(now) {
  for (const button of document.querySelectorAll("[data-run], #run-all")) button.disabled = now;
  document.getElementById("run-stop").hidden = !now;
  bar().hidden = !now;
}

async function run(numbers) {
  if (running) return;
  running = { number: null, stopped: false };
  busy(true);
  bar().max = numbers.length;
  bar().value = 0;
  status().textContent = "Running …";
  const shown = new Set();
  let ended = false;
  const exercises = numbers.map((number) => ({ number, inputs: inputsOf(number), answers: givenTo(number) }));
  try {
    await server.stream("/api/runs", { exercises }, (event) => {
      if (event.event === "run") {
        running.number = event.run;
        if (running.stopped) stop();
      } else if (event.event === "summary") {
        ended = true;
        status().textContent = summary(event);
      } else {
        shown.add(event.exercise);
        shows[event.event]?.(event);
      }
    });
    if (!ended) throw new server.Refused("The run broke off. What you typed is kept; press «Run» to start again.");
  } catch (error) {
    status().textContent = error.message;
  } finally {
    for (const number of shown) {
      const place = resultsOf(number);
      if (!place.querySelector("dl")) place.replaceChildren(element("p", "Not run to its end.", "small"));
    }
    busy(false);
    running = null;
  }
}

async function stop() {
  if (!running) return;
  running.stopped = true;
  if (running.number === null) return;
  try {
    await server.post(`/api/runs/${running.number}/stop`);
  } catch { /* it has ended by itself, or the stream says what is wrong */ }
}

export function begin() {
  const all = Array.from(document.querySelectorAll("[data-run]"), (button) => Number(button.dataset.run));
  document.getElementById("run-all").addEventListener("click", () => run(all));
  document.getElementById("run-stop").addEventListener("click", stop);
  for (const button of document.querySelectorAll("[data-run]")) {
    button.addEventListener("click", () => run([Number(button.dataset.run)]));
  }
}

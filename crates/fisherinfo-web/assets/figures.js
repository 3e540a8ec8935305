// Inputs and figures: a slider asks the server for the figures of the moment, the newest request
// wins, and no formula is written a second time here.

import * as server from "./server.js";
import * as store from "./store.js";

const fieldsOf = (number) => Array.from(document.querySelectorAll(`[data-inputs="${number}"] input[type="number"]`));
const sliderOf = (field) => document.querySelector(`[data-slider-of="${field.id}"]`);

/** The inputs of an exercise that are not at their defaults. */
export function inputsOf(number) {
  return Object.fromEntries(
    fieldsOf(number)
      .filter((field) => field.value !== "" && Number(field.value) !== Number(field.dataset.default))
      .map((field) => [field.name, Number(field.value)]),
  );
}

function setField(field, value) {
  field.value = String(value);
  sliderOf(field).value = String(value);
}

function say(number, message) {
  const place = document.querySelector(`[data-inputs-error="${number}"]`);
  place.hidden = message === "";
  place.textContent = message;
}

// A narrow place gets figures drawn for it, whose letters are as large as elsewhere.
const USUAL = 640;
const widthOf = (place) => {
  const room = place.clientWidth;
  return room > 0 && room < 600 ? Math.round(room / 20) * 20 : USUAL;
};
const drawnFor = new WeakMap();

function refit(place) {
  if (widthOf(place) !== (drawnFor.get(place) ?? USUAL)) ask(place.dataset.figures, null, false);
}

const asks = new Map();

function ask(number, drag = null, keep = true) {
  if (!asks.has(number)) asks.set(number, server.latest((newest) => redraw(number, newest)));
  asks.get(number)({ drag, keep });
}

async function redraw(number, { drag, keep }) {
  const query = new URLSearchParams(inputsOf(number));
  if (drag) for (const [name, value] of Object.entries(drag)) query.set(name, value);
  const place = document.querySelector(`[data-figures="${number}"]`);
  const width = widthOf(place);
  if (width !== USUAL) query.set("width", width);
  try {
    const answer = await server.get(`/figures/${number}?${query}`);
    drawnFor.set(place, width);
    replace(place, answer.figures);
    say(number, "");
    if (drag) for (const field of fieldsOf(number)) setField(field, answer.inputs[field.name]);
    // Inputs that come from elsewhere are kept there: two pages must not answer each other.
    if (keep) store.set(store.own(`inputs/${number}`), inputsOf(number));
  } catch (error) {
    say(number, error.message);
  }
}

// New figures in the place of the old, with what was open left open and the focus where it was.
function replace(place, markup) {
  const open = Array.from(place.querySelectorAll("figure:has(details[open])"), (figure) => figure.id);
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const handle = focused?.dataset?.handle;
  const link = focused?.getAttribute?.("href");
  const figure = focused?.closest?.("figure")?.id;
  place.innerHTML = markup;
  for (const id of open) {
    const details = document.getElementById(id)?.querySelector("details");
    if (details) details.open = true;
  }
  if (handle) place.querySelector(`[data-handle="${handle}"]`)?.focus({ preventScroll: true });
  else if (link && figure) document.getElementById(figure)?.querySelector("figcaption a")?.focus({ preventScroll: true });
}

// The numbers of the axes under a point of the screen.
function scale(svg) {
  const panel = svg.querySelector(".panel").dataset;
  const [left, right, top, bottom] = [panel.panelLeft, panel.panelRight, panel.panelTop, panel.panelBottom].map(Number);
  const [x0, x1, y0, y1] = [panel.xMin, panel.xMax, panel.yMin, panel.yMax].map(Number);
  return {
    toData: ([u, v]) => [x0 + ((u - left) / (right - left)) * (x1 - x0), y0 + ((bottom - v) / (bottom - top)) * (y1 - y0)],
  };
}

function dragging(number, handle, event) {
  const svg = handle.ownerSVGElement;
  const { toData } = scale(svg);
  // The figure is drawn anew while the pointer moves; its place and axes stay.
  const toPicture = svg.getScreenCTM().inverse();
  const name = handle.dataset.handle;
  event.preventDefault();
  handle.focus({ preventScroll: true });
  const move = (moved) => {
    const at = new DOMPoint(moved.clientX, moved.clientY).matrixTransform(toPicture);
    const [x, y] = toData([at.x, at.y]);
    ask(number, { drag: name, x, y });
  };
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function nudged(number, handle, event) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const size = event.shiftKey ? 0.25 : 0.05;
  const { toData } = scale(handle.ownerSVGElement);
  const box = handle.getBBox();
  const [x, y] = toData([box.x + box.width / 2, box.y + box.height / 2]);
  ask(number, { drag: handle.dataset.handle, x: x + size * step[0], y: y + size * step[1] });
}

export function begin() {
  for (const group of document.querySelectorAll("[data-inputs]")) {
    const number = group.dataset.inputs;
    const kept = store.get(store.own(`inputs/${number}`), {});
    let changed = false;
    for (const field of fieldsOf(number)) {
      const value = kept?.[field.name];
      if (Number.isFinite(value)) {
        setField(field, value);
        changed = true;
      }
      field.addEventListener("input", () => {
        if (field.value === "") return;
        // On the way to 0.2 stands 0.
        if (!field.checkValidity()) {
          say(number, `${field.name} is ${field.title}.`);
          return;
        }
        sliderOf(field).value = field.value;
        ask(number);
      });
      sliderOf(field).addEventListener("input", () => {
        field.value = sliderOf(field).value;
        ask(number);
      });
    }
    if (changed) ask(number, null, false);
    store.onChange((name, value, origin) => {
      if (origin === "here" || name !== store.own(`inputs/${number}`)) return;
      for (const field of fieldsOf(number)) setField(field, value?.[field.name] ?? field.dataset.default);
      ask(number, null, false);
    });
  }
  for (const button of document.querySelectorAll("[data-inputs-reset]")) {
    button.addEventListener("click", () => {
      const number = button.dataset.inputsReset;
      for (const field of fieldsOf(number)) setField(field, field.dataset.default);
      ask(number);
    });
  }
  const places = document.querySelectorAll("[data-figures]");
  const near = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
      if (isIntersecting) refit(target);
    }
  }, { rootMargin: "300px" });
  for (const place of places) watcher.observe(place);
  window.addEventListener("resize", () => near.forEach(refit));
  for (const place of places) {
    const number = place.dataset.figures;
    place.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest?.("[data-handle]");
      if (handle) dragging(number, handle, event);
    });
    place.addEventListener("keydown", (event) => {
      const handle = event.target.closest?.("[data-handle]");
      if (handle) nudged(number, handle, event);
    });
  }
}

// What every page with notes has.

import "./notes.js";

// On a small screen the contents would stand in the way of the text.
const contents = document.getElementById("contents-panel");
if (contents && window.matchMedia("(max-width: 64rem)").matches) contents.open = false;

// A formula wider than its column scrolls, so the keyboard has to reach it.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
for (const formula of document.querySelectorAll('math[display="block"]')) widths.observe(formula);

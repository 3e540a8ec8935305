// What every page with notes has.

import "./notes.js";

// On a small screen the contents would stand in the way of the text.
const contents = document.getElementById("contents-panel");
if (contents && window.matchMedia("(max-width: 64rem)").matches) contents.open = false;

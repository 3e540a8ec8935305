// The page of a notebook for reading.

import "./frame.js";

document.body.dataset.ready = "yes";

// The page of the exercises.

import "./frame.js";
import * as answers from "./answers.js";
import * as figures from "./figures.js";
import * as progress from "./progress.js";
import * as run from "./run.js";

answers.begin();
figures.begin();
progress.begin();
run.begin();
document.body.dataset.ready = "yes";

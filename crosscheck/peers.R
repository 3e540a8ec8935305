# One regression by R's glm and the package sandwich, as lines «name<TAB>value …» with all digits.
#
# Arguments: the table, the formula, the family (an R expression), the offset's column or "",
# the column of clusters or "", the column of prior weights or "".
suppressPackageStartupMessages(library(sandwich))

arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(arguments[1], stringsAsFactors = TRUE)
family <- eval(parse(text = arguments[3]))
column <- function(name) if (name == "") NULL else table[[name]]
table$.offset <- if (arguments[4] == "") rep(0, nrow(table)) else column(arguments[4])
table$.weights <- if (arguments[6] == "") rep(1, nrow(table)) else column(arguments[6])

control <- glm.control(epsilon = 1e-14, maxit = 200)
fit <- if (is.character(family) && family == "negative binomial") {
  suppressPackageStartupMessages(library(MASS))
  glm.nb(as.formula(arguments[2]), data = table, control = control)
} else {
  from <- function(start) {
    glm(as.formula(arguments[2]), family = family, data = table, offset = .offset,
        weights = .weights, control = control, start = start)
  }
  # A deviance that stands still to 1e-14 leaves coefficients and weights seven digits.
  start <- NULL
  for (round in 1:6) start <- coef(from(start))
  from(start)
}

say <- function(name, values) {
  cat(name, sprintf("%.17g", as.numeric(values)), sep = "\t")
  cat("\n")
}
errors <- function(covariance) sqrt(diag(covariance))
say("coefficients", coef(fit))
say("expected", errors(vcov(fit)))
for (type in c("HC0", "HC1", "HC2", "HC3")) say(type, errors(vcovHC(fit, type = type)))
# Scores at the dispersion of the summary, which is Pearson's; estfun takes another.
scores <- model.matrix(fit) * residuals(fit, "working") * weights(fit, "working") / summary(fit)$dispersion
size <- sqrt(colSums(scores^2))
parts <- svd(sweep(scores, 2, size, "/"))
say("outer products", sqrt(rowSums(sweep(parts$v, 2, parts$d, "/")^2)) / size)
say("deviance", deviance(fit))
if (!is.null(fit$theta)) say("shape", fit$theta)
clusters <- column(arguments[5])
# G/(G − 1)·(n − 1)/(n − p): HC1 as the type, cadjust for the first factor.
if (!is.null(clusters)) say("cluster", errors(vcovCL(fit, cluster = clusters, type = "HC1", cadjust = TRUE)))

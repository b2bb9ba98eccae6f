# Writes casemix.json: what R says of expected events, of their ratio to the observed, and of control limits.
# Run: Rscript tests/reference/make_casemix.R tests/reference/casemix.json
# R's survival only; the control limits are written out from ppois() and dpois().

library(survival)

json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  if (is.character(x)) {
    text <- paste0('"', x, '"')
  } else {
    text <- trimws(ifelse(is.na(x), "null", formatC(as.numeric(x), digits = 17, format = "g")))
  }
  if (inherits(x, "one")) text else paste0("[", paste(text, collapse = ", "), "]")
}
one <- function(x) structure(unname(x), class = "one")

# Expected events of each subject by two roads, and by center.
case <- function(entry, day, event, x, center, strata = NULL) {
  y <- if (any(entry > 0)) Surv(ifelse(entry > 0, entry, -1), day, event) else Surv(day, event)
  frame <- data.frame(x, check.names = FALSE)
  terms <- if (is.null(strata)) "." else ". - s + strata(s)"
  if (!is.null(strata)) frame$s <- strata
  fit <- coxph(as.formula(paste("y ~", terms)), frame, ties = "efron",
               control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60))
  expected <- predict(fit, type = "expected")
  stopifnot(max(abs(expected - (event - residuals(fit, "martingale")))) < 1e-9)
  observed <- tapply(event, center, sum)
  sums <- tapply(expected, center, sum)
  limits <- mapply(function(o, e) poisson.test(o, e)$conf.int, observed, sums)
  said <- list(coef = unname(coef(fit)), expected = unname(expected), center = names(observed),
               observed = as.vector(observed), sums = as.vector(sums),
               ci_low = limits[1, ], ci_high = limits[2, ])
  list(entry = entry, day = day, event = event, x = as.list(x), centers = as.character(center),
       strata = if (is.null(strata)) NULL else as.character(strata), said = said)
}

# Days of the events of lung in weeks: many ties. A sequence without random numbers divides them into entries.
whole <- na.omit(lung[c("inst", "time", "status", "age", "sex", "ph.ecog")])
factors <- data.frame(age = whole$age, female = whole$sex - 1, ecog = whole$ph.ecog)
weeks <- ceiling(whole$time / 7)
late <- ifelse(seq_len(nrow(whole)) %% 3 == 0, pmin(weeks - 1, seq_len(nrow(whole)) %% 11), 0)
died <- as.numeric(whole$status == 2)
cases <- list(
  lung = case(0 * whole$time, whole$time, died, factors, whole$inst),
  ties = case(0 * weeks, weeks, died, factors, whole$inst),
  late = case(late, weeks, died, factors, whole$inst),
  strata = case(0 * weeks, weeks, died, factors[c("age", "ecog")], whole$inst, strata = whole$sex),
  late_strata = case(late, weeks, died, factors[c("age", "ecog")], whole$inst, strata = whole$sex)
)

# Ratios of any size.
pairs <- list(c(0, 0.4), c(0, 12), c(1, 1), c(3, 9.5), c(17, 17.2), c(250, 201), c(4000, 4321.5))
ratios <- lapply(pairs, function(p) {
  limits <- poisson.test(p[1], p[2])$conf.int
  list(observed = one(p[1]), expected = one(p[2]), ci_low = one(limits[1]), ci_high = one(limits[2]))
})

# Control limits about 1, interpolated between counts (Spiegelhalter 2005), the same on both sides.
control <- function(expected, tail) {
  low <- qpois(tail, expected)
  lower <- pmax(low - (ppois(low, expected) - tail) / dpois(low, expected), 0) / expected
  above <- function(count) ppois(count - 1, expected, lower.tail = FALSE)
  high <- qpois(tail, expected, lower.tail = FALSE)
  upper <- (high + (above(high) - tail) / dpois(high, expected)) / expected
  list(expected = expected, tail = one(tail), lower = lower, upper = upper)
}
volumes <- c(0.05, 0.4, 1, 1.7, 3.69, 5, 8.3, 20, 77.7, 500)
limits <- lapply(c(0.025, 0.001), function(tail) control(volumes, tail))

said <- list(r = one(R.version.string), survival = one(as.character(packageVersion("survival"))),
             cases = cases, ratios = ratios, limits = limits)
writeLines(json(said), commandArgs(trailingOnly = TRUE)[1])

# Writes audit.json: counts, and what R says of their rates, limits and charts.
# Run: Rscript tests/reference/make_audit.R tests/reference/audit.json
# Base R only. The sandwich of the cluster-robust limits is written out from the scores and the bread of glm().

# --- JSON ------------------------------------------------------------------------------------------------------
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  text <- trimws(ifelse(is.na(x), "null", formatC(x, digits = 17, format = "g")))
  if (inherits(x, "one")) text else paste0("[", paste(text, collapse = ", "), "]")
}
one <- function(x) structure(unname(x), class = "one")

# A sequence that is the same everywhere, so that the made-up units need no random numbers.
pseudo <- function(n, modulus, seed) {
  x <- Reduce(function(x, k) (16807 * x) %% 2147483647, seq_len(n), seed, accumulate = TRUE)[-1]
  x %/% 1000 %% modulus
}

# --- Wilson ----------------------------------------------------------------------------------------------------
wilson <- function(met, cases) {
  # prop.test() warns where the chi-square test of small counts is rough; its limits are Wilson's all the same.
  limits <- suppressWarnings(prop.test(met, cases, correct = FALSE))$conf.int
  list(cases = one(cases), met = one(met), ci_low = one(limits[1]), ci_high = one(limits[2]))
}
counts <- list(c(0, 1), c(1, 1), c(0, 7), c(7, 7), c(1, 2), c(3, 11), c(40, 52), c(96, 97), c(450, 1000), c(123456, 999999))

# --- cluster-robust limits on the logit scale --------------------------------------------------------------------
robust <- function(met, cluster) {
  fit <- glm(met ~ 1, family = binomial, control = glm.control(epsilon = 1e-15, maxit = 100))
  scores <- rowsum(met - fitted(fit), cluster)
  g <- length(scores)
  # summary() keeps the weights of the iteration before the last one: too few digits.
  p <- fitted(fit)
  bread <- solve(crossprod(model.matrix(fit) * sqrt(p * (1 - p))))
  se <- sqrt(drop(bread %*% crossprod(scores) %*% bread) * g / (g - 1))
  limits <- plogis(coef(fit) + c(-1, 1) * qnorm(0.975) * se)
  independent <- drop(bread)
  list(met = met, cluster = cluster, clusters = one(g), estimate = one(mean(met)),
       ci_low = one(limits[1]), ci_high = one(limits[2]), design_effect = one(se^2 / independent))
}
windows <- rep(seq_len(40), times = 1 + pseudo(40, 6, 11)) - 1
always_alike <- rep(0:9, each = 3)
clustered <- list(
  windows = robust(as.numeric(pseudo(length(windows), 7, 12) < 5), windows),
  alike = robust(as.numeric(always_alike %in% c(0, 1, 2, 5, 7, 8)), always_alike),
  alternating = robust(rep(c(1, 1, 0, 1, 0, 0, 1), 4)[seq_len(25)], rep(0:12, length.out = 25)),
  two_patients = robust(c(1, 1, 0, 1, 0, 0, 0), c(0, 0, 0, 0, 1, 1, 1)),
  one_repeated = robust(c(1, 1, 0, 1, 1), c(0, 1, 2, 3, 3)),
  rare = robust(as.numeric(seq_len(300) %in% c(7, 8, 200)), rep(0:99, each = 3))
)

# --- exact binomial control limits -------------------------------------------------------------------------------
lower <- function(n, average, tail) {
  r <- qbinom(tail, n, average)
  pmax((r - (pbinom(r, n, average) - tail) / dbinom(r, n, average)) / n, 0)
}
limits_at <- function(average) {
  n <- c(1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 610, 1597, 10946, 250000)
  list(average = one(average), cases = n,
       low_95 = lower(n, average, 0.025), high_95 = 1 - lower(n, 1 - average, 0.025),
       low_998 = lower(n, average, 0.001), high_998 = 1 - lower(n, 1 - average, 0.001))
}

# --- overdispersion ----------------------------------------------------------------------------------------------
dispersion <- function(cases, met) {
  average <- sum(met) / sum(cases)
  z <- (met / cases - average) / sqrt(average * (1 - average) / cases)
  ends <- quantile(z, c(0.1, 0.9))
  phi <- mean(pmin(pmax(z, ends[1]), ends[2])^2)
  # Pearson's test of a table of centers by adherent or not is the same sum of squares.
  test <- suppressWarnings(chisq.test(cbind(met, cases - met), correct = FALSE))
  list(cases = cases, met = met, phi = one(phi), z = z,
       statistic = one(test$statistic), df = one(test$parameter), p = one(test$p.value))
}
volumes <- 4 + pseudo(23, 180, 21)

# --- runs --------------------------------------------------------------------------------------------------------
runs <- function(rates) {
  middle <- median(rates)
  useful <- rates[rates != middle]
  lengths <- rle(useful > middle)$lengths
  list(rates = rates, median = one(middle), useful = one(length(useful)), longest_run = one(max(lengths)),
       longest_run_limit = one(round(log2(length(useful)) + 3)), crossings = one(length(lengths) - 1),
       crossings_limit = one(qbinom(0.05, length(useful) - 1, 0.5)))
}
process <- function(rates) {
  range <- mean(abs(diff(rates)))
  list(rates = rates, mean = one(mean(rates)), moving_range = one(range),
       low = one(max(mean(rates) - 2.66 * range, 0)), high = one(min(mean(rates) + 2.66 * range, 1)))
}
hundredths <- function(n, seed) pseudo(n, 101, seed) / 100

written <- list(
  wilson = lapply(counts, function(count) wilson(count[1], count[2])),
  clustered = clustered,
  limits = lapply(c(0.02, 0.31, 0.5, 0.777, 0.9, 0.985), limits_at),
  dispersion = list(
    scattered = dispersion(volumes, pmin(volumes, round(volumes * (55 + pseudo(23, 41, 22)) / 100))),
    alike = dispersion(c(10, 20, 40, 80), c(7, 14, 28, 56)),
    two = dispersion(c(30, 50), c(21, 44))
  ),
  runs = lapply(31:36, function(seed) runs(hundredths(11, seed))),
  long_runs = lapply(c(12, 24, 50), function(n) runs(hundredths(n, n))),
  process = lapply(41:43, function(seed) process(0.6 + hundredths(18, seed) / 5)),
  wide_process = process(hundredths(15, 44))
)
writeLines(json(written), commandArgs(trailingOnly = TRUE)[1])

# Writes cox.json: cohorts with covariates and what R's survival package says of Cox's model on them.
# Run: Rscript tests/reference/make_cox.R tests/reference/cox.json
# Base R and survival only. An entry of 0 means at risk from the origin, day 0 included: -1 for R's (entry, time].

suppressMessages(library(survival))

# --- JSON ------------------------------------------------------------------------------------------------------
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  if (is.character(x)) text <- paste0('"', x, '"')
  else text <- ifelse(is.na(x), "null", ifelse(is.infinite(x), "null", formatC(x, digits = 17, format = "g")))
  text <- trimws(text)
  if (inherits(x, "one")) text else paste0("[", paste(text, collapse = ", "), "]")
}
one <- function(x) structure(unname(x), class = "one")
rows <- function(m) lapply(seq_len(nrow(m)), function(i) unname(m[i, ]))

# --- what R says -----------------------------------------------------------------------------------------------
tight <- coxph.control(eps = 1e-13, iter.max = 60, toler.chol = 1e-14)

model <- function(case, control = tight, init = NULL) {
  y <- if (is.null(case$entry)) Surv(case$day, case$event)
       else Surv(ifelse(case$entry == 0, -1, case$entry), case$day, case$event)
  x <- do.call(cbind, case$x)
  by <- if (is.null(case$strata)) rep("all", length(case$day)) else case$strata
  own <- if (is.null(case$cluster)) seq_along(case$day) else case$cluster
  d <- data.frame(by = factor(by), own = own)
  d$y <- y
  d$x <- x
  # One term for each column, as the tests of proportional hazards go by term.
  for (name in names(case$x)) d[[name]] <- case$x[[name]]
  f <- as.formula(paste("y ~", paste(names(case$x), collapse = " + "), if (!is.null(case$strata)) "+ strata(by)"))
  # What is called later with this formula looks up its data where the formula comes from.
  environment(f) <- parent.frame()
  list(f = f, d = d, control = control)
}

zph <- function(fit, transform) {
  # With all events on one day there is nothing to test.
  t <- tryCatch(cox.zph(fit, transform = transform)$table, error = function(e) NULL)
  if (is.null(t)) return(NULL)
  list(factor = rownames(t), statistic = unname(t[, "chisq"]), df = unname(t[, "df"]), p = unname(t[, "p"]))
}

# Firth's penalty: Newton's steps on the score of l + log|I| / 2, whose second part is a central difference.
firth <- function(case) {
  m <- model(case)
  at <- function(b) {
    suppressWarnings(coxph(m$f, m$d, ties = "efron", init = b, control = coxph.control(iter.max = 0)))
  }
  half <- function(b) -0.5 * c(determinant(at(b)$var)$modulus)
  b <- rep(0, length(case$x))
  for (i in 1:200) {
    fit <- at(b)
    u <- colSums(as.matrix(residuals(fit, "score")))
    for (k in seq_along(b)) {
      e <- replace(0 * b, k, 1e-4)
      u[k] <- u[k] + (8 * (half(b + e) - half(b - e)) - (half(b + 2 * e) - half(b - 2 * e))) / (12 * 1e-4)
    }
    step <- c(fit$var %*% u)
    b <- b + step * min(1, 2 / max(abs(step)))
    if (max(abs(step)) < 1e-12) break
  }
  list(coef = b, log_likelihood = one(at(b)$loglik[2] + half(b)))
}

reference <- function(case) {
  m <- model(case)
  fit <- coxph(m$f, m$d, ties = "efron", control = m$control)
  robust <- coxph(m$f, m$d, ties = "efron", control = m$control, cluster = own)
  s <- summary(fit)
  plot <- tryCatch(cox.zph(fit, transform = "identity"), error = function(e) NULL)
  said <- list(
    coef = unname(coef(fit)), se = sqrt(diag(fit$var)), var = rows(fit$var),
    log_likelihood = one(fit$loglik[2]), log_likelihood_null = one(fit$loglik[1]),
    likelihood_ratio = one(s$logtest["test"]), score = one(s$sctest["test"]), wald = one(fit$wald.test),
    concordance = one(concordance(fit)$concordance),
    robust_se = sqrt(diag(robust$var)),
    score_residuals = rows(head(as.matrix(residuals(fit, "score")), 12)),
    schoenfeld = rows(head(as.matrix(residuals(fit, "schoenfeld")), 12)),
    km = zph(fit, "km"), identity = zph(fit, "identity"),
    # R spreads the variance over strata and times of use; without strata that is the plain formula. Events of one
    # day come in an order of their own: sorted by the first column.
    scaled = if (is.null(case$strata) && !is.null(plot)) rows(head(plot$y[order(plot$time, plot$y[, 1]), , drop = FALSE], 12))
  )
  if (length(case$day) < 100) said$firth <- firth(case)
  c(case, list(said = said))
}

cohort <- function(day, event, x, entry = NULL, strata = NULL, cluster = NULL) {
  made <- list(day = day, event = event, x = x)
  if (!is.null(entry)) made$entry <- entry
  if (!is.null(strata)) made$strata <- as.character(strata)
  if (!is.null(cluster)) made$cluster <- cluster
  made
}

# Harrell's restricted cubic spline, written out: the first column is x itself.
spline <- function(x, knots) {
  k <- length(knots)
  cube <- function(u) pmax(u, 0)^3
  last <- knots[k] - knots[k - 1]
  made <- list(linear = x)
  for (j in 1:(k - 2)) {
    made[[paste0("bend", j)]] <- (cube(x - knots[j]) - cube(x - knots[k - 1]) * (knots[k] - knots[j]) / last +
      cube(x - knots[k]) * (knots[k - 1] - knots[j]) / last) / (knots[k] - knots[1])^2
  }
  made
}
levels_of <- list(`3` = c(0.1, 0.5, 0.9), `4` = c(0.05, 0.35, 0.65, 0.95), `5` = c(0.05, 0.275, 0.5, 0.725, 0.95))
bent <- function(k, x, others = list()) {
  knots <- unname(quantile(x, levels_of[[as.character(k)]]))
  case <- cohort(lung$time, lung$status - 1, c(spline(x, knots), others))
  m <- model(case)
  fit <- coxph(m$f, m$d, control = tight)
  bends <- 2:(k - 1)
  b <- coef(fit)[bends]
  list(k = one(k), value = x, knots = knots, basis = rows(head(do.call(cbind, spline(x, knots)), 12)),
       nonlinearity = one(c(b %*% solve(fit$var[bends, bends], b))),
       overall = one(c(coef(fit)[1:(k - 1)] %*% solve(fit$var[1:(k - 1), 1:(k - 1)], coef(fit)[1:(k - 1)]))),
       case = reference(case))
}

# --- the cohorts -----------------------------------------------------------------------------------------------
pseudo <- function(n, modulus, seed) {
  x <- Reduce(function(x, k) (16807 * x) %% 2147483647, seq_len(n), seed, accumulate = TRUE)[-1]
  x %% modulus
}

whole <- lung[!is.na(lung$ph.ecog), ]
vet <- veteran
cell <- list(small = 1 * (vet$celltype == "smallcell"), adeno = 1 * (vet$celltype == "adeno"),
             large = 1 * (vet$celltype == "large"))
adjuvant <- subset(colon, etype == 2 & !is.na(nodes))
both <- subset(colon, !is.na(nodes))
both <- both[seq(1, nrow(both), by = 2), ]
late <- (lung$age * 7) %% 150
late[seq(3, nrow(lung), by = 3)] <- 0
in_lung <- late < lung$time
some <- myeloma[seq(1, nrow(myeloma), by = 9), ]
some <- some[some$entry < some$futime, ]
n <- 300
heavy <- list(day = pseudo(n, 12, 1) * 30, event = as.numeric(pseudo(n, 5, 6) < 3),
              a = pseudo(n, 2, 7), b = pseudo(n, 3, 8), c = 1 * (pseudo(n, 4, 9) == 0))
late_heavy <- ifelse(pseudo(n, 3, 4) == 0, 0, 15 * pseudo(n, 8, 5))
in_heavy <- late_heavy == 0 | late_heavy < heavy$day
transplant <- list(day = 2 * heart$stop, entry = 2 * heart$start)

cases <- list(
  lung = cohort(whole$time, whole$status - 1, list(age = whole$age, sex = whole$sex, ecog = whole$ph.ecog)),
  ovarian = cohort(ovarian$futime, ovarian$fustat, list(age = ovarian$age, rx = ovarian$rx)),
  veteran = cohort(vet$time, vet$status, c(list(trt = vet$trt, karno = vet$karno, prior = vet$prior / 10), cell)),
  veteran_by_cell_type = cohort(vet$time, vet$status, list(trt = vet$trt, karno = vet$karno, age = vet$age),
                                strata = vet$celltype),
  colon = cohort(adjuvant$time, adjuvant$status,
                 list(lev = 1 * (adjuvant$rx == "Lev"), both = 1 * (adjuvant$rx == "Lev+5FU"), nodes4 = adjuvant$node4,
                      extent = adjuvant$extent), cluster = adjuvant$nodes %% 7),
  colon_two_endpoints = cohort(both$time, both$status, list(nodes = both$nodes, obstruct = both$obstruct),
                               strata = both$etype, cluster = both$id),
  heavy_ties = cohort(heavy$day, heavy$event, heavy[c("a", "b", "c")]),
  heavy_ties_late = cohort(heavy$day[in_heavy], heavy$event[in_heavy], lapply(heavy[c("a", "b", "c")], `[`, in_heavy),
                           entry = late_heavy[in_heavy]),
  heavy_ties_late_by_three = cohort(heavy$day[in_heavy], heavy$event[in_heavy],
                                    lapply(heavy[c("a", "c")], `[`, in_heavy), entry = late_heavy[in_heavy],
                                    strata = letters[1 + heavy$b[in_heavy]], cluster = pseudo(n, 9, 3)[in_heavy]),
  late_entry_lung = cohort(lung$time[in_lung], lung$status[in_lung] - 1,
                           list(age = lung$age[in_lung], sex = lung$sex[in_lung]), entry = late[in_lung]),
  late_entry_myeloma = cohort(some$futime, some$death, list(early = 1 * (some$year < 70)), entry = some$entry),
  heart = cohort(transplant$day, heart$event,
                 list(age = heart$age, year = heart$year, transplant = as.numeric(heart$transplant) - 1),
                 entry = transplant$entry, strata = heart$surgery, cluster = heart$id),
  all_events_on_one_day = cohort(c(50, 50, 50, 50, 60, 70), c(1, 1, 1, 1, 0, 0), list(a = c(0, 1, 1, 0, 0, 1))),
  at_day_zero = cohort(c(0, 0, 0, 5, 9, 9, 12), c(1, 0, 1, 1, 0, 1, 1), list(a = c(0, 1, 1, 0, 1, 0, 1)))
)

# Nobody in the group with a = 1 has the event: only the penalized likelihood has a maximum.
separated <- list(
  no_event_in_a_group = cohort(c(3, 5, 8, 13, 21, 34, 40, 41), c(1, 1, 1, 0, 1, 0, 0, 0),
                               list(a = c(0, 0, 0, 1, 0, 1, 1, 0), b = c(1, 0, 1, 1, 0, 0, 1, 1))),
  late_separation = cohort(c(3, 5, 8, 8, 21, 34, 40, 41), c(1, 1, 1, 1, 1, 0, 1, 0),
                           list(a = c(1, 1, 1, 1, 0, 0, 0, 0), b = c(1, 0, 1, 0, 1, 1, 0, 1)),
                           entry = c(0, 2, 0, 3, 4, 0, 20, 0))
)

complete <- lung[!is.na(lung$ph.ecog), ]
splines <- list(
  age_3 = bent(3, lung$age), age_4 = bent(4, lung$age, list(sex = lung$sex)), age_5 = bent(5, lung$age)
)

written <- list(r = one(R.version.string), survival = one(as.character(packageVersion("survival"))),
                cases = lapply(cases, reference),
                separated = lapply(separated, function(case) c(case, list(firth = firth(case)))),
                splines = splines)
writeLines(json(written), commandArgs(trailingOnly = TRUE)[1])

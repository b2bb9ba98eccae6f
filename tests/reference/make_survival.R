# Writes survival.json: cohorts and what R's survival package says of them.
# Run: Rscript tests/reference/make_survival.R tests/reference/survival.json
# Base R and survival only. An entry of 0 means at risk from the origin, day 0 included: -1 for R's (entry, time].

suppressMessages(library(survival))
horizon_months <- c(12, 36, 60, 120)

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

# --- what R says -----------------------------------------------------------------------------------------------
surv_of <- function(case) {
  if (is.null(case$entry)) Surv(case$day, case$event) else Surv(ifelse(case$entry == 0, -1, case$entry), case$day, case$event)
}

describe <- function(y, who) {
  fit <- survfit(y[who] ~ 1, conf.type = "log-log")
  last <- max(fit$time)
  # R takes no horizon before the first row.
  horizon <- max(floor(0.8 * last), min(fit$time))
  table <- summary(fit, rmean = max(horizon, 1))$table
  quartiles <- quantile(fit, probs = c(0.25, 0.75))
  rates <- lapply(horizon_months, function(m) {
    if (m * 30.4375 > last) return(list(months = one(m), estimate = NULL))
    k <- max(0, which(fit$time <= m * 30.4375))
    list(months = one(m), estimate = one(if (k == 0) 1 else fit$surv[k]),
         ci_low = one(if (k == 0) NA else fit$lower[k]), ci_high = one(if (k == 0) NA else fit$upper[k]))
  })
  list(
    day = fit$time, at_risk = fit$n.risk, events = fit$n.event, censored = fit$n.censor,
    estimate = fit$surv, ci_low = fit$lower, ci_high = fit$upper,
    median = one(table["median"]), median_ci = unname(c(table["0.95LCL"], table["0.95UCL"])),
    # quantile() counts its levels from above: 25 is the day on which survival has come down to 0.75.
    reach_75 = one(quartiles$quantile[1]), reach_75_ci = unname(c(quartiles$lower[1], quartiles$upper[1])),
    reach_25 = one(quartiles$quantile[2]), reach_25_ci = unname(c(quartiles$lower[2], quartiles$upper[2])),
    rates = rates,
    horizon = one(horizon), rmst = one(if (horizon > 0) table["rmean"] else NA),
    rmst_se = one(if (horizon > 0) table["se(rmean)"] else NA)
  )
}

log_rank <- function(case, y) {
  if (length(unique(case$group)) < 2 || sum(case$event) == 0) return(NULL)
  g <- factor(case$group, levels = unique(case$group))
  if (is.null(case$entry)) {
    test <- survdiff(y ~ g)
    expected <- test$exp
    return(list(statistic = one(test$chisq), df = one(sum(expected > 0) - 1),
                p = one(pchisq(test$chisq, sum(expected > 0) - 1, lower.tail = FALSE))))
  }
  # survdiff takes no entries. The score test with exact ties is the log-rank test on the risk sets (its cost grows
  # steeply with the number of ties, hence cohorts with few).
  fit <- coxph(y ~ g, ties = "exact", control = coxph.control(iter.max = 0))
  df <- nlevels(g) - 1
  list(statistic = one(fit$score), df = one(df), p = one(pchisq(fit$score, df, lower.tail = FALSE)))
}

reference <- function(case) {
  y <- surv_of(case)
  follow_up <- case
  follow_up$event <- 1 - case$event
  follow_up_fit <- summary(survfit(surv_of(follow_up) ~ 1, conf.type = "log-log"))$table
  labels <- unique(case$group)
  groups <- lapply(labels, function(label) describe(y, case$group == label))
  names(groups) <- labels
  c(case, list(groups = groups, logrank = log_rank(case, y),
               follow_up = one(follow_up_fit["median"]),
               follow_up_ci = unname(c(follow_up_fit["0.95LCL"], follow_up_fit["0.95UCL"]))))
}

cohort <- function(day, event, group = rep("all", length(day)), entry = NULL) {
  made <- list(day = day, event = event, group = as.character(group))
  if (!is.null(entry)) made$entry <- entry
  made
}

# --- the cohorts -----------------------------------------------------------------------------------------------
# A sequence that is the same everywhere, so that the made-up cohorts need no random numbers.
pseudo <- function(n, modulus, seed) {
  x <- Reduce(function(x, k) (16807 * x) %% 2147483647, seq_len(n), seed, accumulate = TRUE)[-1]
  x %/% 1000 %% modulus
}

vet_type <- as.character(veteran$celltype)
adjuvant <- subset(colon, etype == 2)
some <- myeloma[seq(1, nrow(myeloma), by = 9), ]
some <- some[some$entry < some$futime, ]
late <- (lung$age * 7) %% 150
late[seq(3, nrow(lung), by = 3)] <- 0
keep <- late < lung$time
heavy <- pseudo(300, 12, 1) * 30
five <- 1 + pseudo(250, 400, 2)
few_ties <- 1 + pseudo(250, 1511, 3)
late_five <- ifelse(pseudo(250, 3, 4) == 0, 0, pseudo(250, 400, 5))
in_five <- late_five == 0 | late_five < few_ties

cases <- list(
  lung = cohort(lung$time, lung$status - 1),
  lung_by_sex = cohort(lung$time, lung$status - 1, c("male", "female")[lung$sex]),
  ovarian_by_treatment = cohort(ovarian$futime, ovarian$fustat, ovarian$rx),
  veteran_by_cell_type = cohort(veteran$time, veteran$status, vet_type),
  colon_by_treatment = cohort(adjuvant$time, adjuvant$status, gsub("[+]", " and ", adjuvant$rx)),
  heavy_ties_by_three = cohort(heavy, as.numeric(pseudo(300, 5, 6) < 3), c("a", "b", "c")[1 + pseudo(300, 3, 7)]),
  five_groups = cohort(five, as.numeric(pseudo(250, 4, 8) > 0), letters[1 + pseudo(250, 5, 9)]),
  half_on_an_interval = cohort(c(10, 20, 30, 40), c(1, 1, 1, 1)),
  half_with_censoring_on_it = cohort(c(5, 10, 15, 20, 25, 30), c(1, 1, 1, 0, 1, 1)),
  half_by_rounding = cohort(c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), rep(1, 14)),
  half_by_rounding_late = cohort(c(3, 3, 7, 7, 7, 9, 12, 13, 13, 18), c(1, 0, 1, 0, 1, 0, 1, 1, 1, 1)),
  half_at_the_end = cohort(c(10, 20, 30, 40), c(1, 1, 0, 0)),
  all_on_one_day = cohort(c(50, 50, 50), c(1, 1, 1)),
  at_day_zero = cohort(c(0, 0, 0, 5, 9, 9), c(1, 0, 1, 1, 0, 1), c("a", "b", "b", "a", "a", "b")),
  all_censored = cohort(c(100, 200, 4000), c(0, 0, 0)),
  one_event = cohort(c(12, 30, 400, 700), c(0, 1, 0, 0)),
  one_event_in_two_groups = cohort(c(12, 30, 400, 700), c(0, 1, 0, 0), c("a", "a", "b", "b")),
  one_patient_dead = cohort(77, 1),
  one_patient_alive = cohort(77, 0),
  a_group_gone_before_the_first_event = cohort(c(1, 2, 10, 20, 30, 40), c(0, 0, 1, 1, 1, 0),
                                               c("a", "a", "b", "b", "c", "c")),
  late_entry_lung_by_sex = cohort(lung$time[keep], lung$status[keep] - 1, c("male", "female")[lung$sex[keep]],
                                  late[keep]),
  late_entry_myeloma_by_era = cohort(some$futime, some$death, ifelse(some$year < 70, "before 1970", "from 1970"),
                                     some$entry),
  late_entry_five_groups = cohort(few_ties[in_five], as.numeric(pseudo(250, 4, 8) > 0)[in_five],
                                  letters[1 + pseudo(250, 5, 9)][in_five], late_five[in_five]),
  late_entry_after_an_empty_risk_set = cohort(c(5, 8, 40, 50, 60), c(1, 1, 1, 0, 1), rep("all", 5), c(0, 0, 20, 20, 30))
)

written <- list(r = one(R.version.string), survival = one(as.character(packageVersion("survival"))),
                cases = lapply(cases, reference))
writeLines(json(written), commandArgs(trailingOnly = TRUE)[1])

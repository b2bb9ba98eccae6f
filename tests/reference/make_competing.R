# Writes competing.json: cohorts with a competing event, and tests over groups, as R's survival and cmprsk give them.
# Run: Rscript tests/reference/make_competing.R tests/reference/competing.json
# Base R, survival and cmprsk only. An entry of 0 means at risk from the origin, day 0 included: -1 for R's (entry, time].

suppressMessages(library(survival))
suppressMessages(library(cmprsk))

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
tested <- function(statistic, df) {
  list(statistic = one(statistic), df = one(df), p = one(pchisq(statistic, df, lower.tail = FALSE)))
}

# A sequence that is the same everywhere, so that the made-up cohorts need no random numbers.
pseudo <- function(n, modulus, seed) {
  x <- Reduce(function(x, k) (16807 * x) %% 2147483647, seq_len(n), seed, accumulate = TRUE)[-1]
  x %/% 1000 %% modulus
}

# --- cumulative incidence --------------------------------------------------------------------------------------
# state: 0 censored, 1 the event, 2 the competing one.
incidence <- function(case, who) {
  state <- factor(case$state[who], 0:2, c("censored", "event", "competing"))
  entry <- if (is.null(case$entry)) rep(-1, length(state)) else ifelse(case$entry[who] == 0, -1, case$entry[who])
  data <- data.frame(entry = entry, day = case$day[who], state = state, id = seq_along(state))
  fit <- survfit(Surv(entry, day, state) ~ 1, data, id = id, influence = TRUE)
  at <- which(fit$states == "event")
  if (!length(at)) at <- NA
  estimate <- if (is.na(at)) rep(0, length(fit$time)) else fit$pstate[, at]
  se <- if (is.na(at)) rep(0, length(fit$time)) else fit$std.err[, at]
  clustered <- NULL
  if (!is.null(case$cluster)) {
    # survfit 3.5.3 takes no notice of cluster in a multi-state curve, but gives the influence of each subject: the
    # robust variance is the sum over clusters of the squared influence. Its first column is the time before the rows.
    influence <- if (is.na(at)) matrix(0, length(state), length(fit$time)) else fit$influence.pstate[, -1, at]
    clustered <- sqrt(colSums(rowsum(influence, case$cluster[who])^2))
    se <- clustered
  }
  limits <- lapply(c("log-log", "log", "plain"), function(type) {
    found <- survival:::survfit_confint(estimate, se, logse = FALSE, type, 0.95)
    list(low = found$lower, high = found$upper)
  })
  names(limits) <- c("log-log", "log", "plain")
  risk <- if (is.matrix(fit$n.risk)) fit$n.risk[, 1] else fit$n.risk
  day <- fit$time
  list(day = day, at_risk = risk, estimate = estimate, se = se, limits = limits,
       events = vapply(day, function(t) sum(data$day == t & case$state[who] == 1), 0),
       competing = vapply(day, function(t) sum(data$day == t & case$state[who] == 2), 0),
       censored = vapply(day, function(t) sum(data$day == t & case$state[who] == 0), 0))
}

gray <- function(case, who = rep(TRUE, length(case$day)), strata = NULL) {
  if (!is.null(case$entry) || length(unique(case$group[who])) < 2) return(NULL)
  if (!any(case$state[who] == 1)) return(NULL)
  group <- factor(case$group[who], unique(case$group))
  fit <- if (is.null(strata)) cuminc(case$day[who], case$state[who], group)
         else cuminc(case$day[who], case$state[who], group, strata[who])
  found <- fit$Tests["1", ]
  if (found[["stat"]] < 0) return(NULL)
  tested(found[["stat"]], found[["df"]])
}

pairs_of <- function(labels, test) {
  pairs <- combn(labels, 2, simplify = FALSE)
  found <- lapply(pairs, test)
  holm <- p.adjust(vapply(found, function(x) if (is.null(x)) NA_real_ else unclass(x$p), 0), "holm")
  lapply(seq_along(pairs), function(k) c(list(labels = pairs[[k]], p_holm = one(holm[k])), found[[k]]))
}

competing <- function(case) {
  labels <- unique(case$group)
  curves <- lapply(labels, function(label) incidence(case, case$group == label))
  names(curves) <- labels
  test <- gray(case)
  pairs <- if (length(labels) > 2 && !is.null(test)) pairs_of(labels, function(two) gray(case, case$group %in% two))
  strata <- if (!is.null(case$stratum)) gray(case, strata = case$stratum)
  c(case, list(curves = curves, gray = test, gray_stratified = strata, pairwise = pairs))
}

cohort <- function(day, state, group = rep("all", length(day)), ...) {
  list(day = day, state = state, group = as.character(group), ...)
}

disease <- with(mgus2, data.frame(day = round(ifelse(pstat == 0, futime, ptime) * 30.4375),
                                  state = ifelse(pstat == 0, 2 * death, 1), sex = as.character(sex), age = age))
disease <- disease[disease$day > 0, ][1:300, ]
late <- (disease$age * 37) %% 900
late[seq(3, nrow(disease), by = 3)] <- 0
in_time <- late < disease$day
relapse <- with(subset(colon, etype == 1), data.frame(id = id, day = time, status = status, rx = gsub("[+]", " and ", rx)))
death <- subset(colon, etype == 2)
relapse$state <- ifelse(relapse$status == 1, 1, 2 * death$status[match(relapse$id, death$id)])
relapse$hospital <- (relapse$id * 7) %% 6
made_day <- 1 + pseudo(240, 90, 11)
made_state <- c(0, 1, 2, 2, 1)[1 + pseudo(240, 5, 12)]
made_cluster <- pseudo(240, 70, 13)
made_late <- ifelse(pseudo(240, 3, 14) == 0, 0, pseudo(240, 60, 15))
made_in_time <- made_late == 0 | made_late < made_day

incidences <- list(
  mgus = cohort(disease$day, disease$state),
  mgus_by_sex = cohort(disease$day, disease$state, disease$sex),
  mgus_late_by_sex = cohort(disease$day[in_time], disease$state[in_time], disease$sex[in_time], entry = late[in_time]),
  colon_relapse_by_treatment = cohort(relapse$day, relapse$state, relapse$rx, stratum = relapse$hospital),
  heavy_ties_by_four = cohort((1 + made_day %/% 10) * 30, made_state, c("a", "b", "c", "d")[1 + pseudo(240, 4, 16)],
                              stratum = pseudo(240, 3, 17)),
  clustered = cohort(made_day, made_state, cluster = made_cluster),
  clustered_by_three = cohort(made_day, made_state, c("a", "b", "c")[1 + pseudo(240, 3, 18)], cluster = made_cluster),
  clustered_late = cohort(made_day[made_in_time], made_state[made_in_time], cluster = made_cluster[made_in_time],
                          entry = made_late[made_in_time]),
  late_five = cohort(made_day[made_in_time], made_state[made_in_time],
                     letters[1 + pseudo(240, 5, 19)][made_in_time], entry = made_late[made_in_time]),
  late_after_an_empty_risk_set = cohort(c(5, 8, 40, 50, 60, 70), c(1, 2, 1, 0, 1, 2), entry = c(0, 0, 20, 20, 30, 45)),
  to_the_last = cohort(c(3, 5, 5, 9, 12, 20), c(1, 2, 1, 1, 2, 1)),
  only_the_event = cohort(c(3, 5, 5, 9), c(1, 1, 1, 1)),
  only_competing = cohort(c(3, 5, 5, 9), c(2, 2, 0, 2)),
  all_censored = cohort(c(3, 5, 9), c(0, 0, 0)),
  one_event = cohort(c(12, 30, 400, 700), c(0, 1, 0, 0)),
  one_event_in_two_groups = cohort(c(12, 30, 400, 700), c(0, 1, 0, 2), c("a", "a", "b", "b")),
  at_day_zero = cohort(c(0, 0, 0, 5, 9, 9), c(1, 0, 2, 1, 0, 2), c("a", "b", "b", "a", "a", "b")),
  one_dead = cohort(77, 2),
  a_group_gone_before_the_first_event = cohort(c(1, 2, 10, 20, 30, 40), c(0, 0, 1, 2, 1, 0),
                                               c("a", "a", "b", "b", "c", "c"))
)

# --- log-rank: stratified, for trend, pair by pair --------------------------------------------------------------
log_rank <- function(case, who = rep(TRUE, length(case$day)), stratified = FALSE) {
  group <- factor(case$group[who], unique(case$group[who]))
  y <- Surv(case$day[who], case$state[who])
  if (stratified) {
    stratum <- case$stratum[who]
    test <- survdiff(y ~ group + strata(stratum))
    expected <- rowSums(test$exp)
  } else {
    test <- survdiff(y ~ group)
    expected <- test$exp
  }
  tested(test$chisq, sum(expected > 0) - 1)
}

# Tarone's test from the observed, the expected and the variance of survdiff; with late entries, which survdiff does not
# take, the score test of coxph with exact ties (the two are equal).
trend <- function(case, stratified = FALSE) {
  score <- case$score[case$group]
  if (!is.null(case$entry)) {
    y <- Surv(ifelse(case$entry == 0, -1, case$entry), case$day, case$state)
    fit <- if (stratified) coxph(y ~ score + strata(case$stratum), ties = "exact", control = coxph.control(iter.max = 0))
           else coxph(y ~ score, ties = "exact", control = coxph.control(iter.max = 0))
    return(tested(fit$score, 1))
  }
  group <- factor(case$group, names(case$score))
  stratum <- case$stratum
  test <- if (stratified) survdiff(Surv(case$day, case$state) ~ group + strata(stratum))
          else survdiff(Surv(case$day, case$state) ~ group)
  difference <- if (stratified) rowSums(test$obs - test$exp) else test$obs - test$exp
  weights <- unname(case$score)
  tested(sum(weights * difference)^2 / as.vector(weights %*% test$var %*% weights), 1)
}

late_log_rank <- function(case) {
  y <- Surv(ifelse(case$entry == 0, -1, case$entry), case$day, case$state)
  fit <- coxph(y ~ factor(case$group) + strata(case$stratum), ties = "exact", control = coxph.control(iter.max = 0))
  tested(fit$score, length(unique(case$group)) - 1)
}

means <- function(case, horizon) {
  labels <- unique(case$group)
  found <- lapply(labels, function(label) {
    who <- case$group == label
    summary(survfit(Surv(case$day[who], case$state[who]) ~ 1), rmean = horizon)$table[c("rmean", "se(rmean)")]
  })
  lapply(seq_along(labels)[-1], function(k) {
    difference <- found[[k]][1] - found[[1]][1]
    se <- sqrt(found[[k]][2]^2 + found[[1]][2]^2)
    z <- qnorm(0.975)
    list(label = one(labels[k]), estimate = one(difference), se = one(se), low = one(difference - z * se),
         high = one(difference + z * se), p = one(2 * pnorm(-abs(difference / se))))
  })
}

comparison <- function(case) {
  labels <- unique(case$group)
  if (!is.null(case$entry)) {
    return(c(case[names(case) != "score"], list(score = lapply(as.list(case$score), one), stratified = late_log_rank(case),
      trend = trend(case), trend_stratified = trend(case, TRUE))))
  }
  pairs <- pairs_of(labels, function(two) log_rank(case, case$group %in% two))
  within <- pairs_of(labels, function(two) log_rank(case, case$group %in% two, TRUE))
  horizon <- min(vapply(labels, function(label) max(case$day[case$group == label]), 0)) * 0.9
  c(case[names(case) != "score"], list(score = lapply(as.list(case$score), one),
    logrank = log_rank(case), stratified = log_rank(case, stratified = TRUE),
    trend = trend(case), trend_stratified = trend(case, TRUE), pairwise = pairs, pairwise_stratified = within,
    horizon = one(horizon), differences = means(case, horizon)))
}

scored <- function(labels, score) structure(score, names = labels)
nodes <- subset(colon, etype == 2)
nodes$extent <- c("submucosa", "muscle", "serosa", "contiguous")[nodes$extent]
few <- 1 + pseudo(200, 1511, 23)
few_late <- ifelse(pseudo(200, 3, 24) == 0, 0, pseudo(200, 300, 25))
few_in_time <- few_late == 0 | few_late < few
known <- !is.na(lung$ph.ecog) & lung$ph.ecog < 3
comparisons <- list(
  colon_by_extent = cohort(nodes$time, nodes$status, nodes$extent, stratum = nodes$id %% 5,
                           score = scored(c("submucosa", "muscle", "serosa", "contiguous"), c(0, 1, 2, 3))),
  veteran_by_cell = cohort(veteran$time, veteran$status, as.character(veteran$celltype), stratum = veteran$trt,
                           score = scored(c("squamous", "smallcell", "adeno", "large"), c(1, 2, 3, 5))),
  lung_by_performance = cohort(lung$time[known], lung$status[known] - 1, paste("ecog", lung$ph.ecog[known]),
                               stratum = lung$sex[known],
                               score = scored(paste("ecog", 0:2), 0:2)),
  heavy_ties = cohort(pseudo(300, 12, 1) * 30, as.numeric(pseudo(300, 5, 6) < 3),
                      c("a", "b", "c")[1 + pseudo(300, 3, 7)], stratum = pseudo(300, 7, 26),
                      score = scored(c("a", "b", "c"), 0:2)),
  late = cohort(few[few_in_time], as.numeric(pseudo(200, 4, 28) > 0)[few_in_time],
                c("a", "b", "c")[1 + pseudo(200, 3, 27)][few_in_time], entry = few_late[few_in_time],
                stratum = pseudo(200, 3, 29)[few_in_time], score = scored(c("a", "b", "c"), c(0, 1, 4)))
)

# --- limits on other scales, Nelson-Aalen ------------------------------------------------------------------------
scales <- function(day, state) {
  found <- lapply(c("log", "plain"), function(type) {
    fit <- survfit(Surv(day, state) ~ 1, conf.type = type)
    table <- summary(fit)$table
    list(low = fit$lower, high = fit$upper, median_ci = unname(c(table["0.95LCL"], table["0.95UCL"])))
  })
  names(found) <- c("log", "plain")
  fit <- survfit(Surv(day, state) ~ 1)
  factor <- exp(qnorm(0.975) * fit$std.chaz / fit$cumhaz)
  c(list(day = day, state = state, hazard = fit$cumhaz, hazard_se = fit$std.chaz,
         hazard_low = fit$cumhaz / factor, hazard_high = fit$cumhaz * factor), found)
}

written <- list(
  r = one(R.version.string), survival = one(as.character(packageVersion("survival"))),
  cmprsk = one(as.character(packageVersion("cmprsk"))),
  incidences = lapply(incidences, competing),
  comparisons = lapply(comparisons, comparison),
  scales = list(lung = scales(lung$time, lung$status - 1), veteran = scales(veteran$time, veteran$status),
                to_the_last = scales(c(3, 5, 5, 9), c(1, 1, 1, 1)), all_censored = scales(c(3, 5), c(0, 0)))
)
writeLines(json(written), commandArgs(trailingOnly = TRUE)[1])

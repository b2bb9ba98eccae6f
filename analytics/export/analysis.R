# The main table from the analysis set: each prognostic factor alone and all together.
# Run: Rscript analysis.R [folder of analysis_set.csv]     It writes main_table.csv there.
# Base R and the survival package only. Choose another endpoint here: "os", "rfs" or "pfs".
endpoint <- "os"

suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments)) arguments[1] else "."
data <- read.csv(file.path(folder, "analysis_set.csv"), na.strings = "")
data <- data[data$is_origin == "yes" & !is.na(data[[paste0(endpoint, "_time")]]), ]
factors <- sub("_t0$", "", grep("_t0$", names(data), value = TRUE))

# An entry of 0 is at risk from the origin, that day included; R's intervals are open on the left.
entry <- data[[paste0(endpoint, "_entry")]]
time <- data[[paste0(endpoint, "_time")]]
event <- data[[paste0(endpoint, "_event")]]
times <- Surv(ifelse(entry == 0, -1, entry), time, event)
yes <- sapply(factors, function(name) as.integer(data[[paste0(name, "_t0")]] == "yes"))
colnames(yes) <- factors

# Kaplan-Meier with limits on the log(-log) scale: median, and survival after 5 years.
describe <- function(who) {
  fit <- survfit(times[who] ~ 1, conf.type = "log-log")
  months <- summary(fit)$table
  at <- 60 * 30.4375
  last <- sum(fit$time <= at)
  five <- if (at > max(fit$time)) rep(NA, 3) else if (last == 0) c(1, NA, NA) else
    c(fit$surv[last], fit$lower[last], fit$upper[last])
  data.frame(n = sum(who), events = sum(event[who]), median_days = months["median"],
             median_low = months["0.95LCL"], median_high = months["0.95UCL"],
             survival_5y = five[1], survival_5y_low = five[2], survival_5y_high = five[3])
}

# The log-rank test on the risk sets of each day, which survdiff cannot do where somebody enters late.
log_rank <- function(who, group) {
  start <- ifelse(entry == 0, -1, entry)[who]
  end <- time[who]
  dead <- event[who] == 1
  found <- sapply(sort(unique(end[dead])), function(day) {
    risk <- start < day & end >= day
    died <- dead & end == day
    n <- sum(risk); d <- sum(died); n1 <- sum(risk & group == 1)
    v <- if (n > 1) d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) else 0
    c(sum(died & group == 1) - d * n1 / n, v)
  })
  if (!length(found) || sum(found[2, ]) == 0) return(NA)
  pchisq(sum(found[1, ])^2 / sum(found[2, ]), 1, lower.tail = FALSE)
}

# Cox's model, Efron's ties; hazard ratio with limits and p of the Wald test.
precise <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50)
cox <- function(names) {
  who <- complete.cases(yes[, names, drop = FALSE])
  fit <- coxph(times[who] ~ yes[who, names, drop = FALSE], ties = "efron", control = precise)
  se <- sqrt(diag(fit$var))
  b <- unname(coef(fit))
  data.frame(factor = names, hr = exp(b), hr_low = exp(b - qnorm(0.975) * se), hr_high = exp(b + qnorm(0.975) * se),
             p = 2 * pnorm(-abs(b / se)))
}

varies <- factors[sapply(factors, function(name) length(unique(na.omit(yes[, name]))) == 2)]
together <- if (length(varies)) suppressWarnings(cox(varies)) else NULL
rows <- lapply(varies, function(name) {
  known <- !is.na(yes[, name])
  one <- rbind(describe(known & yes[, name] %in% 0), describe(known & yes[, name] %in% 1))
  alone <- suppressWarnings(cox(name))
  multivariable <- together[together$factor == name, ]
  data.frame(factor = name, group = c("no", "yes"), one, missing = sum(!known),
             logrank_p = log_rank(known, yes[known, name]),
             hr = c(NA, alone$hr), hr_low = c(NA, alone$hr_low), hr_high = c(NA, alone$hr_high), p = c(NA, alone$p),
             multi_hr = c(NA, multivariable$hr), multi_low = c(NA, multivariable$hr_low),
             multi_high = c(NA, multivariable$hr_high), multi_p = c(NA, multivariable$p), row.names = NULL)
})
table <- do.call(rbind, rows)
numbers <- sapply(table, is.numeric)
table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 15, format = "g"))))
write.csv(table, file.path(folder, "main_table.csv"), row.names = FALSE, quote = FALSE)

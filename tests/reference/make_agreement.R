# Writes agreement.json: Cohen's kappa of some tables with its limits.
# Run: Rscript tests/reference/make_agreement.R tests/reference/agreement.json
# Base R only. Written out: kappa as irr::kappa2 and Cohen (1960) have it, the variance of Fleiss, Cohen and Everitt (1969).

tables <- list(
  # Rows: the first rater. Two raters, three categories, 200 units.
  three = matrix(c(88, 14, 18, 10, 40, 10, 2, 6, 12), 3, byrow = TRUE),
  # 50 proposals read by two readers: the example by hand gives 0.4.
  two = matrix(c(20, 5, 10, 15), 2, byrow = TRUE),
  # Most of one category: agreement is high and kappa below zero.
  skewed = matrix(c(118, 5, 2, 0), 2, byrow = TRUE),
  all = diag(c(7, 3, 5))
)

kappa <- function(t) {
  n <- sum(t)
  p <- t / n
  r <- rowSums(p)
  c <- colSums(p)
  observed <- sum(diag(p))
  expected <- sum(r * c)
  k <- (observed - expected) / (1 - expected)
  agree <- sum(diag(p) * (1 - (r + c) * (1 - k))^2)
  differ <- 0
  for (i in seq_along(r)) for (j in seq_along(c)) if (i != j) differ <- differ + p[i, j] * (c[i] + r[j])^2
  variance <- (agree + (1 - k)^2 * differ - (k - expected * (1 - k))^2) / (n * (1 - expected)^2)
  # A variance of 0 says nothing of certainty: no limits.
  half <- if (variance < 1e-12) NA else qnorm(0.975) * sqrt(variance)
  c(observed = observed, expected = expected, kappa = k, low = max(k - half, -1), high = min(k + half, 1))
}

entry <- function(name) {
  t <- tables[[name]]
  found <- kappa(t)
  rows <- paste0("[", apply(t, 1, paste, collapse = ", "), "]", collapse = ", ")
  text <- ifelse(is.na(found), "null", formatC(found, digits = 15, format = "g", width = 1))
  numbers <- paste(sprintf('"%s": %s', names(found), text), collapse = ", ")
  sprintf(' "%s": {"table": [%s], %s}', name, rows, numbers)
}
writeLines(c("{", paste(sapply(names(tables), entry), collapse = ",\n"), "}"), commandArgs(TRUE)[1])

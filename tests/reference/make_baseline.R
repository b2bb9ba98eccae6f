# Writes baseline.json: groups of patients, and what base R says of them.
# Run: Rscript tests/reference/make_baseline.R tests/reference/baseline.json
# Base R only; the standardized differences are their published closed formulas (Austin 2009; Yang and Dalton 2012).

# --- JSON ------------------------------------------------------------------------------------------------------
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  text <- if (is.character(x)) paste0('"', x, '"') else ifelse(is.finite(x), formatC(x, digits = 17, format = "g"), "null")
  text <- trimws(text)
  if (inherits(x, "one")) text else paste0("[", paste(text, collapse = ", "), "]")
}
one <- function(x) structure(unname(x), class = "one")

# --- numbers ---------------------------------------------------------------------------------------------------
numbers_case <- function(first, second) {
  spread <- sqrt((var(first) + var(second)) / 2)
  q <- quantile(first, c(0.25, 0.5, 0.75))
  list(first = first, second = second, difference = one(abs(mean(first) - mean(second)) / spread),
       q1 = one(q[1]), median = one(q[2]), q3 = one(q[3]), mean = one(mean(first)), sd = one(sd(first)))
}

set.seed(20190106)
numbers <- list(
  normal = numbers_case(round(rnorm(40, 62, 9), 1), round(rnorm(55, 66, 11), 1)),
  skewed = numbers_case(round(rlnorm(31, 1, 1), 2), round(rlnorm(28, 1.4, 1.2), 2)),
  ties = numbers_case(c(1, 1, 1, 2, 2, 3), c(1, 2, 2, 3, 4, 9, 9)),
  two_each = numbers_case(c(1, 2), c(4, 9)),
  equal = numbers_case(c(5, 7, 9), c(5, 7, 9))
)

# --- levels ----------------------------------------------------------------------------------------------------
levels_case <- function(first, second) {
  used <- first + second > 0
  p <- (first / sum(first))[used]
  q <- (second / sum(second))[used]
  # The first level is left out here and another one there: the distance does not depend on it.
  p <- p[-length(p)]
  q <- q[-length(q)]
  S <- -(outer(p, p) + outer(q, q)) / 2
  diag(S) <- (p * (1 - p) + q * (1 - q)) / 2
  list(first = first, second = second, difference = one(sqrt(drop(t(p - q) %*% solve(S) %*% (p - q)))))
}
binary <- function(first, second) {
  p <- first[1] / sum(first)
  q <- second[1] / sum(second)
  list(first = first, second = second, difference = one(abs(p - q) / sqrt((p * (1 - p) + q * (1 - q)) / 2)))
}

levels <- list(
  binary = binary(c(30, 10), c(22, 33)),
  binary_one_empty = binary(c(40, 0), c(50, 5)),
  three = levels_case(c(12, 20, 8), c(25, 10, 20)),
  empty_in_one = levels_case(c(12, 0, 8), c(25, 10, 20)),
  empty_in_both = levels_case(c(12, 0, 8, 3), c(25, 0, 20, 1)),
  ten = levels_case(c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), c(10, 9, 8, 7, 6, 5, 4, 3, 2, 1)),
  equal = levels_case(c(3, 4, 5), c(6, 8, 10))
)

path <- commandArgs(trailingOnly = TRUE)[1]
made_by <- paste0("R ", R.version$major, ".", R.version$minor)
writeLines(json(list(made_by = one(made_by), numbers = numbers, levels = levels)), path)

"""Terms: what every measure that is taken away means, with its formula and where it comes from (`docs/methods.md`)."""

from __future__ import annotations

from core.report.story import Definition

COUNTED = Definition(
    "Revenue",
    "what an account paid in the last twelve months; shares are taken over accounts with revenue above 0, and accounts"
    " whose total is negative (credits) are set apart, counted and never part of a share.",
)
TOP_N = Definition(
    "Share of the n largest (CR n)",
    "revenue of the n largest accounts over all revenue; of the top 20 % it is the accounts rounded up to a whole one.",
    "docs/methods.md, Concentration",
)
HHI = Definition(
    "HHI",
    "Herfindahl-Hirschman index, 10,000 times the sum of squared revenue shares; 10,000 is one account, ten equal"
    " accounts give 1,000.",
    "Herfindahl 1950, Hirschman 1964",
)
EFFECTIVE = Definition("Effective number", "10,000 / HHI: how many equal accounts would be as concentrated.")
GINI = Definition(
    "Gini",
    "2 · Σ i·x / (N·Σ x) − (N + 1) / N over paying accounts in rising order; 0 is all equal, near 1 one brings all.",
    "Gini 1912, population form",
)
PARETO = Definition("Make 80 %", "the fewest accounts that together bring at least 80 % of revenue.")
TIER = Definition(
    "Tier", "an ordered class of accounts by weighted score; the model named under Provenance decides it."
)
LIFT = Definition("Lift", "share of revenue over share of accounts; above 1, a tier brings more than its number.")
BENCHMARK = Definition(
    "Benchmark",
    "a first tier is usually said to hold 5–15 % of accounts and 50–70 % of revenue; a rule of thumb, not a standard.",
)
AT_RISK = Definition("Revenue at risk", "revenue of accounts whose health is At Risk or Critical: all of it.")
EXPECTED = Definition(
    "Expected loss", "Σ probability of loss × revenue, with a probability assumed for each status of health."
)
STRESS = Definition(
    "Losing the largest",
    "their revenue is taken out and nothing else changes; to refill = revenue lost over the average revenue of those"
    " that pay, rounded up.",
)
TEN_PERCENT = Definition(
    "10 % customer",
    "a customer with 10 % of revenue or more; entities under common control are one customer, and none need be named.",
    "ASC 280-10-50-42; IFRS 8.34",
)
BRIDGE = Definition(
    "What moved the HHI",
    "the change of the HHI, split exactly among those lost, new, grown and shrunk: each by its own squared share and by"
    " the total that all shares are taken of, the change of a product split evenly between its two factors.",
    "Shorrocks 2013 (Shapley value); docs/methods.md",
)
RETENTION = Definition(
    "Retention",
    "of those with revenue in the twelve months of a year before: gross = Σ min(then, now) / Σ then, at most 100 %; net"
    " = Σ now / Σ then. Those that are new are in neither.",
    "docs/methods.md",
)
RANK = Definition("Rank", "one more than the number of those with more revenue; equal amounts share the better rank.")
HHI_SPLIT = Definition(
    "Share of the HHI",
    "squared share of revenue of the group times the HHI within it, over the HHI of the book; the groups add up to it.",
    "docs/methods.md",
)
AT_RISK_VALUE = Definition(
    "Value at risk",
    "the smallest loss that is not passed with the chance named, by the probabilities assumed; its limits say how far"
    " the exact one may lie from it.",
    "docs/methods.md",
)
SHORTFALL = Definition(
    "Mean beyond (expected shortfall)", "the mean loss of the years beyond the value at risk.", "Acerbi and Tasche 2002"
)

"""Writes scipy.json: recorded answers of scipy for the tests of this package.

    python3 -m venv v && v/bin/pip install scipy==1.17.1 && v/bin/python oracle.py > scipy.json

The values are rounded to two digits, so that ties and zeros occur. Exact p-values of tied data come from scipy.stats.permutation_test and from the
PermutationMethod of mannwhitneyu and wilcoxon with all arrangements; shifts are medians of all differences or Walsh averages by numpy; their bounds are the
order statistics that scipy's exact null distributions name (mannwhitneyu's of values without ties, wilcoxon's by counting signs).
"""

import itertools
import json
import platform
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261126)


def walsh(d):
    return np.sort([(a + b) / 2 for a, b in itertools.combinations_with_replacement(d, 2)])


def unpaired(n, m, shift, digits):
    x, y = np.round(rng.normal(shift, 1, n), digits), np.round(rng.standard_t(3, m), digits)
    out = {"x": x.tolist(), "y": y.tolist()}
    everything = stats.PermutationMethod(n_resamples=np.inf)
    ties = len(set(x) | set(y)) < n + m
    for alt in ("greater", "less", "two-sided"):
        method = everything if ties else "exact"
        r = stats.mannwhitneyu(x, y, alternative=alt, method=method, use_continuity=False)
        out["U"], out[alt] = float(r.statistic), float(r.pvalue)
    d = np.sort(np.subtract.outer(x, y).ravel())
    out["shift"] = float(np.median(d))
    # P(U <= c) of scipy's exact test for every c: x below y but for c pairs
    cdf = [float(stats.mannwhitneyu(*arrangement(n, m, c), alternative="less", method="exact").pvalue) for c in range(n * m + 1)]
    c = max([i for i, p in enumerate(cdf) if p <= 0.05], default=-1)
    out["lo"], out["hi"] = (float(d[c]), float(d[len(d) - 1 - c])) if c >= 0 else (None, None)
    return out


def arrangement(n, m, u):
    """x and y without ties whose U is u."""
    ranks, left = list(range(n)), u
    for i in reversed(range(n)):
        step = min(m, left)
        ranks[i] += step
        left -= step
    x = np.array(ranks, float)
    y = np.array([r for r in range(n + m) if r not in ranks], float)
    return x, y


def paired(n, shift, digits):
    d = np.round(rng.normal(shift, 1, n), digits)
    out = {"d": d.tolist()}
    zeros_or_ties = len(set(np.abs(d))) < n or 0 in d
    for alt in ("greater", "less", "two-sided"):
        method = stats.PermutationMethod(n_resamples=np.inf) if zeros_or_ties else "exact"
        out[alt] = float(stats.wilcoxon(d, alternative=alt, method=method, zero_method="wilcox").pvalue)
        p = stats.permutation_test((d,), np.mean, permutation_type="samples", alternative=alt, n_resamples=np.inf, vectorized=False).pvalue
        out["mean " + alt] = float(p)
    w = walsh(d)
    out["shift"] = float(np.median(w))
    counts = np.array([1.0])
    for r in range(1, n + 1):
        counts = np.convolve(counts, np.concatenate([[1], np.zeros(r - 1), [1]]))
    cdf = np.cumsum(counts) / 2**n
    c = max([i for i, p in enumerate(cdf) if p <= 0.05], default=-1)
    out["lo"], out["hi"] = (float(w[c]), float(w[len(w) - 1 - c])) if c >= 0 else (None, None)
    return out


json.dump(
    {
        "made_by": f"oracle.py with scipy {scipy.__version__}, numpy {np.__version__}, Python {platform.python_version()}",
        "unpaired": [unpaired(n, m, s, k) for n, m, s, k in [(5, 5, 1, 6), (10, 10, 0.8, 6), (10, 24, -0.3, 6), (3, 7, 0.5, 6), (7, 6, 0.5, 0), (6, 8, 0.2, 0), (5, 6, 2, 0)]],
        "paired": [paired(n, s, k) for n, s, k in [(5, 1, 6), (10, 0.6, 6), (8, -0.4, 6), (12, 0.3, 6), (9, 0.5, 0), (10, 0.8, 0), (6, 2, 1), (3, 0, 6)]],
        "fisher": [[a, na, b, nb] + [float(stats.fisher_exact([[a, na - a], [b, nb - b]], alternative=alt).pvalue) for alt in ("greater", "less", "two-sided")]
                   for a, na, b, nb in [(2, 10, 0, 10), (5, 10, 0, 10), (3, 5, 1, 24), (0, 4, 2, 6), (7, 12, 3, 9)]],
        "rate": [[k, n, level, float(stats.beta.ppf(level, k + 1, n - k))] for k, n, level in [(0, 10, 0.95), (2, 10, 0.95), (7, 24, 0.95), (1, 5, 0.9)]],
    },
    sys.stdout,
    indent=1,
)
print()

"""Writes aggregate.json: recorded answers of rliable and scipy for the tests of this package.

    python3 -m venv v && v/bin/pip install scipy==1.17.1 rliable==1.2.0 && v/bin/python aggregate.py > aggregate.json

rliable's scores are runs x tasks, more is better. Its interquartile mean trims whole runs, so the numbers of runs here are multiples of four together; its profile counts scores above a
limit, which is that of costs (negated scores) within the negated limit as long as no value is equal to it.
"""

import json
import platform
import sys

import numpy as np
import scipy
from rliable import library, metrics
from scipy import stats

rng = np.random.default_rng(20261127)


def task(runs, tasks, digits=6):
    return np.round(rng.normal(rng.uniform(0, 2, tasks), rng.uniform(0.3, 1.5, tasks), (runs, tasks)), digits)


def aggregate(runs, tasks, others, digits):
    x, y = task(runs, tasks, digits), task(others, tasks, digits)
    limits = np.round(np.linspace(-2, 4, 9), 6) + 5e-7
    profile = [library.run_score_deviation(-x, -limit) for limit in limits]
    return {
        "x": x.T.tolist(), "y": y.T.tolist(),
        "iqm": float(metrics.aggregate_iqm(x)),
        "improvement": float(metrics.probability_of_improvement(x, y)),
        "limits": limits.tolist(), "profile": np.asarray(profile).tolist(),
    }


def intervals():
    """rliable's stratified bootstrap of the interquartile mean: runs are drawn again within each task. Drawn by numpy, as rliable 1.2.0 does not run with arch 7 and later."""
    x = task(12, 4)
    at = rng.integers(0, 12, (50000, 12, 4))
    drawn = [metrics.aggregate_iqm(np.take_along_axis(x, one, axis=0)) for one in at]
    lo, hi = np.percentile(drawn, [2.5, 97.5])
    return {"x": x.T.tolist(), "iqm": float(metrics.aggregate_iqm(x)), "lo": float(lo), "hi": float(hi)}


def kendall(x, y):
    exact = len(set(x)) == len(x) and len(set(y)) == len(y)
    r = stats.kendalltau(x, y, method="exact" if exact else "asymptotic")
    return {"x": [float(v) for v in x], "y": [float(v) for v in y], "exact": exact, "tau": float(r.statistic), "p": float(r.pvalue)}


def pairs(n, slope, digits):
    x = np.round(rng.normal(size=n), digits)
    return kendall(x, np.round(slope * x + rng.normal(size=n), digits))


def few(n, levels):
    """A setting of a few values against a score, as in a search."""
    x = rng.choice(levels, n)
    y = np.round(0.3 * x + rng.normal(size=n), 6)
    k = stats.kendalltau(x, y)
    p = stats.permutation_test((y,), lambda v: stats.kendalltau(x, v).statistic, permutation_type="pairings", n_resamples=100000, random_state=1, vectorized=False).pvalue
    return {"x": [float(v) for v in x], "y": y.tolist(), "tau": float(k.statistic), "p": float(p)}


def ranks(models, sets):
    medians = np.round(rng.normal(size=(sets, models)), 0)
    return {"medians": medians.tolist(), "ranks": np.mean([stats.rankdata(m) for m in medians], axis=0).tolist()}


json.dump(
    {
        "made_by": f"aggregate.py with rliable 1.2.0, scipy {scipy.__version__}, numpy {np.__version__}, Python {platform.python_version()}",
        "aggregate": [aggregate(r, t, o, d) for r, t, o, d in [(8, 1, 5, 6), (12, 3, 7, 6), (4, 5, 4, 0), (20, 2, 20, 6)]],
        "interval": intervals(),
        "kendall": [pairs(n, s, d) for n, s, d in [(5, 1, 6), (9, 0.5, 6), (30, 0.2, 6), (100, 0.1, 6), (12, 0.5, 0), (40, 0.3, 0)]],
        "few": [few(24, [1, 2, 5])],
        "ranks": [ranks(5, 4), ranks(3, 7)],
    },
    sys.stdout,
    indent=1,
)
print()

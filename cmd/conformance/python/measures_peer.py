"""Measures made since density and coverage, on the same two tables of features and the same images: the authors' packages, and the authors' repositories as they were cloned."""
import contextlib
import importlib.util
import pathlib
import sys
import types
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import numpy as np

x, y = np.load(j["x"]), np.load(j["y"])  # real, fake
SIGMA = 6  # of Gaussian kernels


def authors(path):
    """A file of a cloned repository as a module, without the rest of its package, which asks for networks."""
    file = pathlib.Path(j["authors"]) / path
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rke_score():
    from rke_score import RKE
    common.versions("rke-score")
    kernel = RKE(kernel_bandwidth=SIGMA)
    common.value("rke-score", "rke", 1 / kernel.compute_rke_mc_frobenius_norm(y)[SIGMA])
    common.value("rke-score", "rrke", kernel.compute_rrke(x, y, len(x), len(y))[SIGMA])


def vendi_score():
    from sklearn.metrics.pairwise import polynomial_kernel
    from sklearn.preprocessing import normalize
    from vendi_score import vendi
    common.versions("vendi-score")
    for q in (1, 2):
        common.value("vendi-score", f"vendi q={q}", vendi.score_dual(y, q=q))
    common.value("vendi-score", "vendi polynomial", vendi.score_K(polynomial_kernel(normalize(y), degree=3, coef0=1), normalize=True))


def cropped(side):
    """The images cut to multiples of 16, which four halvings need: both programs read these files."""
    from PIL import Image
    to = pathlib.Path(j["scratch"]) / f"cropped-{side}"
    to.mkdir()
    for f in sorted(pathlib.Path(j[side]).glob("*.png")):
        Image.open(f).crop((0, 0, 80, 48)).save(to / f.name)
    return str(to)


def pytorchfwd():
    from pytorchfwd import fwd
    common.versions("pytorchfwd")
    fwd.NUM_PROCESSES = 0
    with contextlib.redirect_stdout(sys.stderr):
        v = fwd.compute_fwd([cropped("real"), cropped("fake")], "haar", 4, False, 32, None)
    common.value("pytorchfwd", "fwd", v)


def clipped():
    of = authors("ClippedDensityCoverage/ClippedDensityCoverage/metrics/Clipped_Density_Coverage.py").ClippedDensityCoverage
    for k in (5, 10):
        c = of(x, K=k, n_jobs=1)
        common.value("ClippedDensityCoverage", f"clipped_density k={k}", c.ClippedDensity(y))
        common.value("ClippedDensityCoverage", f"clipped_coverage k={k}", c.ClippedCoverage(y))


def probabilistic():
    p, r = authors("Probablistic_precision_recall/metric/pp_pr.py").compute_pprecision_precall(x, y)
    common.value("Probablistic_precision_recall", "p_precision", p)
    common.value("Probablistic_precision_recall", "p_recall", r)


def symmetric():
    m = authors("emergent_asymmetry_pr/manifmetric/manifmetric.py").ManifoldMetric(ref_data=x, gen_data=y, k=5)
    common.value("emergent_asymmetry_pr", "sym_precision", m.sym_precision().sym_precision)
    common.value("emergent_asymmetry_pr", "sym_recall", m.sym_recall().sym_recall)
    common.value("emergent_asymmetry_pr", "comp_precision", m.comp_precision())


def ken():
    import torch
    of = authors("KEN/KEN/metric/algorithm_utils.py")
    how = types.SimpleNamespace(sigma=SIGMA, eta=1, batchsize=256)
    for name, test, reference in (("new", y, x), ("missing", x, y)):
        v = torch.linalg.eigvals(of.build_matrix(torch.from_numpy(test), torch.from_numpy(reference), how)).real
        v = v * (v > 0)
        common.value("KEN", f"KEN {name}", of.Categorical(probs=v).entropy() * v.sum())


def rarity():
    of = authors("Rarity-Score/src/rarity_score.py")
    with contextlib.redirect_stdout(sys.stderr):
        m = of.MANIFOLD(x, y)
        scores, inside = m.rarity(k=3)
    common.value("Rarity-Score", "mean in a ball", scores[inside].mean())
    common.value("Rarity-Score", "share in a ball", len(inside) / len(y))


def dgm_eval():
    of = authors("dgm-eval/dgm_eval/metrics/authpct.py")
    common.value("dgm-eval", "authpct", of.compute_authpct(x, y))
    of = authors("dgm-eval/dgm_eval/metrics/vendi.py")
    common.value("dgm-eval", "vendi", of.compute_vendi_score(y))
    of = authors("dgm-eval/dgm_eval/metrics/mmd.py")
    common.value("dgm-eval", "kid", of.compute_polynomial_mmd(x, y))


{"rke-score": rke_score, "vendi-score": vendi_score, "pytorchfwd": pytorchfwd, "ClippedDensityCoverage": clipped, "Probablistic_precision_recall": probabilistic,
 "emergent_asymmetry_pr": symmetric, "KEN": ken, "Rarity-Score": rarity, "dgm-eval": dgm_eval}[j["peer"]]()

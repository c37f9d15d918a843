"""Distances and manifold scores of the same two tables of features: prdc, scipy, scikit-learn."""
import pathlib
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import numpy as np
import prdc
import scipy.linalg
import scipy.spatial.distance as sd
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

common.versions("prdc", "scipy", "scikit-learn", "numpy")
x, y = np.load(j["x"]), np.load(j["y"])
for k in (3, 5):
    for name, v in prdc.compute_prdc(x, y, k).items():
        common.value("prdc", f"{name} k={k}", v)


def frechet(a, b):
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(s @ t)
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * np.trace(root.real)


def mmd(kernel):
    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    n, m = len(x), len(y)
    return (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * xy.mean()


common.value("scipy", "fd", frechet(x, y))
d = x.shape[1]
common.value("scikit-learn", "kid_full", mmd(lambda a, b: polynomial_kernel(a, b, degree=3, gamma=1 / d, coef0=1)))
common.value("scikit-learn", "mmd_rbf sigma=8", mmd(lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * 8 ** 2))))
n, m = len(x), len(y)
common.value("scipy", "energy", 2 * sd.cdist(x, y).mean() - sd.cdist(x, x).sum() / (n * (n - 1)) - sd.cdist(y, y).sum() / (m * (m - 1)))
both, label = np.vstack([x, y]), np.r_[np.zeros(n), np.ones(m)]
near = NearestNeighbors(n_neighbors=2).fit(both).kneighbors(both, return_distance=False)[:, 1]
common.value("scikit-learn", "c2st_1nn", (label[near] == label).mean())


def pixels(folder):
    return np.stack([np.asarray(Image.open(f), dtype=np.float64).ravel() / 127.5 - 1 for f in sorted(pathlib.Path(folder).glob("*.png"))])


real, fake = pixels(j["real"]), pixels(j["fake"])
pca = PCA(8, svd_solver="full").fit(real)
common.value("scikit-learn", "fd in pca(8,pixels)", frechet(pca.transform(real), pca.transform(fake)))

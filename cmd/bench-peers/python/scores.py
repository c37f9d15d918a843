"""The arithmetic of the metrics as the Python tools do it, on arrays that are already features."""
from libraries import linalg, load, numpy, torch, worst

np = numpy()


def frechet(mu1, sigma1, mu2, sigma2, how):
    d = mu1 - mu2
    if how == "sqrtm":  # pytorch-fid
        covmean, _ = linalg().sqrtm(sigma1.dot(sigma2), disp=False)
        if not np.isfinite(covmean).all():
            raise ValueError("singular product")
        root = np.trace(covmean.real)
    elif how == "eigh":  # two symmetric problems: no tool does it, a careful user would
        l, v = np.linalg.eigh(sigma1)
        half = (v * np.sqrt(np.maximum(l, 0))) @ v.T
        root = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ sigma2 @ half), 0)).sum()
    elif how == "svdvals":  # the route of this program, by LAPACK's singular values
        l = linalg()
        root = l.svdvals(l.cholesky(sigma1) @ l.cholesky(sigma2).T, check_finite=False).sum()
    elif how == "torch":  # as torchmetrics, on tensors: PyTorch's linear algebra is MKL's
        t = torch()
        root = t.linalg.eigvals(t.from_numpy(sigma1) @ t.from_numpy(sigma2)).sqrt().real.sum().item()
    else:  # torch-fidelity
        root = np.sqrt(np.linalg.eigvals(sigma1.dot(sigma2)).astype("complex128")).real.sum()
    return float(d.dot(d) + np.trace(sigma1) + np.trace(sigma2) - 2 * root)


class Frechet:
    def open(self, args, dir, variant):
        if variant in ("sqrtm", "svdvals"):
            linalg()
        data = [load(dir, n) for n in ("mu1", "sigma1", "mu2", "sigma2")]
        self.run = lambda: [frechet(*data, variant)]
        return []


class FD:
    """Means, covariances and the distance from the features of two sets, as torch-fidelity does it."""

    def open(self, args, dir, variant):
        x, y = load(dir, "real"), load(dir, "fake")
        self.run = lambda: [frechet(x.mean(0), np.cov(x, rowvar=False), y.mean(0), np.cov(y, rowvar=False), variant)]
        return []


class KNN:
    """The distances to the 5th nearest other row. Variants faiss (exact search in float32) and sklearn (brute force in float32)."""

    def open(self, args, dir, variant):
        x = load(dir, "real").astype(np.float32)
        k = 5
        if variant == "faiss":
            import libraries
            faiss = libraries.faiss()
            faiss.omp_set_num_threads(libraries.THREADS)

            def run():
                index = faiss.IndexFlatL2(x.shape[1])
                index.add(x)
                return [float(np.sqrt(index.search(x, k + 1)[0][:, k]).astype(np.float64).mean())]
        else:
            try:
                from sklearn.neighbors import NearestNeighbors
            except ImportError as e:
                raise ImportError("scikit-learn") from e

            def run():
                n = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(x)
                return [float(n.kneighbors()[0][:, k - 1].astype(np.float64).mean())]
        self.run = run
        return []


class Cov:
    def open(self, args, dir, variant):
        x = load(dir, "real")

        def run():
            mu, c = np.mean(x, axis=0), np.cov(x, rowvar=False)
            return [float(mu.sum()), float(np.sqrt((c * c).sum()))]
        self.run = run
        return []


def mmd2_tensors(xx, yy, xy):
    m = len(xx)
    s = (xx.sum() - xx.diagonal().sum()) + (yy.sum() - yy.diagonal().sum())
    return (s / (m * (m - 1)) - 2 * xy.sum() / (m * m)).item()


def mmd2(x, y):
    """The unbiased estimate of torch-fidelity, kernel (x.y/d + 1)^3, of arrays, or as torchmetrics computes it of tensors."""
    k = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
    if not isinstance(x, np.ndarray):
        return mmd2_tensors(k(x, x), k(y, y), k(x, y))
    xx, yy, xy = k(x, x), k(y, y), k(x, y)
    m = len(x)
    s = (xx.sum(dtype=np.float64) - np.trace(xx)) + (yy.sum(dtype=np.float64) - np.trace(yy))
    return float(s / (m * (m - 1)) - 2 * xy.sum(dtype=np.float64) / (m * m))


def kid(x, y, subsets, size):
    r = np.random.RandomState(0)
    return float(np.mean([mmd2(x[r.choice(len(x), size, replace=False)], y[r.choice(len(y), size, replace=False)]) for _ in range(subsets)]))


class KID:
    """Variants float32, what the tools get from a network, float64, and torch: float32 on tensors, whose products are MKL's."""

    def open(self, args, dir, variant):
        x, y = load(dir, "real"), load(dir, "fake")
        whole = load(dir, "whole")[0]
        check = ("one subset of everything", worst(mmd2(x[:500], y[:500]), whole), 1e-6)
        if variant != "float64":
            x, y = x.astype(np.float32), y.astype(np.float32)
        if variant == "torch":
            x, y = torch().from_numpy(x), torch().from_numpy(y)

        def run():
            kid(x, y, args["subsets"], args["size"])
        self.run = run
        return [check]


def distances(x, y, rows=1000):
    """Blocks of Euclidean distances between rows, as scikit-learn expands them."""
    yy = np.einsum("ij,ij->i", y, y)
    for i in range(0, len(x), rows):
        b = x[i:i + rows]
        d = -2 * np.dot(b, y.T)
        d += np.einsum("ij,ij->i", b, b)[:, None]
        d += yy
        np.maximum(d, 0, out=d)
        np.sqrt(d, out=d)
        yield i, d


def radii(x, k):
    r = np.empty(len(x), x.dtype)
    for i, d in distances(x, x):
        d[np.arange(len(d)), np.arange(i, i + len(d))] = 0
        r[i:i + len(d)] = np.partition(d, k, axis=1)[:, k]
    return r


def prdc(real, fake, k=5):
    """Precision, recall, density and coverage as the prdc package defines them; its 10 000 x 10 000 matrices come in blocks of rows to fit."""
    r, s = radii(real, k), radii(fake, k)
    held, recalled, covered = np.zeros(len(fake)), np.zeros(len(real), bool), np.zeros(len(real), bool)
    for i, d in distances(real, fake):
        rows = slice(i, i + len(d))
        held += (d < r[rows, None]).sum(axis=0)
        recalled[rows] = (d < s[None, :]).any(axis=1)
        covered[rows] = d.min(axis=1) < r[rows]
    return [float((held > 0).mean()), float(recalled.mean()), float(held.sum() / (k * len(fake))), float(covered.mean())]


def four(v):
    return [float(v[name]) for name in ("precision", "recall", "density", "coverage")]


class PRDC:
    """Variants float64, what the prdc package computes in, float32, faster and inexact near the radii, and package, its own code with whole matrices."""

    def open(self, args, dir, variant):
        x, y = load(dir, "real"), load(dir, "fake")
        if variant == "float32":
            x, y = x.astype(np.float32), y.astype(np.float32)
        self.run = lambda: prdc(x, y)
        if variant == "package":
            try:
                from prdc import compute_prdc
            except ImportError as e:
                raise ImportError("prdc") from e
            self.run = lambda: four(compute_prdc(x, y, 5))
        return []


class Bundle:
    """Frechet distance, KID, precision, recall, density and coverage from the features of two sets."""

    def open(self, args, dir, variant):
        x, y = load(dir, "real"), load(dir, "fake")
        x32, y32 = x.astype(np.float32), y.astype(np.float32)

        def run():
            fd = frechet(x.mean(0), np.cov(x, rowvar=False), y.mean(0), np.cov(y, rowvar=False), "eigvals")
            kid(x32, y32, args["subsets"], args["size"])
            return [fd] + prdc(x32, y32)
        self.run = run
        return []

"""What the jobs share: packages, imported only when a job asks for them so that a missing one skips only its own rows, arrays and their comparison."""
import platform

THREADS = 1


def threads(n):
    global THREADS
    THREADS = n


def torch():
    try:
        import torch as t
    except ImportError as e:
        raise ImportError("python3-torch") from e
    t.set_num_threads(THREADS)
    return t


def numpy():
    try:
        import numpy
    except ImportError as e:
        raise ImportError("python3-numpy") from e
    return numpy


def linalg():
    try:
        import scipy.linalg as l
    except ImportError as e:
        raise ImportError("python3-scipy") from e
    return l


def mkl():
    """MKL through its C interface, from the wheel of that name: pip's index has no numpy that is linked to it."""
    import ctypes
    import glob
    import sys
    paths = sorted(glob.glob(sys.prefix + "/lib/libmkl_rt.so*"))
    if not paths:
        raise ImportError("mkl")
    lib = ctypes.CDLL(paths[-1])
    lib.MKL_Set_Num_Threads(THREADS)
    return lib


def load(dir, name):
    return numpy().load("%s/%s.npy" % (dir, name))


def worst(got, want):
    """Largest difference relative to the largest value."""
    np = numpy()
    got, want = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    return abs(got - want).max() / max(abs(want).max(), 1e-30)


def version(name):
    """The version of a package, "" where it is not there. What a Linux distribution installs is known by its module alone."""
    from importlib import metadata
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
    try:
        return __import__({"scikit-learn": "sklearn", "faiss-cpu": "faiss"}.get(name, name)).__version__
    except (ImportError, AttributeError):
        return ""


def blas():
    """The BLAS library numpy is linked to, as OpenBLAS names itself."""
    import ctypes
    numpy().dot(numpy().ones(2), numpy().ones(2))
    try:
        with open("/proc/self/maps") as f:
            paths = sorted({l.split()[-1] for l in f if "openblas" in l.lower() or "libmkl" in l})
    except OSError:
        return ""
    for path in paths:
        lib = ctypes.CDLL(path)
        for suffix in ("", "64_"):
            f = getattr(lib, "openblas_get_config" + suffix, None)
            if f is not None:
                f.restype = ctypes.c_char_p
                return f().decode()
    return ", ".join(p.rsplit("/", 1)[-1] for p in paths)


def info():
    r = {"python": platform.python_version()}
    for name in ("torch", "numpy", "scipy", "mkl", "scikit-learn", "faiss-cpu", "onnxruntime", "openvino", "torch-fidelity", "clean-fid", "pytorch-fid", "prdc"):
        r[name] = version(name)
    if r["numpy"]:
        r["blas"] = blas()
    if r["torch"]:
        config = torch().__config__.show()
        for line in config.split("\n"):
            if "MKL-DNN" in line or "CPU capability" in line:
                key = "onednn" if "MKL-DNN" in line else "aten"
                r[key] = line.strip(" -").split(" (")[0].replace("Intel(R) ", "").replace("CPU capability usage: ", "")
    return r

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


def faiss():
    """faiss with kernels for this processor: the OpenBLAS in its wheel is of 2021, knows none of today's and takes those for the Pentium 4 (Prescott) unless it is told
    what numpy's newer one found."""
    import os
    found = blas("numpy").split()
    tell = len(found) > 2 and "OPENBLAS_CORETYPE" not in os.environ
    if tell:
        os.environ["OPENBLAS_CORETYPE"] = found[-2]
    try:
        import faiss as f
    except ImportError as e:
        raise ImportError("faiss-cpu") from e
    finally:
        if tell:
            del os.environ["OPENBLAS_CORETYPE"]
    return f


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
    """The version of a package as it names itself, else as it was installed; "" where it is not there."""
    from importlib import metadata
    try:
        return __import__({"scikit-learn": "sklearn"}.get(name, name)).__version__
    except (ImportError, AttributeError):
        pass
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def blas(owner):
    """The BLAS library that a package brings or is linked to, as OpenBLAS names itself: wheels of numpy, scipy and faiss have one each."""
    import ctypes
    try:
        with open("/proc/self/maps") as f:
            paths = sorted({l.split()[-1] for l in f if "openblas" in l.lower()})
    except OSError:
        return ""
    own = [p for p in paths if "/%s" % owner in p]
    for path in own or [p for p in paths if "site-packages" not in p]:
        lib = ctypes.CDLL(path)
        for name in ("openblas_get_config", "openblas_get_config64_", "scipy_openblas_get_config", "scipy_openblas_get_config64_"):
            f = getattr(lib, name, None)
            if f is not None:
                f.restype = ctypes.c_char_p
                return f().decode()
        return path.rsplit("/", 1)[-1]
    return ""


def info():
    r = {"python": platform.python_version()}
    if version("numpy"):
        r["blas"] = blas("numpy")
    try:
        r["faiss-cpu"], r["faiss-blas"] = faiss().__version__, blas("faiss")
    except ImportError:
        pass
    for name in ("torch", "numpy", "scipy", "mkl", "scikit-learn", "onnxruntime", "openvino", "torch-fidelity", "clean-fid", "pytorch-fid", "prdc"):
        r[name] = version(name)
    if r["torch"]:
        config = torch().__config__.show()
        for line in config.split("\n"):
            if "MKL-DNN" in line or "CPU capability" in line:
                key = "onednn" if "MKL-DNN" in line else "aten"
                r[key] = line.strip(" -").split(" (")[0].replace("Intel(R) ", "").replace("CPU capability usage: ", "")
    return r

"""Single products and convolutions."""
from libraries import load, mkl, numpy, torch, worst

LIMIT = 1e-4


class Gemm:
    """c = a b in float32, or float64 for dgemm; variants numpy (its BLAS), mkl (its C interface called directly) and torch."""

    def open(self, args, dir, variant):
        np = numpy()
        a, b, want = (load(dir, n) for n in "abc")
        if variant == "numpy":
            c = np.empty_like(want)
            self.run = lambda: np.dot(a, b, out=c) is None
            self.run()
            got = c
        elif variant == "mkl":
            got = np.empty_like(want)
            self.run = direct(a, b, got)
            self.run()
        else:
            t = torch()
            ta, tb = t.from_numpy(a), t.from_numpy(b)
            tc = t.empty_like(ta)
            self.run = lambda: t.mm(ta, tb, out=tc) is None
            self.run()
            got = tc.numpy()
        return [("product", worst(got, want), LIMIT)]


def direct(a, b, c):
    """The product by MKL's cblas_sgemm or cblas_dgemm: row-major (101), nothing transposed (111)."""
    import ctypes
    lib, n = mkl(), len(a)
    f, real = (lib.cblas_sgemm, ctypes.c_float) if a.dtype == numpy().float32 else (lib.cblas_dgemm, ctypes.c_double)
    at = lambda x: ctypes.c_void_p(x.ctypes.data)  # of arrays that the function below keeps
    return lambda: f(101, 111, 111, n, n, n, real(1), at(a), n, at(b), n, real(0), at(c), n) and None


class Conv:
    """One pass of a convolution in torch (oneDNN), channels_last or contiguous."""

    def open(self, args, dir, variant):
        t = torch()
        fmt = t.channels_last if variant == "channels_last" else t.contiguous_format
        x = t.from_numpy(load(dir, "x")).permute(0, 3, 1, 2).contiguous(memory_format=fmt)
        y = t.from_numpy(load(dir, "y")).permute(0, 3, 1, 2).contiguous(memory_format=fmt)
        w = t.from_numpy(load(dir, "w")).permute(3, 2, 0, 1).contiguous(memory_format=fmt)
        want = t.from_numpy(load(dir, "out"))
        s, p, which = [args["s"]] * 2, [args["p"]] * 2, args["pass"]

        def back(mask):
            return t.ops.aten.convolution_backward(y, x, w, None, s, p, [1, 1], False, [0, 0], 1, mask)

        if which == "forward":
            f, perm = (lambda: t.nn.functional.conv2d(x, w, None, s, p)), (0, 2, 3, 1)
        elif which == "input":
            f, perm = (lambda: back([True, False, False])[0]), (0, 2, 3, 1)
        else:
            f, perm = (lambda: back([False, True, False])[1]), (2, 3, 1, 0)
        def run():
            with t.no_grad():
                f()
        self.run = run
        return [("result", worst(f().permute(*perm).numpy(), want.numpy()), LIMIT)]

"""Finds jobs by name and imports them only when they are asked for."""


def find(name):
    if name == "step":
        import nets
        return nets.Step()
    if name == "inception":
        import inception
        return inception.Forward()
    if name == "vit":
        import transformers
        return transformers.Forward()
    if name == "vgg":
        import vgg
        return vgg.Forward()
    if name == "folder":
        import folders
        return folders.Score()
    if name in ("gemm", "gemm64", "conv"):
        import kernels
        return {"gemm": kernels.Gemm, "gemm64": kernels.Gemm, "conv": kernels.Conv}[name]()
    import scores
    return {"frechet": scores.Frechet, "cov": scores.Cov, "kid": scores.KID, "prdc": scores.PRDC, "fd": scores.FD, "knn": scores.KNN, "bundle": scores.Bundle}[name]()

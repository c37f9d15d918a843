"""torchmetrics' modules, fed the images of the folders as bytes."""
import pathlib
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import inspect
import numpy as np
import torch
from PIL import Image
from torchmetrics.image.fid import FrechetInceptionDistance, NoTrainInceptionV3
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import KernelInceptionDistance

torch.save(common.weights(j["weights"]), j["scratch"] + "/weights.pth")
common.versions("torchmetrics", "torch-fidelity", "torch")


def images(folder):
    files = sorted(pathlib.Path(folder).glob("*.png"))
    return torch.from_numpy(np.stack([np.asarray(Image.open(f).convert("RGB")) for f in files])).permute(0, 3, 1, 2)


def net(layer):
    return NoTrainInceptionV3(name="inception-v3-compat", features_list=[layer], feature_extractor_weights_path=j["scratch"] + "/weights.pth")


def options(cls):
    """The release that is installed may not know the antialiasing that the protocol's name promises; the row then says so by its case."""
    return {"antialias": True} if "antialias" in inspect.signature(cls.__init__).parameters else {}


case = "torchmetrics"
real, fake = images(j["real"]), images(j["fake"])
for layer in ("64", "2048"):
    fd = FrechetInceptionDistance(feature=net(layer), **options(FrechetInceptionDistance)).set_dtype(torch.float64)
    kid = KernelInceptionDistance(feature=net(layer), subsets=1, subset_size=j["n"], **options(KernelInceptionDistance))
    for a in range(0, len(real), 32):
        for m in (fd, kid):
            m.update(real[a:a + 32], real=True)
    for a in range(0, len(fake), 32):
        for m in (fd, kid):
            m.update(fake[a:a + 32], real=False)
    common.value(case, f"fd {layer}", fd.compute())
    common.value(case, f"kid {layer}", kid.compute()[0])
    kid._computed = None
    kid.real_features, kid.fake_features = [[f.double() for f in side] for side in (kid.real_features, kid.fake_features)]
    common.value(case, f"kid in float64 {layer}", kid.compute()[0])

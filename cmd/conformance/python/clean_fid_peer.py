"""clean-fid's own reading, resizing, statistics and distances, mode clean. Its network is a TorchScript program that only a download brings; pytorch-fid's
network, the same graph with the same names of tensors, stands in its place and holds the synthetic weights."""
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import numpy as np
import torch
import pytorch_fid.inception
from cleanfid import fid

pytorch_fid.inception.load_state_dict_from_url = lambda *a, **k: common.weights(j["weights"])
common.versions("clean-fid", "torch", "scipy")
for dims in (64, 2048):
    net = pytorch_fid.inception.InceptionV3([pytorch_fid.inception.InceptionV3.BLOCK_INDEX_BY_DIM[dims]], resize_input=False, normalize_input=False).eval()

    def features(x):
        with torch.no_grad():
            y = net((x - 128) / 128)[0]
        return y.mean((2, 3)) if y.shape[2] > 1 else y[:, :, 0, 0]

    sides = [fid.get_folder_features(j[s], model=features, num_workers=0, batch_size=32, device=torch.device("cpu"), mode="clean", verbose=False) for s in ("real", "fake")]
    stats = [(np.mean(s, axis=0), np.cov(s, rowvar=False)) for s in sides]
    common.value("clean-fid", f"fd {dims}", fid.frechet_distance(*stats[1], *stats[0]))
    for kind, precision in (("", np.float32), (" in float64", np.float64)):
        np.random.seed(0)
        common.value("clean-fid", f"kid{kind} {dims}", fid.kernel_distance(*[s.astype(precision) for s in sides], num_subsets=1, max_subset_size=j["n"]))

"""Two folders of PNG files to a table, by the tools' own code with synthetic weights: reading, resampling, features, scores."""
import glob

from libraries import load, torch
from scores import four

t = torch()


def inception(state):
    """pytorch-fid's network with the given weights in place of the downloaded ones."""
    try:
        import pytorch_fid.inception as p
    except ImportError as e:
        raise ImportError("pytorch-fid") from e
    p.load_state_dict_from_url = lambda *a, **k: state
    return p.InceptionV3([p.InceptionV3.BLOCK_INDEX_BY_DIM[2048]], resize_input=True, normalize_input=True).eval()


def fidelity(args, real, fake, state, dir):
    try:
        import torch_fidelity
    except ImportError as e:
        raise ImportError("torch-fidelity") from e
    weights = dir + "/weights.pth"
    t.save(state, weights)

    def run():
        m = torch_fidelity.calculate_metrics(
            input1=fake, input2=real, fid=True, kid=True, cuda=False, verbose=False, cache=False, batch_size=32, save_cpu_ram=True,
            kid_subset_size=args["subset"], kid_subsets=100, feature_extractor="inception-v3-compat", feature_extractor_weights_path=weights)
        return [m["frechet_inception_distance"]]
    return run


def clean(args, real, fake, state, dir):
    """clean-fid's network is a TorchScript program that only a download brings; pytorch-fid's, the same graph, stands in its place."""
    try:
        from cleanfid import fid
    except ImportError as e:
        raise ImportError("clean-fid") from e
    net = inception(state)
    net.resize_input = net.normalize_input = False

    def model(x):
        with t.no_grad():
            return net((x - 128) / 128)[0][:, :, 0, 0]
    return lambda: [float(fid.compute_fid(fake, real, mode="clean", custom_feat_extractor=model, num_workers=0, batch_size=32, device=t.device("cpu"), verbose=False))]


def neighbours(args, real, fake, state, dir):
    """Features by pytorch-fid, scores by prdc, as prdc's page tells its readers to go about it."""
    try:
        from prdc import compute_prdc
    except ImportError as e:
        raise ImportError("prdc") from e
    net = inception(state)
    from pytorch_fid.fid_score import get_activations

    def features(folder):
        return get_activations(sorted(glob.glob(folder + "/*.png")), net, 32, 2048, "cpu", 0)
    return lambda: four(compute_prdc(features(real), features(fake), 5))


class Score:
    """Variants torch-fidelity (FID and KID), clean-fid (FID) and prdc (precision, recall, density, coverage)."""

    def open(self, args, dir, variant):
        state = {}
        for path in glob.glob(dir + "/w.*.npy"):
            key = path.rsplit("/w.", 1)[1][:-4]
            state[key] = t.from_numpy(load(dir, "w." + key))
        make = {"torch-fidelity": fidelity, "clean-fid": clean, "prdc": neighbours}[variant]
        self.run = make(args, dir + "/real", dir + "/fake", state, dir)
        return []

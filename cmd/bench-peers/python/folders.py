"""Two folders of PNG files to a table, by the tools' own code with synthetic weights: reading, resampling, features, scores."""
from libraries import load, torch

t = torch()


class Score:
    """Variants torch-fidelity (FID and KID) and clean-fid (FID)."""

    def open(self, args, dir, variant):
        import libraries
        real, fake, weights = dir + "/real", dir + "/fake", dir + "/weights.pth"
        state = {}
        import glob
        for path in glob.glob(dir + "/w.*.npy"):
            key = path.rsplit("/w.", 1)[1][:-4]
            state[key] = t.from_numpy(load(dir, "w." + key))
        t.save(state, weights)
        if variant == "torch-fidelity":
            try:
                import torch_fidelity
            except ImportError as e:
                raise ImportError("torch-fidelity") from e

            def run():
                m = torch_fidelity.calculate_metrics(
                    input1=fake, input2=real, fid=True, kid=True, cuda=False, verbose=False, cache=False, batch_size=32, save_cpu_ram=True,
                    kid_subset_size=args["subset"], kid_subsets=100, feature_extractor="inception-v3-compat", feature_extractor_weights_path=weights)
                return [m["frechet_inception_distance"]]
        else:
            raise ImportError("clean-fid")
        self.run = run
        return []

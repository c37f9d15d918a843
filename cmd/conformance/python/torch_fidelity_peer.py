"""torch-fidelity's calculate_metrics on the folders. Subsets of KID are the whole sets, whose order does not matter; images are not shuffled."""
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import torch
import torch_fidelity

torch.save(common.weights(j["weights"]), j["scratch"] + "/weights.pth")
common.versions("torch-fidelity", "torch")
for layer in ("64", "2048"):
    m = torch_fidelity.calculate_metrics(
        input1=j["fake"], input2=j["real"], cuda=False, batch_size=32, isc=layer == "2048", fid=True, kid=True, prc=True, verbose=False, cache=False,
        feature_extractor="inception-v3-compat", feature_extractor_weights_path=j["scratch"] + "/weights.pth",
        feature_layer_fid=layer, feature_layer_kid=layer, feature_layer_prc=layer, samples_shuffle=False, kid_subsets=1, kid_subset_size=j["n"],
        isc_splits=10, prc_neighborhood=3, save_cpu_ram=True)
    common.value("torch-fidelity", f"fd {layer}", m["frechet_inception_distance"])
    common.value("torch-fidelity", f"kid {layer}", m["kernel_inception_distance_mean"])
    common.value("torch-fidelity", f"precision {layer}", m["precision"])
    common.value("torch-fidelity", f"recall {layer}", m["recall"])
    if layer == "2048":
        common.value("torch-fidelity", "is", m["inception_score_mean"])
        common.value("torch-fidelity", "is_std", m["inception_score_std"])

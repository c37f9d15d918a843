"""pytorch-fid's own folder-to-FID path; only where its network takes the weights from is changed."""
import warnings

import common

warnings.filterwarnings("ignore")
j = common.job()
import pytorch_fid.fid_score
import pytorch_fid.inception

pytorch_fid.inception.load_state_dict_from_url = lambda *a, **k: common.weights(j["weights"])
common.versions("pytorch-fid", "torch", "scipy")
for dims in (64, 192, 2048):
    common.value("pytorch-fid", f"fd {dims}", pytorch_fid.fid_score.calculate_fid_given_paths([j["real"], j["fake"]], 32, "cpu", dims, num_workers=0))

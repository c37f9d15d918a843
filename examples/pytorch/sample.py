"""Draws digits from a trained generator: an npy file of N x 28 x 28 bytes on the standard output."""
import argparse
import io
import sys
import numpy as np
import torch
from dcgan import generator, noise

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("--n", type=int, default=64)
p.add_argument("--seed", type=int, default=1)
p.add_argument("--model", default="dcgan-{seed}.pt")
a = p.parse_args()
g = generator()
g.load_state_dict(torch.load(a.model.format(seed=a.seed), weights_only=True))
g.eval()
torch.manual_seed(a.seed)
with torch.no_grad():
    x = torch.cat([g(noise(min(256, a.n - i))) for i in range(0, a.n, 256)])
pixels = ((x[:, 0] + 1) * 127.5).round().clamp(0, 255).byte().numpy()
b = io.BytesIO()
np.save(b, pixels)
sys.stdout.buffer.write(b.getvalue())

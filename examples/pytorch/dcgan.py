"""A small DCGAN on digits of 28 x 28, as written by: assay data glyphs --out glyphs.npz"""
import argparse
import numpy as np
import torch
from torch import nn

WIDTH, LATENT = 8, 32


def generator():
    return nn.Sequential(
        nn.ConvTranspose2d(LATENT, 4 * WIDTH, 7), nn.BatchNorm2d(4 * WIDTH), nn.ReLU(),
        nn.ConvTranspose2d(4 * WIDTH, 2 * WIDTH, 4, 2, 1), nn.BatchNorm2d(2 * WIDTH), nn.ReLU(),
        nn.ConvTranspose2d(2 * WIDTH, 1, 4, 2, 1), nn.Tanh())


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 2 * WIDTH, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * WIDTH, 4 * WIDTH, 4, 2, 1), nn.BatchNorm2d(4 * WIDTH), nn.LeakyReLU(0.2),
        nn.Conv2d(4 * WIDTH, 1, 7), nn.Flatten(0))


def noise(n):
    return torch.randn(n, LATENT, 1, 1)


def train(images, steps, batch, lr):
    g, d = generator(), discriminator()
    opt_g = torch.optim.Adam(g.parameters(), lr, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(d.parameters(), lr, betas=(0.5, 0.999))
    loss = nn.functional.softplus  # of -logits for "real", of logits for "fake"
    for step in range(steps):
        real = images[torch.randint(len(images), (batch,))]
        fake = g(noise(batch))
        d_loss = loss(-d(real)).mean() + loss(d(fake.detach())).mean()
        opt_d.zero_grad(); d_loss.backward(); opt_d.step()
        g_loss = loss(-d(fake)).mean()
        opt_g.zero_grad(); g_loss.backward(); opt_g.step()
    print(f"{steps} steps: loss {d_loss.item():.3f} of d, {g_loss.item():.3f} of g")
    return g


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", default="glyphs.npz")
    p.add_argument("--steps", type=int, default=150)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--seeds", type=int, nargs="+", default=[1])
    p.add_argument("--out", default="dcgan-{seed}.pt")
    a = p.parse_args()
    x = np.load(a.data)["x_train"].astype(np.float32) / 127.5 - 1  # N x 28 x 28 x 1 bytes
    for seed in a.seeds:
        torch.manual_seed(seed)
        g = train(torch.from_numpy(x).permute(0, 3, 1, 2), a.steps, a.batch, a.lr)
        torch.save(g.state_dict(), a.out.format(seed=seed))

"""The values of TestUNetAsInPyTorch: the same small U-Net in PyTorch, in float64. Run: python3 unet.py"""
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
params, count = {}, 0


def waves(shape, size, k):
    n = math.prod(shape)
    x = torch.sin(0.7 * torch.arange(n) + k) * size
    return x.float().double().reshape(shape)


def param(name, *shape):
    """A parameter in the layout of package nn: HWIO for convolutions, [in, out] for dense layers."""
    global count
    count += 1
    p = waves(shape, 0.3, count)
    if name.endswith("gamma"):
        p = 1 + p
    params[name] = p.float().double().requires_grad_()
    return params[name]


def conv(name, i, o, k):
    w, b = param(name + ".w", k, k, i, o), param(name + ".b", o)
    return lambda x, stride=1: F.conv2d(x, w.permute(3, 2, 0, 1), b, stride, k // 2)


def dense(name, i, o):
    w, b = param(name + ".w", i, o), param(name + ".b", o)
    return lambda x: x @ w + b


def norm(name, c, g):
    a, b = param(name + ".gamma", c), param(name + ".beta", c)
    return lambda x: F.group_norm(x, g, a, b, 1e-5)


def groups(c):
    return max(g for g in range(1, 9) if c % g == 0)


def block(name, i, o, t):
    n, c1, tm, c2 = norm(name + ".norm", i, groups(i)), conv(name + ".conv1", i, o, 3), dense(name + ".time", t, 2 * o), conv(name + ".conv2", o, o, 3)
    skip = conv(name + ".skip", i, o, 1) if i != o else lambda x: x

    def f(x, e):
        h = c1(F.silu(n(x)))
        a, b = tm(e).chunk(2, 1)
        h = F.group_norm(h, groups(o), None, None, 1e-5) * (1 + a[:, :, None, None]) + b[:, :, None, None]
        return skip(x) + c2(F.silu(h))
    return f


W, T = 4, 6
t1, t2 = dense("time.fc1", T, T), dense("time.fc2", T, T)
first = conv("in", 2, W, 3)
down0 = block("down0_0", W, W, T)
shrink = conv("shrink0", W, W, 3)
down1 = block("down1_0", W, 2 * W, T)
mid0, mid1 = block("middle0", 2 * W, 2 * W, T), block("middle1", 2 * W, 2 * W, T)
up1 = block("up1_0", 4 * W, 2 * W, T)
expand = conv("expand1", 2 * W, 2 * W, 3)
up0 = block("up0_0", 3 * W, W, T)
last_norm, last = norm("norm", W, 4), conv("out", W, 2, 3)

x = waves((2, 6, 4, 2), 1, 0.5).requires_grad_()
t = torch.tensor([0.25, 0.7]).float().double()
f = torch.exp(-math.log(10000) * torch.arange(T // 2) / (T // 2))
a = 1000 * t[:, None] * f[None]
e = F.silu(t2(F.silu(t1(torch.cat([a.cos(), a.sin()], 1)))))
h = first(x.permute(0, 3, 1, 2))
k0 = down0(h, e)
k1 = down1(shrink(k0, 2), e)
h = mid1(mid0(k1, e), e)
h = expand(F.interpolate(up1(torch.cat([h, k1], 1), e), scale_factor=2))
y = last(F.silu(last_norm(up0(torch.cat([h, k0], 1), e)))).permute(0, 2, 3, 1)
loss = (y * waves(y.shape, 1, 1.5)).sum()
loss.backward()
print("loss", loss.item(), "first", y.flatten()[:3].tolist())
print("input", x.grad.norm().item())
for name, p in params.items():
    print(f'{{"u.{name}", {p.grad.norm().item():.7g}}},')

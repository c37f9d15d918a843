"""The FID network (Inception-2015 with its three quirks) in plain PyTorch: torchvision's blocks as pytorch-fid patches them."""
from engines import engine
from libraries import load, torch, worst

t = torch()
nn, F = t.nn, t.nn.functional


class C(nn.Module):
    def __init__(self, i, o, k, s=1, p=0):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, p, bias=False)
        self.bn = nn.BatchNorm2d(o, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)), inplace=True)


def avg(x):
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


class A(nn.Module):
    def __init__(self, i, pool):
        super().__init__()
        self.branch1x1 = C(i, 64, 1)
        self.branch5x5_1, self.branch5x5_2 = C(i, 48, 1), C(48, 64, 5, 1, 2)
        self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3 = C(i, 64, 1), C(64, 96, 3, 1, 1), C(96, 96, 3, 1, 1)
        self.branch_pool = C(i, pool, 1)

    def forward(self, x):
        return t.cat([self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)),
                      self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))), self.branch_pool(avg(x))], 1)


class B(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.branch3x3 = C(i, 384, 3, 2)
        self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3 = C(i, 64, 1), C(64, 96, 3, 1, 1), C(96, 96, 3, 2)

    def forward(self, x):
        return t.cat([self.branch3x3(x), self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))), F.max_pool2d(x, 3, 2)], 1)


class M(nn.Module):
    def __init__(self, c):
        super().__init__()
        row, col = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
        self.branch1x1 = C(768, 192, 1)
        self.branch7x7_1, self.branch7x7_2, self.branch7x7_3 = C(768, c, 1), C(c, c, *row), C(c, 192, *col)
        self.branch7x7dbl_1, self.branch7x7dbl_2, self.branch7x7dbl_3 = C(768, c, 1), C(c, c, *col), C(c, c, *row)
        self.branch7x7dbl_4, self.branch7x7dbl_5 = C(c, c, *col), C(c, 192, *row)
        self.branch_pool = C(768, 192, 1)

    def forward(self, x):
        d = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        return t.cat([self.branch1x1(x), self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x))),
                      self.branch7x7dbl_5(self.branch7x7dbl_4(d)), self.branch_pool(avg(x))], 1)


class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = C(768, 192, 1), C(192, 320, 3, 2)
        self.branch7x7x3_1, self.branch7x7x3_2 = C(768, 192, 1), C(192, 192, (1, 7), 1, (0, 3))
        self.branch7x7x3_3, self.branch7x7x3_4 = C(192, 192, (7, 1), 1, (3, 0)), C(192, 192, 3, 2)

    def forward(self, x):
        return t.cat([self.branch3x3_2(self.branch3x3_1(x)),
                      self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))), F.max_pool2d(x, 3, 2)], 1)


class E(nn.Module):
    def __init__(self, i, last):
        super().__init__()
        self.last = last
        self.branch1x1 = C(i, 320, 1)
        self.branch3x3_1, self.branch3x3_2a, self.branch3x3_2b = C(i, 384, 1), C(384, 384, (1, 3), 1, (0, 1)), C(384, 384, (3, 1), 1, (1, 0))
        self.branch3x3dbl_1, self.branch3x3dbl_2 = C(i, 448, 1), C(448, 384, 3, 1, 1)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = C(384, 384, (1, 3), 1, (0, 1)), C(384, 384, (3, 1), 1, (1, 0))
        self.branch_pool = C(i, 192, 1)

    def forward(self, x):
        a, b = self.branch3x3_1(x), self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        pooled = F.max_pool2d(x, 3, 1, 1) if self.last else avg(x)
        return t.cat([self.branch1x1(x), self.branch3x3_2a(a), self.branch3x3_2b(a), self.branch3x3dbl_3a(b), self.branch3x3dbl_3b(b),
                      self.branch_pool(pooled)], 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3, self.Conv2d_2b_3x3 = C(3, 32, 3, 2), C(32, 32, 3), C(32, 64, 3, 1, 1)
        self.Conv2d_3b_1x1, self.Conv2d_4a_3x3 = C(64, 80, 1), C(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = A(192, 32), A(256, 64), A(288, 64)
        self.Mixed_6a, self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = B(288), M(128), M(160), M(160), M(192)
        self.Mixed_7a, self.Mixed_7b, self.Mixed_7c = D(), E(1280, False), E(2048, True)

    def forward(self, x):
        x = F.max_pool2d(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))), 3, 2)
        x = F.max_pool2d(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)), 3, 2)
        for m in (self.Mixed_5b, self.Mixed_5c, self.Mixed_5d, self.Mixed_6a, self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e,
                  self.Mixed_7a, self.Mixed_7b, self.Mixed_7c):
            x = m(x)
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Pixels(nn.Module):
    """From bytes to features, as pytorch-fid does it."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(2 * (x.float() / 255) - 1)


class Forward:
    """From pixels to 2048 features: evaluation mode, no gradients."""

    def open(self, args, dir, variant):
        net = Net()
        with t.no_grad():
            for key, p in net.state_dict().items():
                if not key.endswith("num_batches_tracked"):
                    p.copy_(t.from_numpy(load(dir, "w." + key)))
        x = t.from_numpy(load(dir, "pixels")).permute(0, 3, 1, 2).contiguous().to(t.uint8)
        run = engine(Pixels(net), x, variant)
        self.run = lambda: run() is None
        return [("features, " + variant, worst(run()[:1], load(dir, "features")), 1e-4)]

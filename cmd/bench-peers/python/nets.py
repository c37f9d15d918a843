"""The nets of nets.go in PyTorch, and their training step.

A Binder remembers which tensor of Assay's a torch parameter is and how to bring it into torch's layout: Assay's images are N x H x W x C and its
weights have the output last.
"""
from libraries import load, numpy, torch, worst

t = torch()
nn, F = t.nn, t.nn.functional

# Gradients are compared in float64 on this side: what is left is the rounding of Assay's float32. Where an activation lies so near 0 that rounding
# decides the side of a ReLU, PyTorch's own float32 gradient is as far from float64: then OWN times that distance is allowed.
LOSS_LIMIT, GRAD_LIMIT, RUN_LIMIT, OWN = 1e-5, 1e-4, 1e-3, 3


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(-1, *self.shape)


class Binder:
    def __init__(self, scope):
        self.scope, self.rows = scope, []

    def add(self, p, name, turn):
        self.rows.append((p, self.scope + "." + name, turn))

    def dense(self, name, i, o, bias=True, out_chw=None, in_chw=None):
        m = nn.Linear(i, o, bias=bias)

        def weight(a):
            if out_chw:
                c, h, w = out_chw
                a = a.reshape(i, h, w, c).transpose(0, 3, 1, 2).reshape(i, o)
            if in_chw:
                c, h, w = in_chw
                a = a.reshape(h, w, c, o).transpose(2, 0, 1, 3).reshape(i, o)
            return a.T

        def vector(a):
            if out_chw:
                c, h, w = out_chw
                a = a.reshape(h, w, c).transpose(2, 0, 1).reshape(-1)
            return a

        self.add(m.weight, name + ".w", weight)
        if bias:
            self.add(m.bias, name + ".b", vector)
        return m

    def conv(self, name, i, o, k, s, p, bias=True):
        return self._conv(nn.Conv2d(i, o, k, s, p, bias=bias), name, bias)

    def convt(self, name, i, o, k, s, p, bias=True):
        return self._conv(nn.ConvTranspose2d(i, o, k, s, p, bias=bias), name, bias)

    def _conv(self, m, name, bias):
        self.add(m.weight, name + ".w", lambda a: a.transpose(3, 2, 0, 1))
        if bias:
            self.add(m.bias, name + ".b", lambda a: a)
        return m

    def bn(self, name, c, flat=False):
        m = nn.BatchNorm1d(c) if flat else nn.BatchNorm2d(c)
        self.add(m.weight, name + ".gamma", lambda a: a)
        self.add(m.bias, name + ".beta", lambda a: a)
        return m


    def gn(self, name, c):
        m = nn.GroupNorm(max(g for g in range(1, 9) if c % g == 0), c)
        self.add(m.weight, name + ".gamma", lambda a: a)
        self.add(m.bias, name + ".beta", lambda a: a)
        return m

    def lstm(self, name, i, units):
        """PyTorch's gates are i f g o, ours i f o g, and its second bias is none here."""
        m = nn.LSTM(i, units)
        m.bias_hh_l0.requires_grad_(False).zero_()

        def order(a):
            i, f, o, g = numpy().split(a, 4, axis=-1)
            return numpy().concatenate([i, f, g, o], axis=-1).T
        self.add(m.weight_ih_l0, name + ".w", order)
        self.add(m.weight_hh_l0, name + ".u", order)
        self.add(m.bias_ih_l0, name + ".b", order)
        return m


lrelu = lambda: nn.LeakyReLU(0.2)
bce = F.binary_cross_entropy_with_logits


class Turn:
    """One optimiser's share of a step. frozen are the parameters that a frozen-critic step does not differentiate."""

    def __init__(self, name, loss, binders, draw, lr=2e-4, betas=(0.5, 0.999), frozen=()):
        self.name, self.loss, self.draw, self.frozen = name, loss, draw, frozen
        self.rows = [r for b in binders for r in b.rows]
        self.params = [r[0] for r in self.rows]
        self.lr, self.betas = lr, betas

    def reset(self):
        self.opt = t.optim.Adam(self.params, lr=self.lr, betas=self.betas, eps=1e-8)


class Model:
    def __init__(self, dir, dtype, memory, freeze):
        self.dir, self.dtype, self.memory, self.freeze = dir, dtype, memory, freeze
        self.inputs, self.pools, self.modules, self.turns = {}, {}, [], []

    def put(self, a):
        x = t.from_numpy(a).to(self.dtype)
        if x.dim() == 4:
            x = x.permute(0, 3, 1, 2).contiguous(memory_format=self.memory)
        return x

    def fixed(self, name):
        self.inputs[name] = self.put(load(self.dir, "in." + name))

    def data(self, name):
        self.fixed(name)
        self.pools[name] = self.put(load(self.dir, "pool." + name))
        n, b = len(self.pools[name]), len(self.inputs[name])

        def draw():
            x = self.pools[name][t.randint(0, n, (b,))]
            self.inputs[name] = x.contiguous(memory_format=self.memory) if x.dim() == 4 else x
        return draw

    def noise(self, name, f=t.randn):
        self.fixed(name)
        shape = self.inputs[name].shape

        def draw():
            self.inputs[name] = f(shape, dtype=self.dtype)
        return draw

    def net(self, *layers):
        m = nn.Sequential(*layers)
        self.modules.append(m)
        return m

    def finish(self, *turns):
        self.turns = turns
        for m in self.modules:
            m.to(self.dtype)
            if self.memory is t.channels_last:
                m.to(memory_format=self.memory)
        self.restore()

    def restore(self):
        with t.no_grad():
            for turn in self.turns:
                for p, name, to in turn.rows:
                    p.copy_(t.from_numpy(numpy().ascontiguousarray(to(load(self.dir, "w." + name)))))
                turn.reset()

    def step(self, turn):
        hold = turn.frozen if self.freeze else ()
        for p in hold:
            p.requires_grad_(False)
        turn.opt.zero_grad(set_to_none=True)
        loss = turn.loss(self.inputs)
        loss.backward()
        turn.opt.step()
        for p in hold:
            p.requires_grad_(True)
        return loss

    def train(self):
        for turn in self.turns:
            turn.draw()
            self.step(turn)


def both(*draws):
    return lambda: [d() for d in draws]


def adversarial(m, G, D, g, d, draw_x, draw_z):
    def d_loss(i):
        with t.no_grad():
            fake = G(i["z"])
        on_real, on_fake = D(i["x"]), D(fake)
        return bce(on_real, t.ones_like(on_real)) + bce(on_fake, t.zeros_like(on_fake))

    def g_loss(i):
        on_fake = D(G(i["z"]))
        return bce(on_fake, t.ones_like(on_fake))

    m.finish(Turn("d", d_loss, [d], both(draw_x, draw_z)), Turn("g", g_loss, [g], draw_z, frozen=[r[0] for r in d.rows]))


def mlp(m, w=128):
    g, d = Binder("g"), Binder("d")
    G = m.net(g.dense("l1", 2, w), nn.ReLU(), g.dense("l2", w, w), nn.ReLU(), g.dense("l3", w, 2))
    D = m.net(d.dense("l1", 2, w), lrelu(), d.dense("l2", w, w), lrelu(), d.dense("l3", w, 1))
    adversarial(m, G, D, g, d, m.data("x"), m.noise("z"))


def dcgan_g(m, g):
    return m.net(g.dense("fc", 100, 6272, out_chw=(128, 7, 7)), View(128, 7, 7), g.bn("bn1", 128), nn.ReLU(),
                 g.convt("t1", 128, 64, 4, 2, 1, bias=False), g.bn("bn2", 64), nn.ReLU(), g.convt("t2", 64, 1, 4, 2, 1), nn.Tanh())


def dcgan_d(m, d, w, norm):
    middle = [d.conv("c2", w, 2 * w, 4, 2, 1, bias=not norm)] + ([d.bn("bn", 2 * w)] if norm else [])
    return m.net(d.conv("c1", 1, w, 4, 2, 1), lrelu(), *middle, lrelu(), View(98 * w), d.dense("fc", 98 * w, 1, in_chw=(2 * w, 7, 7)))


def dcgan(m):
    g, d = Binder("g"), Binder("d")
    adversarial(m, dcgan_g(m, g), dcgan_d(m, d, 64, True), g, d, m.data("x"), m.noise("z"))


def wgangp(m):
    g, d = Binder("g"), Binder("d")
    G, D = dcgan_g(m, g), dcgan_d(m, d, 64, False)
    draw_x, draw_z, draw_e = m.data("x"), m.noise("z"), m.noise("eps", t.rand)

    def d_loss(i):
        x = i["x"]
        with t.no_grad():
            fake = G(i["z"])
        e = i["eps"].view(-1, 1, 1, 1)
        between = (fake + e * (x - fake)).requires_grad_(True)
        slope, = t.autograd.grad(D(between).sum(), between, create_graph=True)
        penalty = ((slope.flatten(1).norm(2, 1) - 1) ** 2).mean()
        return D(fake).mean() - D(x).mean() + 10 * penalty

    m.finish(Turn("d", d_loss, [d], both(draw_x, draw_z, draw_e)),
             Turn("g", lambda i: -D(G(i["z"])).mean(), [g], draw_z, frozen=[r[0] for r in d.rows]))


def vae(m):
    v = Binder("v")
    E = m.net(v.dense("e1", 784, 400), nn.ReLU(), v.dense("e2", 400, 40))
    D = m.net(v.dense("d1", 20, 400), nn.ReLU(), v.dense("d2", 400, 784))
    draw = both(m.data("x"), m.noise("z"))

    def loss(i):
        mean, log_var = E(i["x"]).chunk(2, 1)
        out = D(mean + (0.5 * log_var).exp() * i["z"])
        nll = bce(out, i["x"], reduction="sum") / len(out)
        return nll + 0.5 * (mean ** 2 + log_var.exp() - log_var - 1).sum() / len(out)

    m.finish(Turn("v", loss, [v], draw, lr=1e-3, betas=(0.9, 0.999)))


class Translator(nn.Module):
    def __init__(self, b, w):
        super().__init__()
        self.down = nn.Sequential(b.conv("c1", 1, w, 4, 2, 1), lrelu(), b.conv("c2", w, 2 * w, 4, 2, 1, bias=False), b.bn("bn2", 2 * w), nn.ReLU())
        self.block = nn.Sequential(b.conv("r1", 2 * w, 2 * w, 3, 1, 1, bias=False), b.bn("bn3", 2 * w), nn.ReLU(),
                                   b.conv("r2", 2 * w, 2 * w, 3, 1, 1, bias=False), b.bn("bn4", 2 * w))
        self.up = nn.Sequential(b.convt("t1", 2 * w, w, 4, 2, 1, bias=False), b.bn("bn5", w), nn.ReLU(), b.convt("t2", w, 1, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        h = self.down(x)
        return self.up(h + self.block(h))


def cyclegan(m):
    w = 32
    g, f, dx, dy = (Binder(n) for n in ("g", "f", "dx", "dy"))
    G, H = m.net(Translator(g, w)), m.net(Translator(f, w))
    X, Y = dcgan_d(m, dx, w, True), dcgan_d(m, dy, w, True)
    draw = both(m.data("x"), m.data("y"))
    to = lambda v, c: ((v - c) ** 2).mean()

    def d_loss(i):
        x, y = i["x"], i["y"]
        with t.no_grad():
            fake_y, fake_x = G(x), H(y)
        return 0.5 * (to(X(x), 1) + to(Y(y), 1) + to(X(fake_x), 0) + to(Y(fake_y), 0))

    def g_loss(i):
        x, y = i["x"], i["y"]
        fake_y, fake_x = G(x), H(y)
        cycle = (H(fake_y) - x).abs().mean() + (G(fake_x) - y).abs().mean()
        return to(X(fake_x), 1) + to(Y(fake_y), 1) + 10 * cycle

    m.finish(Turn("d", d_loss, [dx, dy], draw), Turn("g", g_loss, [g, f], draw, frozen=[r[0] for b in (dx, dy) for r in b.rows]))


def infogan(m):
    g, d = Binder("g"), Binder("d")
    G = m.net(g.dense("fc1", 64, 1024, bias=False), g.bn("bn1", 1024, flat=True), nn.ReLU(),
              g.dense("fc2", 1024, 8192, bias=False, out_chw=(128, 8, 8)), View(128, 8, 8), g.bn("bn2", 128), nn.ReLU(),
              g.convt("t1", 128, 64, 4, 2, 1, bias=False), g.bn("bn3", 64), nn.ReLU(), g.convt("t2", 64, 3, 4, 2, 1), nn.Tanh())
    D = m.net(d.conv("c1", 3, 64, 4, 2, 1), lrelu(), d.conv("c2", 64, 128, 4, 2, 1, bias=False), d.bn("bn1", 128), lrelu(), View(8192),
              d.dense("fc1", 8192, 1024, bias=False, in_chw=(128, 8, 8)), d.bn("bn2", 1024, flat=True), lrelu(), d.dense("fc2", 1024, 1))
    adversarial(m, G, D, g, d, m.data("x"), m.noise("z"))


class Block(nn.Module):
    def __init__(self, b, name, i, o, time):
        super().__init__()
        self.norm, self.conv1, self.time = b.gn(name + ".norm", i), b.conv(name + ".conv1", i, o, 3, 1, 1), b.dense(name + ".time", time, 2 * o)
        self.conv2 = b.conv(name + ".conv2", o, o, 3, 1, 1)
        self.skip = b.conv(name + ".skip", i, o, 1, 1, 0) if i != o else nn.Identity()
        self.groups = max(g for g in range(1, 9) if o % g == 0)

    def forward(self, x, e):
        h = self.conv1(F.silu(self.norm(x)))
        gain, shift = self.time(e).chunk(2, 1)
        h = F.group_norm(h, self.groups) * (1 + gain[:, :, None, None]) + shift[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(h))


class UNet(nn.Module):
    def __init__(self, b, w, halvings, time):
        super().__init__()
        self.fc1, self.fc2, self.first = b.dense("time.fc1", time, time), b.dense("time.fc2", time, time), b.conv("in", 1, w, 3, 1, 1)
        self.width = time
        at, down, shrink, up, expand = w, [], [], [], []
        for i in range(halvings + 1):
            ch = w << i
            down.append(Block(b, "down%d_0" % i, at, ch, time))
            at = ch
            if i < halvings:
                shrink.append(b.conv("shrink%d" % i, ch, ch, 3, 2, 1))
        self.middle = nn.ModuleList([Block(b, "middle%d" % i, at, at, time) for i in range(2)])
        for i in range(halvings, -1, -1):
            ch = w << i
            up.append(Block(b, "up%d_0" % i, at + ch, ch, time))
            at = ch
            if i > 0:
                expand.append(b.conv("expand%d" % i, ch, ch, 3, 1, 1))
        self.down, self.shrink, self.up, self.expand = (nn.ModuleList(l) for l in (down, shrink, up, expand))
        self.norm, self.last = b.gn("norm", w), b.conv("out", w, 1, 3, 1, 1)
        half = time // 2
        self.register_buffer("waves", 1000 * 10000.0 ** (-t.arange(half, dtype=t.float64) / half))

    def forward(self, x, at):
        a = at[:, None] * self.waves
        e = F.silu(self.fc2(F.silu(self.fc1(t.cat([a.cos(), a.sin()], 1)))))
        h, kept = self.first(x), []
        for i, block in enumerate(self.down):
            h = block(h, e)
            kept.append(h)
            if i < len(self.shrink):
                h = self.shrink[i](h)
        for block in self.middle:
            h = block(h, e)
        for i, block in enumerate(self.up):
            h = block(t.cat([h, kept.pop()], 1), e)
            if i < len(self.expand):
                h = self.expand[i](F.interpolate(h, scale_factor=2))
        return self.last(F.silu(self.norm(h)))


def unet(m):
    u = Binder("u")
    net = m.net(UNet(u, 16, 2, 64))[0]
    draw = both(m.data("x"), m.noise("e"), m.noise("t", t.rand))

    def loss(i):
        a = i["t"].view(-1, 1, 1, 1)
        return F.mse_loss(net((1 - a).sqrt() * i["x"] + a.sqrt() * i["e"], i["t"]), i["e"])

    m.finish(Turn("u", loss, [u], draw, lr=1e-3, betas=(0.9, 0.999)))


def lstm(m, places, units):
    l = Binder("l")
    cell, out = m.net(l.lstm("cell", 32, units))[0], m.net(l.dense("out", units, 32))
    draw = both(m.data("x"), m.data("y"))

    def loss(i):
        return F.mse_loss(out(cell(i["x"].view(places, -1, 32))[0]).view(-1, 32), i["y"])

    m.finish(Turn("l", loss, [l], draw, lr=2e-3, betas=(0.9, 0.999)))


NETS = {"small-64": lambda m: mlp(m, 64), "small-128": lambda m: mlp(m, 64), "unet": unet, "lstm-words": lambda m: lstm(m, 20, 32), "lstm-pixels": lambda m: lstm(m, 28, 64),
        "mlp": mlp, "dcgan": dcgan, "wgangp": wgangp, "vae": vae, "cyclegan": cyclegan, "infogan": infogan}


class Step:
    """A whole training step. Variants: eager; frozen (the critic's parameters need no gradient in the generator's turn); channels_last (frozen too);
    compile (frozen too, losses through torch.compile)."""

    def open(self, args, dir, variant):
        memory = t.channels_last if variant == "channels_last" else t.contiguous_format
        build = NETS[args["net"]]
        self.model = Model(dir, t.float32, memory, variant != "eager")
        build(self.model)
        checks = []
        if variant == "eager":
            checks = self.compare(args, dir, build)
        if variant == "compile":
            self.compile()
        self.model.restore()
        self.run = lambda: self.model.train() and None
        return checks

    def compile(self):
        """Compiles every turn's loss and its gradient now, so that no compiler is missed later."""
        import shutil
        if not hasattr(t, "compile"):
            raise ImportError("PyTorch 2, for torch.compile")
        if not shutil.which("g++"):
            raise ImportError("g++, for torch.compile")
        for turn in self.model.turns:
            turn.loss = t.compile(turn.loss)
        try:
            for _ in range(3):
                self.model.train()
        except Exception as e:  # second derivatives, for one
            raise ImportError("torch.compile refuses this step (%s)" % str(e).split("\n")[0][:120]) from e

    def compare(self, args, dir, build):
        m = Model(dir, t.float64, t.contiguous_format, True)
        build(m)
        checks = []
        for turn, plain in zip(m.turns, self.model.turns):
            loss = turn.loss(m.inputs)
            want = t.autograd.grad(loss, turn.params)
            own = t.autograd.grad(plain.loss(self.model.inputs), plain.params)
            ours = [t.from_numpy(numpy().ascontiguousarray(to(load(dir, "grad." + name)))) for _, name, to in turn.rows]
            checks.append(("loss " + turn.name, worst(load(dir, "loss." + turn.name), loss.item()), LOSS_LIMIT))
            checks.append(("gradient " + turn.name, distance(ours, want), max(GRAD_LIMIT, OWN * distance(own, want))))
        m.restore()
        want = load(dir, "losses")
        got = [m.step(turn).item() for _ in range(len(want) // len(m.turns)) for turn in m.turns]
        checks.append(("losses of %d steps" % (len(want) // len(m.turns)), worst(want, got), RUN_LIMIT))
        return checks


def distance(got, want):
    """Root mean square of the difference by that of the second."""
    off = sum((g.double() - w).square().sum().item() for g, w in zip(got, want))
    return (off / sum(w.square().sum().item() for w in want)) ** 0.5

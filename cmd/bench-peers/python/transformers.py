"""Vision transformers in plain PyTorch, by the names of the files published with them: DINOv2 and the image half of CLIP."""
from engines import engine
from libraries import load, torch, worst

t = torch()
nn, F = t.nn, t.nn.functional


class Block(nn.Module):
    def __init__(self, w, names, heads, eps, quick):
        super().__init__()
        self.heads, self.eps, self.quick = heads, eps, quick
        for key, name in names.items():
            self.register_buffer(key, w(name))

    def forward(self, x):
        n, s, d = x.shape
        y = F.layer_norm(x, (d,), self.n1w, self.n1b, self.eps)
        q, k, v = F.linear(y, self.qkvw, self.qkvb).reshape(n, s, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, s, d), self.outw, self.outb)
        x = x + (y * self.ls1 if hasattr(self, "ls1") else y)
        y = F.linear(F.layer_norm(x, (d,), self.n2w, self.n2b, self.eps), self.upw, self.upb)
        y = F.linear(y * t.sigmoid(1.702 * y) if self.quick else F.gelu(y), self.downw, self.downb)
        return x + (y * self.ls2 if hasattr(self, "ls2") else y)


def names(prefix, pairs, qkv, layers):
    out = {}
    for short, name in pairs.items():
        out[short + "w"], out[short + "b"] = prefix + name + ".weight", prefix + name + ".bias"
    out["qkvw"], out["qkvb"] = prefix + qkv[0], prefix + qkv[1]
    out.update({k: prefix + v for k, v in layers.items()})
    return out


class Net(nn.Module):
    def __init__(self, w, kind, depth, patch, mean, std):
        super().__init__()
        clip = kind == "clip"
        self.clip, self.patch, self.eps = clip, patch, 1e-5 if clip else 1e-6
        keys = ({"embed": "visual.conv1.weight", "cls": "visual.class_embedding", "place": "visual.positional_embedding", "prew": "visual.ln_pre.weight",
                 "preb": "visual.ln_pre.bias", "normw": "visual.ln_post.weight", "normb": "visual.ln_post.bias", "proj": "visual.proj"} if clip else
                {"embed": "patch_embed.proj.weight", "embedb": "patch_embed.proj.bias", "cls": "cls_token", "place": "pos_embed", "normw": "norm.weight", "normb": "norm.bias"})
        for key, name in keys.items():
            self.register_buffer(key, w(name))
        self.register_buffer("mean", t.tensor(mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", t.tensor(std).reshape(1, 3, 1, 1))
        d = self.embed.shape[0]
        for i in range(depth):
            if clip:
                n = names("visual.transformer.resblocks.%d." % i, {"n1": "ln_1", "out": "attn.out_proj", "n2": "ln_2", "up": "mlp.c_fc", "down": "mlp.c_proj"},
                          ("attn.in_proj_weight", "attn.in_proj_bias"), {})
            else:
                n = names("blocks.%d." % i, {"n1": "norm1", "out": "attn.proj", "n2": "norm2", "up": "mlp.fc1", "down": "mlp.fc2"},
                          ("attn.qkv.weight", "attn.qkv.bias"), {"ls1": "ls1.gamma", "ls2": "ls2.gamma"})
            self.add_module("block%d" % i, Block(w, n, d // 64, self.eps, clip))
        self.depth = depth

    def forward(self, x):
        x = (x.float() / 255 - self.mean) / self.std
        x = F.conv2d(x, self.embed, None if self.clip else self.embedb, self.patch).flatten(2).transpose(1, 2)
        d = x.shape[2]
        x = t.cat([self.cls.reshape(1, 1, d).expand(x.shape[0], 1, d), x], 1) + self.place.reshape(1, -1, d)
        if self.clip:
            x = F.layer_norm(x, (d,), self.prew, self.preb, self.eps)
        for i in range(self.depth):
            x = getattr(self, "block%d" % i)(x)
        x = F.layer_norm(x[:, 0], (d,), self.normw, self.normb, self.eps)
        return x @ self.proj if self.clip else x


class Forward:
    def open(self, args, dir, variant):
        w = lambda name: t.from_numpy(load(dir, "w." + name))
        net = Net(w, args["kind"], args["depth"], args["patch"], args["mean"], args["std"])
        x = t.from_numpy(load(dir, "pixels")).permute(0, 3, 1, 2).contiguous().to(t.uint8)
        run = engine(net, x, variant)
        self.run = lambda: run() is None
        return [("features, " + variant, worst(run()[:1], load(dir, "features")), 1e-4)]

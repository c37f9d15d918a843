"""VGG16 up to the ReLU of fc2 in plain PyTorch, by torchvision's names, from bytes as torch-fidelity normalises them."""
from engines import engine
from libraries import load, torch, worst

t = torch()
nn = t.nn


class Net(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        layers, c = [], 3
        for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(depth):
                layers += [nn.Conv2d(c, width, 3, padding=1), nn.ReLU(inplace=True)]
                c = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(7 * 7 * 512, 4096), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(inplace=True))
        self.register_buffer("mean", t.tensor(mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", t.tensor(std).reshape(1, 3, 1, 1))

    def forward(self, x):
        return self.classifier(self.features((x.float() / 255 - self.mean) / self.std).flatten(1))


class Forward:
    def open(self, args, dir, variant):
        net = Net(args["mean"], args["std"])
        with t.no_grad():
            for key, p in net.state_dict().items():
                if key not in ("mean", "std"):
                    p.copy_(t.from_numpy(load(dir, "w." + key)))
        x = t.from_numpy(load(dir, "pixels")).permute(0, 3, 1, 2).contiguous().to(t.uint8)
        run = engine(net, x, variant)
        self.run = lambda: run() is None
        return [("features, " + variant, worst(run()[:1], load(dir, "features")), 1e-4)]

"""What the peers' programs share: the synthetic weights as a state dict, and one line of JSON for each value."""
import importlib.metadata
import json
import struct
import sys

import numpy as np


def weights(path):
    """Reads a safetensors file of float32 tensors into a dict of torch tensors."""
    import torch
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        head = json.loads(f.read(size))
        body = f.read()
    out = {}
    for name, t in head.items():
        if name == "__metadata__":
            continue
        if t["dtype"] != "F32":
            raise SystemExit(f"{path}: {name} has the type {t['dtype']}, this program reads F32")
        a, b = t["data_offsets"]
        out[name] = torch.from_numpy(np.frombuffer(body[a:b], dtype="<f4").reshape(t["shape"]).copy())
    return out


def value(case, metric, x):
    print(json.dumps({"case": case, "metric": metric, "value": float(x)}), flush=True)


def versions(*packages):
    print(json.dumps({"versions": {p: importlib.metadata.version(p) for p in packages}}), flush=True)


def job():
    return json.loads(sys.argv[1])

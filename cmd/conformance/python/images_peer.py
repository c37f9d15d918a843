"""Writes images of every kind with Pillow and what Pillow reads back from each, and what its resampling makes of one image."""
import io
import json
import os

import common

j = common.job()
import numpy as np
from PIL import Image, features

print(json.dumps({"versions": {"Pillow": Image.__version__, "libjpeg-turbo": features.version("libjpeg_turbo") or features.version("jpg")}}), flush=True)
rng = np.random.default_rng(7)
out = j["images"]
h, w = 61, 83
yy, xx = np.mgrid[0:h, 0:w]
rgb = np.clip(np.stack([128 + 100 * np.sin(xx / 9 + c) * np.cos(yy / 7 - c) for c in range(3)], 2) + rng.normal(0, 12, (h, w, 3)), 0, 255).astype(np.uint8)
im = Image.fromarray(rgb)
grey = im.convert("L")
alpha = im.convert("RGBA")
alpha.putalpha(Image.fromarray(((xx * 3) % 256).astype(np.uint8)))
cases = [("png rgb", "a.png", im, {}), ("png grey", "b.png", grey, {}), ("png alpha", "c.png", alpha, {}), ("png palette", "d.png", im.quantize(60), {}),
         ("png 1 bit", "e.png", grey.convert("1"), {}), ("png optimised", "f.png", im, {"optimize": True}), ("bmp", "g.bmp", im, {}), ("gif", "h.gif", im.quantize(60), {}),
         ("tiff raw", "i.tif", im, {}), ("tiff lzw", "j.tif", im, {"compression": "tiff_lzw"}), ("tiff deflate", "k.tif", im, {"compression": "tiff_adobe_deflate"}),
         ("tiff grey", "l.tiff", grey, {}), ("ppm", "m.ppm", im, {}), ("pgm", "n.pgm", grey, {}), ("webp lossless", "o.webp", im, {"lossless": True}),
         ("jpeg grey", "p.jpg", grey, {"quality": 80}), ("jpeg cmyk", "q.jpg", im.convert("CMYK"), {"quality": 80})]
for q in (50, 75, 90, 98):
    for name, sub in (("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)):
        for prog in (False, True):
            cases.append((f"jpeg {name} q{q}{' progressive' if prog else ''}", f"r{q}-{sub}-{int(prog)}.jpg", im, {"quality": q, "subsampling": sub, "progressive": prog}))
for i, (kind, name, image, options) in enumerate(cases):
    path = os.path.join(out, name)
    image.save(path, **options)
    back = Image.open(path)
    back.load()
    want = np.asarray(back.convert("RGB"))
    np.save(os.path.join(out, f"want-{i}.npy"), want)
    print(json.dumps({"file": name, "kind": kind, "want": f"want-{i}.npy"}), flush=True)
for name, filter in (("pillow-bilinear", 2), ("pillow-bicubic", 3), ("pillow-lanczos", 1)):
    for size in ((299, 299), (32, 32), (50, 17)):
        want = np.asarray(im.resize((size[1], size[0]), filter))
        f = f"resize-{name}-{size[0]}-{size[1]}.npy"
        np.save(os.path.join(out, f), want)
        print(json.dumps({"resize": name, "height": size[0], "width": size[1], "file": "a.png", "want": f}), flush=True)

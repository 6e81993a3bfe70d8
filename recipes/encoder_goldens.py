"""Goldens of the encoders: what PyTorch makes of the same weights and the same pixels.

    python recipes/encoder_goldens.py efficientnet-lite2 WEIGHTS.safetensors > crates/nn/tests/goldens/efficientnet-lite2.json
    python recipes/encoder_goldens.py vgg16 WEIGHTS.safetensors > crates/nn/tests/goldens/vgg16.json
    python recipes/encoder_goldens.py vgg-small > crates/nn/tests/goldens/vgg-small.json
    python recipes/encoder_goldens.py efficientnet-lite2 WEIGHTS.pth --photos cat.png ...

WEIGHTS.safetensors is what recipes/convert_encoder.py makes; its f16 numbers are read as they are. The first three
forms write, for each made-up picture, the size of the features, their norm and their dot products with some vectors of
noise: the distance between two sets of dot products estimates the distance between the features. `vgg-small` is a VGG
with fully connected layers and made-up weights, small enough to be tested by itself. The last form needs the published
file with its classifier, and pillow: it prints the five best ImageNet classes (by number) of each photo, by which the
network written down here is itself checked.

Needs torch, numpy and safetensors. Pictures and made-up weights come from a formula that the tests know too.
"""

import argparse
import json
import math

import numpy as np
import torch
import torch.nn.functional as F

PROJECTIONS = 64


def noise(count, seed):
    """`count` numbers in [-1, 1), from a linear congruential generator; each is exact in 32 bits."""
    state, numbers = seed, np.empty(count, np.float32)
    for index in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        numbers[index] = (state >> 40) / 2**23 - 1
    return numbers


def picture(height, width, seed, scale=1.0):
    """A picture with structure: coarse noise, repeated over 8 by 8 pixels, and fine noise. [1, 3, height, width]."""
    coarse = noise((height + 7) // 8 * ((width + 7) // 8) * 3, seed).reshape((height + 7) // 8, (width + 7) // 8, 3)
    fine = noise(height * width * 3, seed + 1).reshape(height, width, 3)
    pixels = coarse.repeat(8, 0).repeat(8, 1)[:height, :width] * 0.75 + fine * 0.25
    return torch.from_numpy(pixels.astype(np.float32) * np.float32(scale)).permute(2, 0, 1)[None]


class EfficientNetLite:
    """EfficientNet-Lite at rest, from the arrays of its published file."""

    STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
    DEPTH = {"efficientnet-lite0": 1.0, "efficientnet-lite2": 1.2}

    def __init__(self, name, arrays):
        self.depth = self.DEPTH[name]
        self.arrays = arrays

    def convolve(self, x, name, norm, stride=1, relu6=True):
        weight = self.arrays[f"{name}.weight"]
        groups = x.shape[1] if weight.shape[1] == 1 and x.shape[1] > 1 else 1
        size, sides = weight.shape[-1], x.shape[-2:]
        missing = [max((math.ceil(side / stride) - 1) * stride + size - side, 0) for side in sides]
        (top, left) = [m // 2 for m in missing]
        x = F.pad(x, (left, missing[1] - left, top, missing[0] - top))
        x = F.conv2d(x, weight, stride=stride, groups=groups)
        part = lambda name: self.arrays[f"{norm}.{name}"]
        x = F.batch_norm(x, part("running_mean"), part("running_var"), part("weight"), part("bias"), eps=1e-3)
        return F.relu6(x) if relu6 else x

    def features(self, x):
        x = self.convolve(x, "_conv_stem", "_bn0", stride=2)
        block = 0
        for index, (repeats, size, stride, expansion, _) in enumerate(self.STAGES):
            if index not in (0, len(self.STAGES) - 1):
                repeats = math.ceil(repeats * self.depth)
            for repeat in range(repeats):
                name, y = f"_blocks.{block}", x
                if expansion > 1:
                    y = self.convolve(y, f"{name}._expand_conv", f"{name}._bn0")
                y = self.convolve(y, f"{name}._depthwise_conv", f"{name}._bn1", stride if repeat == 0 else 1)
                y = self.convolve(y, f"{name}._project_conv", f"{name}._bn2", relu6=False)
                x = x + y if x.shape == y.shape else y
                block += 1
        return self.convolve(x, "_conv_head", "_bn1")

    def classify(self, x):
        return F.linear(self.features(x).mean((2, 3)), self.arrays["_fc.weight"], self.arrays["_fc.bias"])


def vgg(arrays, x, blocks, dense):
    """VGG's convolutions, and its two dense layers if there are any."""
    for block, count in enumerate(blocks, 1):
        if block > 1:
            x = F.max_pool2d(x, 2)
        for index in range(1, count + 1):
            name = f"block{block}_conv{index}"
            x = F.relu(F.conv2d(x, arrays[f"{name}.weight"], arrays[f"{name}.bias"], padding=1))
    if dense:
        x = F.max_pool2d(x, 2).flatten(1)
        for name in ("fc1", "fc2"):
            x = F.relu(F.linear(x, arrays[f"{name}.weight"], arrays[f"{name}.bias"]))
        x = x[:, :, None, None]
    return x


def small_vgg_arrays():
    """Made-up weights: two blocks of (1 × 6, 2 × 10) channels, dense layers of 24 over 3 by 4 pixels."""
    shapes = {
        "block1_conv1": (6, 3, 3, 3),
        "block2_conv1": (10, 6, 3, 3),
        "block2_conv2": (10, 10, 3, 3),
        "fc1": (24, 10 * 3 * 4),
        "fc2": (24, 24),
    }
    arrays = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        scale = np.float32(2.0 / math.sqrt(math.prod(shape[1:])))
        arrays[f"{name}.weight"] = torch.from_numpy(noise(math.prod(shape), 100 + seed).reshape(shape) * scale)
        arrays[f"{name}.bias"] = torch.from_numpy(noise(shape[0], 200 + seed) * np.float32(0.1))
    return arrays


def load(path):
    if path.endswith(".pth"):
        return torch.load(path, map_location="cpu", weights_only=True)
    from safetensors.torch import load_file

    return {name: array.float() for name, array in load_file(path).items()}


def network(name, weights):
    """The function from pictures to features, the sizes of its pictures and their scale."""
    if name == "vgg-small":
        arrays = small_vgg_arrays()
        return lambda x: vgg(arrays, x, (1, 2), dense=True), [(12, 16)], 1.0
    arrays = load(weights)
    if name == "vgg16":
        return lambda x: vgg(arrays, x, (2, 2, 3, 3, 3), dense=False), [(64, 48)], 128.0
    return EfficientNetLite(name, arrays).features, [(224, 224), (97, 130)], 1.0


def golden(function, height, width, scale):
    """The features of one made-up picture as [regions, channels]: their norm and their projections."""
    seed = height * 1000 + width
    features = function(picture(height, width, seed, scale))[0].permute(1, 2, 0).reshape(-1).double().numpy()
    directions = noise(PROJECTIONS * len(features), seed + 2).reshape(PROJECTIONS, -1)
    return {
        "height": height,
        "width": width,
        "seed": seed,
        "scale": scale,
        "numbers": len(features),
        "norm": float(np.linalg.norm(features)),
        "projections": [round(float(x), 9) for x in directions.astype(np.float64) @ features],
    }


def classes(name, weights, photos):
    from PIL import Image

    model = EfficientNetLite(name, load(weights))
    for path in photos:
        photo = Image.open(path).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
        x = torch.from_numpy((np.asarray(photo, np.float32) - 127) / 128).permute(2, 0, 1)[None]
        best = F.softmax(model.classify(x), 1).topk(5)
        print(path, *(f"{index}:{share:.2f}" for share, index in zip(best.values[0], best.indices[0])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", choices=["efficientnet-lite0", "efficientnet-lite2", "vgg16", "vgg-small"])
    parser.add_argument("weights", nargs="?")
    parser.add_argument("--photos", nargs="+")
    arguments = parser.parse_args()

    torch.set_grad_enabled(False)
    if arguments.photos:
        return classes(arguments.encoder, arguments.weights, arguments.photos)
    function, sizes, scale = network(arguments.encoder, arguments.weights)
    print(json.dumps([golden(function, *size, scale) for size in sizes]))


if __name__ == "__main__":
    main()

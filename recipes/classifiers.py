"""The networks `mlp` and `cnn` of `nid` in PyTorch, and their pictures: the part of `pytorch_bench.py` that classifies."""

import pathlib

import numpy as np
import torch
from torch import nn

SIDE, CLASSES = 28, 10


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 128), nn.ReLU(), nn.Linear(128, CLASSES))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(),
        nn.Conv2d(32, 32, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(32 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, CLASSES),
    )


NETWORKS = {"mlp": mlp, "cnn": cnn}


def read(folder, part):
    """The two IDX files of a part: pictures [N, 1, height, width], of mean 0 and deviation 1, and their labels [N]."""
    folder = pathlib.Path(folder)
    levels = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 1, SIDE, SIDE)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8, offset=8)
    pixels = torch.from_numpy(levels).float()
    deviation, mean = torch.std_mean(pixels)
    return (pixels - mean) / deviation, torch.from_numpy(labels).long()

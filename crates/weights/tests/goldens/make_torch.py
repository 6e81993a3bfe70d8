"""Writes the PyTorch files that the tests of this crate read, with PyTorch itself.

    pip install torch numpy
    python crates/weights/tests/goldens/make_torch.py

The older form calls storages by their place in memory, so that its files differ each time.
"""

import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from unittest import mock

import numpy as np
import torch

HERE = Path(__file__).parent
RAMP = torch.arange(6).reshape(2, 3) * 0.5 - 1.0  # all of it exact in 16 bits

# A class that has no source code, which the older form would add to the file.
Network = type("Network", (torch.nn.Module,), {"__module__": "__main__"})


def nested():
    """Tensors that share a storage, within dictionaries and lists, beside what is no tensor."""
    shared = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    weights = {
        "weight": shared,
        "tied": shared,
        "transposed": shared.T,
        "slice": shared[1:, 1:3],
        "again": shared[1:2].expand(1, 4),
        "parameter": torch.nn.Parameter(RAMP.clone()),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(2.5),
    }
    return {
        "state_dict": weights,
        "list": [RAMP.to(torch.float16), (RAMP.T,)],
        "array": np.arange(3, dtype=">i4"),
        7: torch.tensor([7]),
        "epoch": 3,
        "rate": 0.1,
        "name": "größe ☃",
        "nothing": None,
        "betas": (0.9, True),
        "bytes": b"\xff\x00",
        "seen": {1, 2},
        "shape": torch.Size([2, 3]),
        "device": torch.device("cuda", 1),
        "dtype": torch.bfloat16,
        "number": np.float32(0.5),
    }


def elements():
    integers = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
    arrays = {name: RAMP.to(getattr(torch, name)) for name in ["float16", "bfloat16", "float32", "float64"]}
    arrays |= {name: torch.arange(6).to(getattr(torch, name)) for name in integers}
    arrays["bool"] = torch.tensor([True, False])
    arrays["complex"] = torch.zeros(2, dtype=torch.complex64)
    arrays["eight"] = torch.zeros(2).to(torch.float8_e4m3fn)
    arrays["quantised"] = torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8)
    return arrays


def network():
    """What a network's `state_dict` is: an ordered dictionary with an attribute."""
    network = torch.nn.Sequential(OrderedDict(fc=torch.nn.Linear(3, 2), norm=torch.nn.BatchNorm1d(2)))
    with torch.no_grad():
        network.fc.weight.copy_(RAMP)
        network.fc.bias.copy_(torch.tensor([0.25, -8.0]))
    return network


def big_endian():
    """What a big-endian machine writes, as far as another can."""
    swapped = RAMP.clone()
    swapped.untyped_storage().byteswap(torch.float32)
    with mock.patch.object(sys, "byteorder", "big"):
        torch.save({"weight": swapped}, HERE / "big_endian.pt")


def packed():
    """A file that somebody has unpacked and packed again."""
    with zipfile.ZipFile(HERE / "nested.pt") as plain, zipfile.ZipFile(HERE / "packed.pt", "w") as packed:
        for entry in plain.infolist():
            if not entry.filename.endswith("serialization_id"):
                name = zipfile.ZipInfo(entry.filename)  # of 1980, whenever it is made
                packed.writestr(name, plain.read(entry), zipfile.ZIP_DEFLATED)


def unchecked():
    """A file without checksums, which PyTorch writes faster."""
    torch.serialization.set_crc32_options(False)
    torch.save({"weight": RAMP}, HERE / "unchecked.pt")
    torch.serialization.set_crc32_options(True)


def main():
    torch.save(nested(), HERE / "nested.pt")
    packed()
    torch.save(nested(), HERE / "protocol4.pt", pickle_protocol=4)
    legacy = {"_use_new_zipfile_serialization": False}
    torch.save(nested(), HERE / "legacy.pt", **legacy)
    torch.save(nested(), HERE / "legacy4.pt", pickle_protocol=4, **legacy)
    torch.save(elements(), HERE / "elements.pt", **legacy)
    torch.save(network().state_dict(), HERE / "state_dict.pt")
    torch.save(RAMP, HERE / "tensor.pt")
    big_endian()
    unchecked()

    # What is refused.
    torch.save(Network(), HERE / "network.pt")
    torch.save(Network(), HERE / "network_legacy.pt", **legacy)
    torch.save({"bias": torch.zeros(1).expand(1000)}, HERE / "expanded.pt")
    torch.save({"bias": torch.zeros(1).to_sparse()}, HERE / "sparse.pt")
    torch.save({"bias": torch.tensor([1 + 2j]).conj().imag}, HERE / "negated.pt")


main()

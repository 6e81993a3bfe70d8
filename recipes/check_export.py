"""Checks what `nid export` writes: ONNX Runtime and PyTorch must compute what nid computes.

    cargo build --release
    pip install onnxruntime torch numpy pillow safetensors
    python recipes/check_export.py [--nid target/release/nid] [--cargo "cargo run --release"]

For the models inside the program, and for a small bundle of every kind that the example `references` of `nid-engine` makes,
the same made-up inputs go through nid, through the exported networks in ONNX Runtime, and through the modules of
examples/pytorch_modules.py with the exported arrays; in batches of 1 and of 3. Prints for each the greatest distance from
nid's numbers, relative to their length (L2), and fails where one is not below 1e-5.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))
import pytorch_modules  # noqa: E402

MOST = 1e-5
COUNTS = (1, 3)


def distance(found, expected):
    assert found.shape == expected.shape, (found.shape, expected.shape)
    return np.linalg.norm(np.float64(found) - expected) / np.linalg.norm(np.float64(expected))


class Networks:
    """The ONNX files of a folder."""

    def __init__(self, folder):
        self.sessions = {
            path.stem: onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            for path in folder.glob("*.onnx")
        }
        # What the description says of inputs and outputs is so.
        for network in json.loads((folder / "export.json").read_text())["onnx"]["networks"]:
            session = self.sessions[pathlib.Path(network["file"]).stem]
            for said, found in [("inputs", session.get_inputs()), ("outputs", session.get_outputs())]:
                assert [port["name"] for port in network[said]] == [port.name for port in found], network["file"]
                assert [port["shape"] for port in network[said]] == [port.shape for port in found], network["file"]

    def run(self, name, given):
        session = self.sessions[name]
        wanted = {port.name for port in session.get_inputs()}
        names = [port.name for port in session.get_outputs()]
        return dict(zip(names, session.run(names, {name: given[name] for name in wanted})))


def check_onnx(folder, reference):
    """The distances of all outputs of a folder."""
    networks = Networks(folder)
    if "encoder" in networks.sessions:
        yield distance(networks.run("encoder", reference)["features"], reference["features"])
    if "classifier" in networks.sessions:
        yield distance(networks.run("classifier", reference)["logits"], reference["logits"])
        return
    seen = networks.run("decoder_start", reference)
    owners = reference["owners"].astype(np.int64)
    given = {**seen, "owners": owners, "hidden": seen["hidden"][owners], "cell": seen["cell"][owners]}
    for time in range(3):
        given["tokens"] = reference[f"tokens.{time}"].astype(np.int64)
        made = networks.run("decoder_step", given)
        given |= {"hidden": made["next_hidden"], "cell": made["next_cell"]}
        yield distance(made["log_probabilities"], reference[f"log_probabilities.{time}"])
        if "attention" in made:
            yield distance(made["attention"].sum(1), np.ones(len(owners)))


def check_arrays(folder, reference):
    description, state = pytorch_modules.read(folder)
    built = pytorch_modules.module(description["configuration"], state)
    tensors = {name: torch.from_numpy(array) for name, array in reference.items()}
    if "logits" in tensors:
        is_head = "features" in tensors
        given = tensors["features"] if is_head else tensors["pictures"].permute(0, 3, 1, 2)
        yield distance(built(given).numpy(), reference["logits"])
        return
    owners = tensors["owners"].long()
    seen, state = built.look(tensors["features"])
    seen = seen and tuple(part[owners] for part in seen)
    state = tuple(part[owners] for part in state)
    for time in range(3):
        scores, state = built(seen, state, tensors[f"tokens.{time}"].long())
        yield distance(scores.numpy(), reference[f"log_probabilities.{time}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nid", default=ROOT / "target/release/nid")
    parser.add_argument("--cargo", default="cargo run --release")
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)

    def references(*words):
        command = [*shlex.split(arguments.cargo), "--quiet", "-p", "nid-engine", "--example", "references", "--", *words]
        subprocess.run(command, check=True, cwd=ROOT)

    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        references("bundles", place / "bundles")
        worst = 0.0
        for bundle in ["flickr8k", "fashion-mnist", *sorted((place / "bundles").iterdir())]:
            name = pathlib.Path(bundle).name
            references("outputs", bundle, place / f"{name}.npz")
            arrays = np.load(place / f"{name}.npz")
            found = []
            for form, check in [("onnx", check_onnx), ("safetensors", check_arrays), ("npz", check_arrays)]:
                folder = place / f"{name}-{form}"
                command = [arguments.nid, "export", bundle, "--format", form, "--output", folder]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                for count in COUNTS:
                    reference = {key.split(".", 1)[1]: arrays[key] for key in arrays if key.startswith(f"{count}.")}
                    found.append((form, count, max(check(folder, reference))))
            print(f"{name:24}", *(f"{form} of {count}: {far:.1e}" for form, count, far in found), sep="  ")
            worst = max(worst, *(far for _, _, far in found))
    print(f"greatest distance {worst:.1e}, must be below {MOST:.0e}")
    sys.exit(int(worst >= MOST))


if __name__ == "__main__":
    main()

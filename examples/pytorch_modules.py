"""The networks of nid as PyTorch modules, which take what `nid export --format safetensors` writes as their state.

    nid export flickr8k --format safetensors --output captioner
    pip install torch safetensors numpy pillow
    python examples/pytorch_modules.py captioner flickr8k photo.png ...

prints what nid says of each picture and how far the score that the module gives it is from nid's own. For a classifier,

    nid export fashion-mnist --format safetensors --output classifier
    python examples/pytorch_modules.py classifier fashion-mnist

shows it a made-up picture, and prints the greatest distance of a class's probability from nid's. `nid` has to be among the
programs, or is named by `--nid PATH`. Folders of `--format npz` are read too.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn


class Words(nn.Embedding):
    """One table reads words and, transposed, scores them; or another does, of vectors of width `scored`."""

    def __init__(self, words, width, scored=None):
        super().__init__(words, width)
        self.score = nn.Parameter(torch.zeros(words, scored)) if scored else None
        self.bias = nn.Parameter(torch.zeros(words))

    def log_probabilities(self, x):
        return F.log_softmax(F.linear(x, self.weight if self.score is None else self.score, self.bias), -1)


def lstm(gates, inputs, hidden, cell):
    """One step of an LSTM whose gates are one linear map of its inputs and its state, in the order i f g o."""
    i, f, g, o = gates(torch.cat([*inputs, hidden], 1)).chunk(4, 1)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


class ShowAndTell(nn.Module):
    """The picture is the first thing that the LSTM reads, words are the rest."""

    def __init__(self, channels, words, embedding, hidden, tables="tied", **_):
        super().__init__()
        self.words = Words(words, embedding, hidden if tables == "apart" else None)
        self.picture = nn.Linear(channels, embedding)
        self.lstm = nn.Linear(embedding + hidden, 4 * hidden)
        self.output = nn.Identity() if tables == "apart" else nn.Linear(hidden, embedding)
        self.hidden = hidden

    def look(self, features):
        """What it sees in pictures [P, R, C], and the state in which it begins to speak."""
        picture = self.picture(features.mean(1))
        silence = picture.new_zeros(len(picture), self.hidden)
        return None, lstm(self.lstm, [picture], silence, silence)

    def forward(self, seen, state, tokens):
        """Log-probabilities [B, V] after one more word `tokens` [B], and the new state."""
        state = lstm(self.lstm, [self.words(tokens)], *state)
        return self.words.log_probabilities(self.output(state[0])), state


class ShowAttendAndTell(nn.Module):
    """Before every word the decoder looks at the regions anew."""

    def __init__(self, channels, words, projection, embedding, hidden, attention, tables="tied", **_):
        super().__init__()
        self.words = Words(words, embedding, embedding if tables == "apart" else None)
        self.regions = nn.Linear(channels, projection)
        self.regions.norm = nn.LayerNorm(projection)
        self.attention = nn.ModuleDict({"key": nn.Linear(projection, attention), "query": nn.Linear(hidden, attention)})
        self.attention.score = nn.Parameter(torch.zeros(attention))
        self.gate = nn.Linear(hidden, projection)
        self.start = nn.ModuleDict({"hidden": nn.Linear(projection, hidden), "cell": nn.Linear(projection, hidden)})
        self.lstm = nn.Linear(embedding + projection + hidden, 4 * hidden)
        self.output = nn.Linear(hidden + projection, embedding)

    def look(self, features):
        values = self.regions.norm(self.regions(features)).relu()  # [P, R, projection]
        mean = values.mean(1)
        state = self.start["hidden"](mean).tanh(), self.start["cell"](mean).tanh()
        return (values, self.attention["key"](values)), state

    def forward(self, seen, state, tokens):
        (values, keys), (hidden, cell) = seen, state
        scores = (keys + self.attention["query"](hidden)[:, None]).tanh() @ self.attention.score  # [B, R]
        context = (scores.softmax(1)[:, :, None] * values).sum(1) * self.gate(hidden).sigmoid()
        hidden, cell = lstm(self.lstm, [self.words(tokens), context], hidden, cell)
        output = self.output(torch.cat([hidden, context], 1))
        return self.words.log_probabilities(output), (hidden, cell)


class Normalised(nn.Module):
    """What nid calls a convolution and its normalisation, side by side among the children of a network."""

    def convolve(self, x, name, norm, stride=1, relu=True):
        x = getattr(self, norm)(F.conv2d(x, getattr(self, name).weight, stride=stride, padding=1))
        return x.relu() if relu else x

    def add(self, name, norm, inputs, outputs):
        setattr(self, name, nn.Conv2d(inputs, outputs, 3, padding=1, bias=False))
        setattr(self, norm, nn.BatchNorm2d(outputs))


class Block(Normalised):
    """Two convolutions, added to what came in."""

    def __init__(self, channels, relu):
        super().__init__()
        self.add("conv1", "norm1", channels, channels)
        self.add("conv2", "norm2", channels, channels)
        self.relu = relu

    def forward(self, x):
        return x + self.convolve(self.convolve(x, "conv1", "norm1"), "conv2", "norm2", relu=self.relu)


class Small(Normalised):
    """A residual network of few parameters."""

    def __init__(self, classes, width, **_):
        super().__init__()
        self.add("stem", "stem_norm", 1, width)
        self.add("conv1", "norm1", width, 2 * width)
        self.add("conv2", "norm2", 2 * width, 3 * width)
        self.block1, self.block2 = Block(2 * width, False), Block(3 * width, False)
        self.output = nn.Linear(3 * width, classes)

    def forward(self, x):
        x = self.convolve(x, "stem", "stem_norm")
        x = self.block1(self.convolve(x, "conv1", "norm1", stride=2)).relu()
        x = self.block2(self.convolve(x, "conv2", "norm2", stride=2)).relu()
        return self.output(x.mean((2, 3)))


class Best(Normalised):
    """A wide residual network with nine layers."""

    def __init__(self, classes, width, **_):
        super().__init__()
        self.add("stem", "stem_norm", 1, width)
        for number, times in enumerate([1, 2, 4], 1):
            self.add(f"conv{number}", f"norm{number}", times * width, 2 * times * width)
        self.block1, self.block2 = Block(2 * width, True), Block(8 * width, True)
        self.output = nn.Linear(8 * width, classes)

    def forward(self, x):
        x = self.convolve(x, "stem", "stem_norm")
        x = self.block1(F.max_pool2d(self.convolve(x, "conv1", "norm1"), 2))
        x = F.max_pool2d(self.convolve(x, "conv2", "norm2"), 2)
        x = self.block2(F.max_pool2d(self.convolve(x, "conv3", "norm3"), 2))
        return 0.125 * self.output(x.amax((2, 3)))


class Mlp(nn.Module):
    """A hidden layer over all pixels."""

    def __init__(self, classes, hidden, height, width, **_):
        super().__init__()
        self.hidden, self.output = nn.Linear(height * width, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        return self.output(self.hidden(x.flatten(1)).relu())


class Cnn(nn.Module):
    """Two convolutions, a pool and a hidden layer, which reads pixel by pixel, the channels of each side by side."""

    def __init__(self, classes, channels, hidden, height, width, **_):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, channels, 3), nn.Conv2d(channels, channels, 3)
        pixels = (height - 4) // 2 * ((width - 4) // 2)
        self.hidden, self.output = nn.Linear(channels * pixels, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        x = F.max_pool2d(self.conv2(self.conv1(x).relu()).relu(), 2)
        return self.output(self.hidden(x.permute(0, 2, 3, 1).flatten(1)).relu())


ACTIVATIONS = {"identity": lambda x: x, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def padded(x, layer, value=0.0):
    """Maps with what surrounds them under the window of a layer: nothing, or what keeps their sides but for the stride."""
    around, stride = [], layer.get("stride", 1)
    for side in reversed(x.shape[2:]) if layer.get("padding") == "same" else []:
        beyond = max((-(-side // stride) - 1) * stride + layer["size"] - side, 0)
        around += [beyond // 2, beyond - beyond // 2]
    return F.pad(x, around, value=value) if around else x


def average_pool(x, layer):
    """The mean of the pixels under a window; what surrounds the map is none."""
    sums, pixels = (F.avg_pool2d(padded(maps, layer), layer["size"], layer["stride"]) for maps in (x, torch.ones_like(x)))
    return sums / pixels


class Layers(nn.Module):
    """Any layers, one after another; a map becomes a row pixel by pixel, the channels of each side by side."""

    def __init__(self, classes, layers, height, width, **_):
        super().__init__()
        self.steps, x = [], torch.zeros(2, 1, height, width)
        for layer in layers:
            self.steps.append(self.step(layer, x))
            x = self.steps[-1](x)

    def add(self, kind, module):
        number = 1 + sum(name.startswith(kind) for name, _ in self.named_children())
        self.add_module(f"{kind}{number}", module)
        return module

    def step(self, layer, x):
        kind, size, stride = layer["layer"], layer.get("size"), layer.get("stride", 1)
        follows = ACTIVATIONS[layer.get("activation") or layer.get("function", "identity")]
        if kind == "dense":
            dense = self.add("dense", nn.Linear(x.shape[1], layer["outputs"]))
            return lambda x: follows(dense(x))
        if kind == "convolution":
            convolution = self.add("conv", nn.Conv2d(x.shape[1], layer["channels"], size, stride))
            return lambda x: follows(convolution(padded(x, layer)))
        if kind == "norm":
            return self.add("norm", (nn.BatchNorm2d if x.dim() == 4 else nn.BatchNorm1d)(x.shape[1]))
        return {
            "max-pool": lambda x: F.max_pool2d(padded(x, layer, float("-inf")), size, stride),
            "average-pool": lambda x: average_pool(x, layer),
            "global-maximum": lambda x: x.amax((2, 3)),
            "global-average": lambda x: x.mean((2, 3)),
            "flatten": lambda x: x.permute(0, 2, 3, 1).flatten(1),
            "activation": follows,
            "dropout": lambda x: x,
        }[kind]

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


class Head(nn.Module):
    """Classes of photos, told from the mean of what an encoder sees in their regions [P, R, C]."""

    def __init__(self, classes, channels, hidden=None, **_):
        super().__init__()
        if hidden:
            self.hidden = nn.Linear(channels, hidden)
        self.output = nn.Linear(hidden or channels, classes)

    def forward(self, features):
        x = features.mean(1)
        return self.output(self.hidden(x).relu() if hasattr(self, "hidden") else x)


class Mirrored(nn.Module):
    """A network of small pictures that looks at the mirror image of each as well."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pictures):
        return (self.network(pictures) + self.network(pictures.flip(3))) / 2


DECODERS = {"show-and-tell": ShowAndTell, "show-attend-and-tell": ShowAttendAndTell}
NETWORKS = {"mlp": Mlp, "small": Small, "best": Best, "layers": Layers}


def read(folder):
    """The description of an exported folder, and its network's arrays by name."""
    description = json.loads((folder / "export.json").read_text())
    if description["format"] == "npz":
        return description, {name: torch.from_numpy(array) for name, array in np.load(folder / "model.npz").items()}
    from safetensors.torch import load_file

    return description, load_file(folder / "model.safetensors")


def module(configuration, state):
    """The module of a configuration: the decoder of a captioner, or a classifier of pictures [P, 1, H, W] or features."""
    if configuration["kind"] == "captioner":
        decoder = configuration["decoder"]
        read_by = state["regions.weight" if "regions.weight" in state else "picture.weight"]
        built = DECODERS[decoder["kind"]](channels=read_by.shape[1], words=len(state["words.weight"]), **decoder)
        built.load_state_dict(state)
        return built.eval()
    model, classes = configuration["model"], len(configuration["classes"])
    if model["kind"] == "head":
        channels = state["hidden.weight" if "hidden.weight" in state else "output.weight"].shape[1]
        built = Head(classes, channels, **model["head"])
    else:
        network, sides = model["network"], {side: model["input"][side] for side in ("height", "width")}
        if network["kind"] == "cnn":
            built = Cnn(classes, network["width"], network["hidden"], **sides)
        else:
            built = NETWORKS[network["kind"]](classes, **{**sides, **network})
    built.load_state_dict(state)
    is_mirrored = model["kind"] == "network" and model["input"].get("mirror")
    return (Mirrored(built) if is_mirrored else built).eval()


def records(nid, *arguments):
    """What nid says in JSON."""
    return json.loads(subprocess.run([nid, *arguments, "--json"], check=True, capture_output=True).stdout)


def score(decoder, features, words, description):
    """The score of a sentence of these numbers of words about a picture of these features, [R, C]."""
    tokens, seen_and_state = description["tokens"], decoder.look(features[None])
    (seen, state), total, last = seen_and_state, 0.0, tokens["start"]
    for word in [*words, tokens["end"]]:
        scores, state = decoder(seen, state, torch.tensor([last]))
        total, last = total + scores[0, word].item(), word
    return total / (len(words) + 1) ** description["configuration"]["search"]["length_penalty"]


def check_captioner(decoder, description, folder, bundle, nid, photos):
    numbers = {word: number for number, word in enumerate((folder / "vocabulary.txt").read_text().splitlines())}
    for photo in photos:
        (said,) = records(nid, "caption", photo, "--model", bundle, "--raw")
        with tempfile.TemporaryDirectory() as place:
            output = f"{place}/features.npy"
            command = [nid, "extract", photo, "--model", bundle, "--output", output, "--precision", "f32", "--quiet"]
            subprocess.run(command, check=True)
            features = torch.from_numpy(np.load(output)[0])
        found = score(decoder, features, [numbers[word] for word in said["caption"].split()], description)
        print(f"{photo}: {said['caption']!r}, score {said['score']:.6f}, distance {abs(found - said['score']):.1e}")


def check_classifier(network, description, bundle, nid):
    configuration = description["configuration"]
    how = configuration["model"]["input"]
    levels = np.zeros((how["height"], how["width"]), np.uint8)
    levels[how["height"] // 4 : -how["height"] // 4, how["width"] // 3 : -how["width"] // 3] = 180
    with tempfile.TemporaryDirectory() as place:
        Image.fromarray(levels).save(f"{place}/picture.png")
        classes = str(len(configuration["classes"]))
        (said,) = records(nid, "classify", f"{place}/picture.png", "--model", bundle, "--top", classes)
    theirs = {found["class"]: found["probability"] for found in said["classes"]}
    pictures = (torch.from_numpy(levels).float()[None, None] - how["mean"]) / how["scale"]
    ours = (network(pictures)[0] / configuration["temperature"]).softmax(0).tolist()
    distance = max(abs(p - theirs[name]) for name, p in zip(configuration["classes"], ours))
    print(f"{said['classes'][0]['class']}, probability {max(ours):.6f}, greatest distance {distance:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="what nid export has written")
    parser.add_argument("bundle", help="of what it was exported")
    parser.add_argument("photos", nargs="*")
    parser.add_argument("--nid", default="nid")
    arguments = parser.parse_args()

    torch.set_grad_enabled(False)
    description, state = read(arguments.folder)
    built = module(description["configuration"], state)
    if description["configuration"]["kind"] == "captioner":
        check_captioner(built, description, arguments.folder, arguments.bundle, arguments.nid, arguments.photos)
    elif description["configuration"]["model"]["kind"] == "network":
        check_classifier(built, description, arguments.bundle, arguments.nid)
    else:
        print("a head reads what its encoder sees: recipes/check_export.py compares it with nid's")


if __name__ == "__main__":
    main()

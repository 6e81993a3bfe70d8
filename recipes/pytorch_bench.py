"""The work of `nid` in PyTorch, on the CPU: the other side of `cargo bench -p nid --bench figures`, which runs it and holds the clock.

    python recipes/pytorch_bench.py about
    python recipes/pytorch_bench.py extract PHOTOS OUTPUT.npy --batch 16
    python recipes/pytorch_bench.py caption PHOTOS --batch 16
    python recipes/pytorch_bench.py train CAPTIONS.json FEATURES.npy --steps 12
    python recipes/pytorch_bench.py train-classifier mlp PICTURES --epochs 2
    python recipes/pytorch_bench.py classify cnn PICTURES --passes 2

All but the first print a line for each photo, step or pass as soon as it is done. For captions, network, weights,
search and batches are those of the default model in `models/flickr8k`, so that captions should agree; photos are
decoded by as many threads, a batch ahead of the network. Classifiers are as `nid` makes them (`classifiers.py`), from
first weights, and their pictures are in memory as the numbers that they read. PyTorch is used as one would use it for
speed in eager mode: channels last, batch norm folded into the convolutions, inference mode, fused AdamW.

Needs torch 2.4 or later, numpy, pillow and safetensors.
"""

import argparse
import json
import pathlib
import platform
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

from classifiers import NETWORKS, read
from encoder_goldens import EfficientNetLite, load

MODEL = pathlib.Path(__file__).parent.parent / "models" / "flickr8k"
SIDE = 224
PAD, START, END, UNKNOWN = range(4)
BEAM, LENGTH_PENALTY, LONGEST = 3, 0.7, 20
DROPOUT, SMOOTHING, CLIP = 0.4, 0.1, 2.0
PICTURES = 128  # at once


class Encoder(EfficientNetLite):
    """EfficientNet-Lite2 with batch norm folded in, and padding left to the convolution where it is even."""

    def __init__(self):
        super().__init__("efficientnet-lite2", load(str(MODEL / "encoder.safetensors")))
        self.folded = {}

    def fold(self, name, norm):
        part = lambda name: self.arrays[f"{norm}.{name}"]
        gain = part("weight") * (part("running_var") + 1e-3).rsqrt()
        weight = self.arrays[f"{name}.weight"] * gain[:, None, None, None]
        return weight.contiguous(memory_format=torch.channels_last), part("bias") - part("running_mean") * gain

    def convolve(self, x, name, norm, stride=1, relu6=True):
        if name not in self.folded:
            self.folded[name] = self.fold(name, norm)
        weight, bias = self.folded[name]
        groups = x.shape[1] if weight.shape[1] == 1 and x.shape[1] > 1 else 1
        size, side = weight.shape[-1], x.shape[-1]
        missing = max((-(-side // stride) - 1) * stride + size - side, 0)
        if missing % 2:
            before, after = missing // 2, missing - missing // 2
            x, missing = F.pad(x, (before, after, before, after)), 0
        x = F.conv2d(x, weight, bias, stride=stride, padding=missing // 2, groups=groups)
        return F.relu6(x, inplace=True) if relu6 else x

    def regions(self, pixels):
        """Pixels [pictures, height, width, 3] to features [pictures, regions, channels]."""
        return self.features(torch.from_numpy(pixels).permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)


class Decoder(torch.nn.Module):
    """Show, Attend and Tell. Shapes: `P` pictures, `W` sentences of each, `R` regions."""

    def __init__(self):
        super().__init__()
        arrays = load(str(MODEL / "model.safetensors"))
        parameter = lambda name: torch.nn.Parameter(arrays[name])
        self.words, self.words_bias = parameter("words.weight"), parameter("words.bias")
        self.score = parameter("attention.score")
        names = ["regions", "attention.key", "attention.query", "gate", "start.hidden", "start.cell", "output"]
        for name in names:
            outputs, inputs = arrays[f"{name}.weight"].shape
            layer = torch.nn.Linear(inputs, outputs)
            layer.weight, layer.bias = parameter(f"{name}.weight"), parameter(f"{name}.bias")
            self.add_module(name.split(".")[-1] if "attention" in name else name.replace(".", "_"), layer)
        self.norm = torch.nn.LayerNorm(self.regions.out_features)
        self.norm.weight, self.norm.bias = parameter("regions.norm.weight"), parameter("regions.norm.bias")
        self.lstm = self.cell(arrays)

    def cell(self, arrays):
        """PyTorch's cell has a matrix for the input and one for the hidden state, and two biases."""
        hidden = self.query.in_features
        inputs = self.words.shape[1] + self.regions.out_features
        lstm = torch.nn.LSTMCell(inputs, hidden)
        weights = arrays["lstm.weight"].split([inputs, hidden], 1)
        biases = arrays["lstm.bias"], torch.zeros(4 * hidden)
        for name, array in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights + biases):
            setattr(lstm, name, torch.nn.Parameter(array.contiguous()))
        return lstm

    def dropout(self, x):
        return F.dropout(x, DROPOUT, self.training)

    def look(self, features):
        """Features [P, R, C]: keys and values of the regions, and the first state [P, 1, ·]."""
        values = self.dropout(F.relu(self.norm(self.regions(features))))
        mean = values.mean(1, keepdim=True)
        state = torch.tanh(self.start_hidden(mean)), torch.tanh(self.start_cell(mean))
        return self.key(values), values, state

    def step(self, keys, values, state, tokens):
        """Reads tokens [P, W]; what words are scored from [P, W, ·], and the new state."""
        hidden, _ = state
        scores = torch.tanh(keys[:, None] + self.query(hidden)[:, :, None]) @ self.score  # [P, W, R]
        context = scores.softmax(-1) @ values * torch.sigmoid(self.gate(hidden))
        word = self.dropout(F.embedding(tokens, self.words))
        rows = torch.cat([word, context], -1).flatten(0, 1)
        state = self.lstm(rows, tuple(part.flatten(0, 1) for part in state))
        state = tuple(part.unflatten(0, tokens.shape) for part in state)
        return self.dropout(self.output(torch.cat([state[0], context], -1))), state

    def logits(self, output):
        return F.linear(output, self.words, self.words_bias)


def search(decoder, features):
    """The best sentence about each picture, as `nid` defines it: numbers of words, for all pictures together."""
    keys, values, state = decoder.look(features)
    pictures = torch.arange(len(features))
    found, best = [[] for _ in pictures], torch.full((len(pictures),), -torch.inf)
    tokens, sums = torch.full((len(pictures), 1), START), torch.zeros(len(pictures), 1)
    history = torch.empty(len(pictures), 1, 0, dtype=torch.long)
    for length in range(LONGEST + 1):
        output, state = decoder.step(keys, values, state, tokens)
        scores = decoder.logits(output).log_softmax(-1)
        scores[..., [PAD, START, UNKNOWN]] = -torch.inf
        if length == LONGEST:
            scores[..., UNKNOWN + 1 :] = -torch.inf
        sums, places = (sums[..., None] + scores).flatten(1).topk(BEAM)
        parents, tokens = places // scores.shape[-1], places % scores.shape[-1]
        rows = torch.arange(len(pictures))[:, None]
        state = tuple(part[rows, parents] for part in state)
        history = torch.cat([history[rows, parents], tokens[..., None]], -1)

        ended = tokens == END
        score, which = sums.masked_fill(~ended, -torch.inf).div((length + 1) ** LENGTH_PENALTY).max(1)
        for row in (score > best).nonzero().flatten().tolist():
            found[pictures[row]] = history[row, which[row], :-1].tolist()
        best = torch.maximum(best, score)
        sums = sums.masked_fill(ended, -torch.inf)
        going = sums.max(1).values / (LONGEST + 1) ** LENGTH_PENALTY > best
        if not going.any():
            break
        if not going.all():
            keys, values, state = keys[going], values[going], tuple(part[going] for part in state)
            pictures, best, tokens, sums, history = (x[going] for x in (pictures, best, tokens, sums, history))
    return found


def loss(decoder, features, captions):
    """Teacher forcing: captions [(picture, words)] by falling length, each step only on those that still go on."""
    captions = sorted(captions, key=lambda caption: -len(caption[1]))
    owners = torch.tensor([owner for owner, _ in captions])
    words = torch.nn.utils.rnn.pad_sequence([torch.tensor([START, *words, END]) for _, words in captions])
    keys, values, state = decoder.look(features)
    keys, values, state = keys[owners], values[owners], tuple(part[owners] for part in state)

    outputs, targets = [], []
    for time in range(len(words) - 1):
        going = sum(len(words) >= time for _, words in captions)
        keys, values, state = keys[:going], values[:going], tuple(part[:going] for part in state)
        output, state = decoder.step(keys, values, state, words[time, :going, None])
        outputs.append(output.squeeze(1))
        targets.append(words[time + 1, :going])
    return F.cross_entropy(decoder.logits(torch.cat(outputs)), torch.cat(targets), label_smoothing=SMOOTHING)


def pixels(path):
    """A photo as the encoder reads it, [height, width, 3]."""
    photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return (np.asarray(photo, np.float32) - 127) / 128


def batches(paths, size):
    """The pixels of photos by batches; the next batch is decoded meanwhile."""
    chunks = [paths[first : first + size] for first in range(0, len(paths), size)]
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        ahead = pool.map(pixels, chunks[0])
        for following in [*chunks[1:], []]:
            ready, ahead = ahead, pool.map(pixels, following)
            yield np.stack(list(ready))


def photos(path):
    """The one photo, or those of a folder by name."""
    path = pathlib.Path(path)
    return sorted(path.glob("*.jpg")) if path.is_dir() else [path]


def say(records):
    """A line for each record, at once."""
    print(*(json.dumps(record) for record in records), sep="\n", flush=True)


def about(_):
    print(f"PyTorch {torch.__version__} on Python {platform.python_version()}")


@torch.inference_mode()
def extract(arguments):
    paths, encoder, first = photos(arguments.photos), Encoder(), 0
    file = None
    for batch in batches(paths, arguments.batch):
        features = encoder.regions(batch).numpy()
        if file is None:
            shape = len(paths), *features.shape[1:]
            file = np.lib.format.open_memmap(arguments.output, "w+", np.float16, shape)
        file[first : first + len(features)] = features
        first += len(features)
        say([{"done": True}] * len(features))


@torch.inference_mode()
def caption(arguments):
    paths, encoder, decoder = photos(arguments.photos), Encoder(), Decoder().eval()
    vocabulary = (MODEL / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    names = map(str, paths)
    for batch in batches(paths, arguments.batch):
        sentences = search(decoder, encoder.regions(batch))
        say([{"path": next(names), "caption": " ".join(vocabulary[word] for word in words)} for words in sentences])


def learn(network, losses):
    """A step for each loss, which is computed when the one before is learnt."""
    groups = [[p for p in network.parameters() if (p.dim() > 1) == is_matrix] for is_matrix in (True, False)]
    decayed = [{"params": group, "weight_decay": decay} for group, decay in zip(groups, (1e-4, 0.0))]
    optimiser = torch.optim.AdamW(decayed, lr=1e-4, fused=True)
    for value in losses:
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimiser.step()
        say([{"loss": value.item()}])


def train(arguments):
    decoder = Decoder().train()
    captions = json.loads(pathlib.Path(arguments.captions).read_text())
    captions = [(owner, words) for owner, sentences in enumerate(captions) for words in sentences]
    file = np.load(arguments.features, mmap_mode="r")
    features = (torch.from_numpy(file.astype(np.float32)) for _ in range(arguments.steps))
    learn(decoder, (loss(decoder, batch, captions) for batch in features))


def train_classifier(arguments):
    network = classifier(arguments).train()
    pixels, labels = (part[: arguments.pictures] for part in read(arguments.folder, "train"))
    batches = (batch for _ in range(arguments.epochs) for batch in torch.randperm(len(labels)).split(PICTURES))
    scored = ((network(pixels[batch]), labels[batch]) for batch in batches)
    learn(network, (F.cross_entropy(*pair, label_smoothing=SMOOTHING) for pair in scored))


@torch.inference_mode()
def classify(arguments):
    network = classifier(arguments).eval()
    pixels, _ = read(arguments.folder, "t10k")
    for _ in range(arguments.passes):
        scores = torch.cat([network(batch) for batch in pixels.split(PICTURES)])
        say([{"pictures": len(scores)}])


def classifier(arguments):
    return NETWORKS[arguments.network]().to(memory_format=torch.channels_last)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for run, names, numbers in (
        (about, [], {}),
        (extract, ["photos", "output"], {"batch": 16}),
        (caption, ["photos"], {"batch": 16}),
        (train, ["captions", "features"], {"steps": 12}),
        (train_classifier, ["network", "folder"], {"pictures": 55_000, "epochs": 2}),
        (classify, ["network", "folder"], {"passes": 2}),
    ):
        command = commands.add_parser(run.__name__.replace("_", "-"))
        command.set_defaults(run=run)
        command.add_argument("--threads", type=int, help="threads to work with [default: as PyTorch chooses]")
        for name in names:
            command.add_argument(name)
        for name, default in numbers.items():
            command.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    arguments.run(arguments)


if __name__ == "__main__":
    main()

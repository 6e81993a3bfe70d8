"""Captions pictures with ONNX Runtime, NumPy and Pillow alone: what `nid caption` says, without nid.

    nid export flickr8k --format onnx --output captioner
    pip install onnxruntime numpy pillow
    python examples/caption_onnx.py captioner photo.png ...

Sentences are those of `nid caption --model flickr8k photo.png ...`. (Of a JPEG file, decoders make slightly different levels; where
the model is unsure, the sentence may then be another.)
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def middle(picture, width, height):
    """The largest part about the centre of the picture that has this shape: left, top, right, bottom."""
    scale = min(picture.width / width, picture.height / height)
    across, down = min(scale * width, picture.width), min(scale * height, picture.height)
    left, top = (picture.width - across) / 2, (picture.height - down) / 2
    return left, top, left + across, top + down


def prepare(path, how):
    """The numbers of a picture, [1, height, width, 3]."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    part = middle(picture, how["width"], how["height"]) if how["fit"] == "crop" else None
    picture = picture.resize((how["width"], how["height"]), FILTERS[how["filter"]], box=part)
    levels = np.asarray(picture, np.float32)
    return ((levels - np.float32(how["mean"])) / np.float32(how["scale"]))[None]


class Captioner:
    """An exported captioner."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        description = json.loads((folder / "export.json").read_text())
        self.tokens = description["tokens"]
        self.how = description["configuration"]["preprocessing"]
        self.search = description["configuration"]["search"]
        self.words = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
        if "encoder" not in description["configuration"]:
            raise SystemExit(f"{folder}: a captioner of features that were made elsewhere; this example begins with pictures")
        if self.how["filter"] not in FILTERS:
            raise SystemExit(f"{folder}: its pictures are interpolated as by OpenCV, which Pillow does not do")
        names = ["encoder", "decoder_start", "decoder_step"]
        self.encoder, self.start, self.step = [
            onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"]) for name in names
        ]
        self.inputs = {port.name for port in self.step.get_inputs()}

    def caption(self, path):
        """The sentence for a picture."""
        (features,) = self.encoder.run(["features"], {"pictures": prepare(path, self.how)})
        names = [port.name for port in self.start.get_outputs()]
        seen = dict(zip(names, self.start.run(names, {"features": features})))
        state = seen.pop("hidden"), seen.pop("cell")
        words = " ".join(self.words[word] for word in self.best(seen, *state))
        return words[:1].upper() + words[1:] + "." if words else ""

    def read(self, seen, hidden, cell, tokens):
        """Reads one more word in every sentence: log-probabilities of the next word, and the new states."""
        given = {"hidden": hidden, "cell": cell, "tokens": np.int64(tokens), **seen}
        given["owners"] = np.zeros(len(tokens), np.int64)  # All sentences are about the one picture.
        given = {name: value for name, value in given.items() if name in self.inputs}
        return self.step.run(["log_probabilities", "next_hidden", "next_cell"], given)

    def best(self, seen, hidden, cell):
        """The words of the best sentence that the beam finds."""
        beam, most = self.search["beam"], self.search["max_words"]
        divisor = lambda words: (words + 1) ** self.search["length_penalty"]
        live, finished, rows = [([], 0.0)], None, [0]
        while live:
            last = [words[-1] if words else self.tokens["start"] for words, _ in live]
            scores, hidden, cell = self.read(seen, hidden[rows], cell[rows], last)
            scores = self.allowed(scores, len(live[0][0]) < most)
            sums = np.array([total for _, total in live])[:, None] + scores.astype(np.float64)
            order = np.argsort(-sums, axis=None, kind="stable")[:beam]  # Ties go to the earlier row and the smaller number.
            chosen = [place for place in zip(*np.unravel_index(order, sums.shape)) if sums[place] > -np.inf]

            before, live, rows = live, [], []
            for row, word in chosen:
                words, total = before[row][0], float(sums[row, word])
                if word not in (self.tokens["end"], *self.tokens["also_end"]):
                    live.append((words + [int(word)], total))
                    rows.append(int(row))
                elif finished is None or total / divisor(len(words)) > finished[1]:
                    finished = words, total / divisor(len(words))
            # Sums only fall: what is live ends with a score of at most this.
            if finished and live and max(total for _, total in live) / divisor(most) <= finished[1]:
                break
        return finished[0] if finished else []

    def allowed(self, scores, may_go_on):
        """Crosses out words that are never said; at the greatest length, all but the end."""
        end = scores[:, self.tokens["end"]].copy()
        if not may_go_on:
            scores[:] = -np.inf
        scores[:, self.tokens["never_said"]] = -np.inf
        scores[:, self.tokens["end"]] = end
        return scores


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    captioner = Captioner(sys.argv[1])
    for path in sys.argv[2:]:
        print(f"{path}: {captioner.caption(path)}")


if __name__ == "__main__":
    main()

"""Scores made-up logits with scikit-learn: the goldens of nid_metrics::classification.

    pip install scikit-learn==1.9.1
    python recipes/classification_goldens.py     # writes crates/metrics/tests/goldens/classification.json

Classes are of different size and difficulty. In the second case one class never occurs and another is never said, in the
third no picture is told rightly. Probabilities are computed from the rounded logits that are written, in 64 bits.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

TEMPERATURE = 1.7


def made(seed, pictures, classes, absent=(), unsaid=(), strength=2.0):
    """Labels and logits of pictures; classes further on are rarer and harder to tell."""
    random = np.random.default_rng(seed)
    present = [label for label in range(classes) if label not in absent]
    labels = random.choice(present, pictures, p=(share := 1 / (1 + np.arange(len(present)))) / share.sum())
    logits = random.normal(size=(pictures, classes)) * 1.5
    logits[np.arange(pictures), labels] += strength * (1 - labels / (2 * classes))
    logits[:, list(unsaid)] = -9
    return labels, logits.round(2).astype(np.float32)


def scored(labels, logits):
    """What scikit-learn makes of them."""
    pictures, classes = logits.shape
    every = list(range(classes))
    scaled = logits.astype(np.float64) / TEMPERATURE
    exponentials = np.exp(scaled - scaled.max(1, keepdims=True))
    probabilities = exponentials / exponentials.sum(1, keepdims=True)
    said = logits.argmax(1)
    precision, recall, f1, support = precision_recall_fscore_support(labels, said, labels=every, zero_division=0)
    return {
        "classes": classes,
        "temperature": TEMPERATURE,
        "labels": labels.tolist(),
        "logits": [round(float(logit), 2) for logit in logits.ravel()],
        "accuracy": accuracy_score(labels, said),
        "loss": log_loss(labels, probabilities, labels=every),
        "macro_f1": f1_score(labels, said, average="macro", zero_division=0),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "pictures": support.astype(int).tolist(),
        "confusion": confusion_matrix(labels, said, labels=every).astype(int).tolist(),
    }


def main():
    cases = [made(1, 120, 5), made(2, 60, 6, absent=[4], unsaid=[2, 4]), made(3, 6, 3, strength=-40.0)]
    target = Path(__file__).parents[1] / "crates/metrics/tests/goldens/classification.json"
    target.write_text("[\n" + ",\n".join(json.dumps(scored(*case)) for case in cases) + "\n]\n")


main()

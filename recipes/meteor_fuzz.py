"""Compares METEOR here with METEOR 1.5 as pycocoevalcap runs it, on captions that were taken apart and put together anew.

    python recipes/meteor_fuzz.py CAPTIONS TABLE [--count 200000] [--seed 1]

CAPTIONS has a caption a line, TABLE is the compiled table. Needs pycocoevalcap, Java, and
`cargo build --release -p nid-metrics --example meteor`; --scorer names the built example.
"""

import argparse
import json
import random
import subprocess
from pathlib import Path

import pycocoevalcap.meteor.meteor as peer

JAR = Path(peer.__file__).with_name("meteor-1.5.jar")
ODD = (
    "n't 's 're 'd -lrb- -rrb- u.s. t-shirt e.g. i.e. vs. mr. no. ... % $ & # @ / \\ `` '' \" ( ) * + = café naïve ñ "
    "ß жизнь 中文 😀 ½ £5 3.5 1,000 2 two 20th 1980s '70s o'clock rock'n'roll a.m. x-ray-like -- – — … “ ” ’ | || ||| "
    "_ http://a.b/c me@x.org :-rrb- \u00a0 \u200b é. pp. 5 ab. cd. ' '' - -a a- .5 5. ,"
).split(" ")
ENDINGS = ["s", "es", "ed", "ing", "er", "est", "ly", "ness", "'s", "ies", "men"]


class Maker:
    """Draws candidates and references."""

    def __init__(self, captions, seed):
        self.random = random.Random(seed)
        self.captions = [caption.lower().rstrip(" .").split() for caption in captions]
        self.words = sorted({word for caption in self.captions for word in caption})

    def mutated(self, words):
        draw = self.random
        words = list(words)
        for _ in range(draw.choice([0, 0, 1, 2, 4, 8])):
            at = draw.randrange(len(words) + 1)
            kind = draw.randrange(8)
            if kind == 0:
                words.insert(at, draw.choice(words) if words else "a")
            elif kind == 1:
                words.insert(at, draw.choice(self.words))
            elif kind == 2:
                words.insert(at, draw.choice(ODD))
            elif words and at < len(words):
                if kind == 3:
                    del words[at]
                elif kind == 4:
                    words[at] += draw.choice(ENDINGS)
                elif kind == 5:
                    other = draw.randrange(len(words))
                    words[at], words[other] = words[other], words[at]
                elif kind == 6:
                    words[at] = words[at][: draw.randrange(1, 3) * -1] or "a"
                else:
                    words[at:at] = draw.choice(self.captions)[: draw.randrange(6)]
        return words

    def sentence(self, group):
        draw = self.random
        kind = draw.randrange(60)
        if kind == 0:
            return ""
        if kind == 1:
            words = [word for _ in range(draw.randrange(2, 16)) for word in draw.choice(self.captions)][:200]
        elif kind == 2:
            few = draw.choice(group)[:4] or ["a"]
            words = [draw.choice(few) for _ in range(draw.randrange(1, 20))]
        elif kind == 3:
            words = [draw.choice(ODD) for _ in range(draw.randrange(1, 9))]
        else:
            words = draw.choice(group)
        return " ".join(self.mutated(words))

    def case(self):
        draw = self.random
        photo = draw.randrange(len(self.captions) // 5) * 5
        group = self.captions[photo : photo + 5] if draw.random() < 0.8 else draw.choices(self.captions, k=5)
        return self.sentence(group), [self.sentence(group) for _ in range(draw.choice([1, 1, 1, 2, 5]))]


def ask_peer(cases, java):
    lines = []
    for candidate, references in cases:
        candidate = candidate.replace("|||", "").replace("  ", " ")
        lines.append(" ||| ".join(("SCORE", " ||| ".join(references), candidate)))
    command = [java, "-Xmx2G", "-XX:+UseSerialGC", "-jar", str(JAR), "-", "-", "-stdio", "-l", "en", "-norm"]
    given = "".join(line + "\n" for line in lines).encode()
    statistics = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    return [[int(float(number)) for number in line.split()] for line in statistics]


def ask_ours(cases, scorer, table):
    given = "".join(json.dumps(case) + "\n" for case in cases).encode()
    lines = subprocess.run([scorer, "score", table], input=given, stdout=subprocess.PIPE, check=True).stdout
    return [line.split() for line in lines.decode().splitlines()]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("captions")
    arguments.add_argument("table")
    arguments.add_argument("--count", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--java", default="java")
    arguments.add_argument("--scorer", default="target/release/examples/meteor")
    arguments = arguments.parse_args()
    maker = Maker(Path(arguments.captions).read_text(encoding="utf-8").splitlines(), arguments.seed)
    cases = [maker.case() for _ in range(arguments.count)]
    ours = ask_ours(cases, arguments.scorer, arguments.table)
    differences = 0
    for case, theirs, mine in zip(cases, ask_peer(cases, arguments.java), ours):
        if theirs != [int(number) for number in mine[:-1]]:
            differences += 1
            if differences <= 20:
                print(json.dumps(case, ensure_ascii=False), "\n  peer", theirs, "\n  ours", mine)
    print(f"{differences} of {len(cases)} cases differ in their statistics")


if __name__ == "__main__":
    main()

"""Writes crates/metrics/tests/goldens/meteor.json: what METEOR 1.5 says with a small table of our own.

    python recipes/meteor_goldens.py

Needs pycocoevalcap (for the program; its data are not used but for the abbreviations, which cannot be replaced: the
list here is a part of them) and Java.
"""

import json
import random
import subprocess
import tempfile
from pathlib import Path

import pycocoevalcap.meteor.meteor as peer

JAR = Path(peer.__file__).with_name("meteor-1.5.jar")
OUT = Path(__file__).parents[1] / "crates/metrics/tests/goldens/meteor.json"

FUNCTION_WORDS = ["a", "the", "on", "of", "is", ",", "'s", ".", "in"]
PREFIXES = ["# Keep their full stop", "v", "vs", "Mr", "", "No #NUMERIC_ONLY#", "pp #NUMERIC_ONLY#"]
SYNSETS = {
    "couch": [1], "sofa": [1, 2], "lounge": [2, 3], "dog": [4, 5], "hound": [5], "kid": [6], "child": [6], "man": [7],
    "male": [7], "run": [8, 9], "jog": [9], "hope": [10], "hop": [11], "leap": [11], "big": [12], "large": [12],
    "two": [13], "2": [13], "goose": [14], "hot_dog": [15], "glass": [16], "glasses": [17], "story": [18], "tale": [18],
}
EXCEPTIONS = {"child": ["children"], "run": ["ran"], "goose": ["geese"], "hop": ["hopped", "hopping"]}
# Scored with METEOR's own data; only the outcome is kept.
FULL = [
    ("a dog runs through the snow", ["the hound is running through snow", "a brown dog plays outside"]),
    ("two kids sitting next to each other on a sofa", ["a couple of children are seated side by side on a couch"]),
    ("a man in a t-shirt rides his bike down the street", ["a guy wearing a tee shirt is biking along the road"]),
    ("people are n't looking at the camera", ["nobody looks into the camera", "persons not facing the lens"]),
    ("the u.s. flag flies in front of a large building", ["an american flag waving before a big building"]),
    ("a lot of birds take off from the water", ["many birds are taking off of the lake", "lots of geese fly"]),
]
PARAPHRASES = [
    ("next to", "beside"), ("next to", "by the side of"), ("beside", "next to"), ("a lot of", "many"),
    ("many", "lots of"), ("dog", "hound"), ("is sitting", "sits"), ("the big", "the large"), ("on top of", "on"),
    ("runs", "is running"), ("sofa is", "sofa 's"), ("in the snow", "in snow"), ("man on the", "man in the"),
]
WORDS = (
    "a the on of is , 's . in couch couches sofa sofas lounge dog dogs hound kid kids child children man men male run "
    "runs ran running jog hope hoped hop hopped leap big bigger large two 2 2s goose geese hot_dog glass glasses story "
    "stories tale next to beside by side a lot lots many sitting sits top snow red cat cats u.s. t-shirt n't -- ... "
    "café v. pp. 5 no. 3.5 1,000 -lrb- % \" '' 'tis | blurbs blurbed"
).split()


def sentence(draw):
    words = [draw.choice(WORDS) for _ in range(draw.randrange(10))]
    for _ in range(draw.randrange(3)):
        words += draw.choice(draw.choice(PARAPHRASES)).split()
    if draw.random() < 0.5:
        draw.shuffle(words)
    return words


def case(draw):
    candidate = sentence(draw)
    references = []
    for _ in range(draw.choice([1, 1, 2, 5])):
        words = list(candidate) if draw.random() < 0.7 else sentence(draw)
        for _ in range(draw.randrange(5)):
            words.insert(draw.randrange(len(words) + 1), draw.choice(WORDS))
            del words[draw.randrange(len(words))]
        references.append(" ".join(words))
    return " ".join(candidate), references


def ask_own(lines):
    command = ["java", "-Xmx2G", "-jar", str(JAR), "-", "-", "-stdio", "-l", "en", "-norm"]
    given = "".join(line + "\n" for line in lines).encode()
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()


def main():
    draw = random.Random(20)
    files = {
        "function_words": "".join(word + "\n" for word in FUNCTION_WORDS),
        "prefixes": "".join(line + "\n" for line in PREFIXES),
        "synsets": "".join(f"{word}\n{' '.join(f'{one:08}' for one in sets)}\n" for word, sets in SYNSETS.items()),
        "exceptions": "".join(f"{word}\n{' '.join(forms)}\n" for word, forms in EXCEPTIONS.items()),
        "paraphrases": "".join(f"0.5\n{phrase}\n{other}\n" for phrase, other in PARAPHRASES),
    }
    cases = [case(draw) for _ in range(600)]
    cases += [("", ["a dog"]), ("a dog", [""]), ("", [""]), ("a ||| dog", ["a cat ||| the dog", "a man"])]
    long = [" ".join(draw.choice(WORDS[:30]) for _ in range(150)) for _ in range(2)]
    cases.append((long[0], [long[1]]))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, file in [("synsets", "english.synsets"), ("exceptions", "english.exceptions")]:
            (folder / file).write_text(files[name], encoding="utf-8")
        (folder / "english.relations").write_text("", encoding="utf-8")
        (folder / "words").write_text(files["function_words"], encoding="utf-8")
        (folder / "paraphrases").write_text(files["paraphrases"], encoding="utf-8")
        subprocess.run(["gzip", "-n", str(folder / "paraphrases")], check=True)
        command = ["java", "-jar", str(JAR), "-", "-", "-stdio", "-l", "en", "-norm"]
        command += ["-s", str(folder / "words"), "-d", str(folder), "-a", str(folder / "paraphrases.gz")]

        def ask(lines):
            given = "".join(line + "\n" for line in lines).encode()
            return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()

        def clean(candidate):
            return candidate.replace("|||", "").replace("  ", " ")

        statistics = ask(" ||| ".join(["SCORE", *references, clean(candidate)]) for candidate, references in cases)
        *scores, corpus = ask(["EVAL ||| " + " ||| ".join(statistics)])
    full = ask_own([" ||| ".join(["SCORE", *references, candidate]) for candidate, references in FULL])
    full = [
        {"candidate": candidate, "references": references, "numbers": [int(float(n)) for n in line.split()]}
        for (candidate, references), line in zip(FULL, full, strict=True)
    ]
    entries = [
        {"candidate": candidate, "references": references, "numbers": [int(float(n)) for n in line.split()], "score": float(score)}
        for (candidate, references), line, score in zip(cases, statistics, scores, strict=True)
    ]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    own = json.dumps(full, ensure_ascii=False)
    sources = json.dumps(files, ensure_ascii=False, indent=1)
    OUT.write_text(f'{{"sources": {sources},\n"corpus": {corpus},\n"full": {own},\n"cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()

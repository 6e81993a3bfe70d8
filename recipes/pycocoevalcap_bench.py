"""pycocoevalcap at the work of `nid tokenize` and `nid score`: the other side of `cargo bench -p nid --bench metrics`,
which runs it, holds the clock and compares what it writes.

    python recipes/pycocoevalcap_bench.py about
    python recipes/pycocoevalcap_bench.py tokenize CANDIDATES.txt OUTPUT.txt
    python recipes/pycocoevalcap_bench.py counted CANDIDATES.json REFERENCES.json OUTPUT.json     BLEU, ROUGE-L, CIDEr
    python recipes/pycocoevalcap_bench.py meteor CANDIDATES.json REFERENCES.json OUTPUT.json
    python recipes/pycocoevalcap_bench.py all CANDIDATES.json REFERENCES.json OUTPUT.json

Candidates are COCO's results, references COCO's annotations; `all` tokenizes them, the two before take them as tokens.
The classes are called as COCOEvalCap calls them, without SPICE, and each part imports no more than it needs; files are
read by json alone, which is quicker than pycocotools.

Needs pycocoevalcap 1.2 and Java.
"""

import argparse
import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path


def about(_):
    told = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, check=True, text=True).stderr
    java = told.split('"')[1] if '"' in told else "of an unknown version"
    print(f"pycocoevalcap {version('pycocoevalcap')} on Python {platform.python_version()} and Java {java}")


def load(path):
    return json.loads(Path(path).read_bytes())


def captions(arguments):
    """References and candidates: for each photo a list of records with a `caption`."""
    annotations, results = load(arguments.references), load(arguments.candidates)
    references = {image["id"]: [] for image in annotations["images"]}
    for annotation in annotations["annotations"]:
        references[annotation["image_id"]].append(annotation)
    candidates = {result["image_id"]: [result] for result in results}
    return references, {photo: candidates[photo] for photo in references}


def texts(records):
    """The captions alone."""
    return {photo: [record["caption"] for record in of] for photo, of in records.items()}


def score(references, candidates, scorers, output):
    """Writes the scores of the corpus under COCOEvalCap's names."""
    scores = {}
    for scorer, names in scorers:
        score, _ = scorer.compute_score(references, candidates)
        scores.update(zip(names, score) if isinstance(names, list) else [(names, score)])
    Path(output).write_text(json.dumps({name: float(score) for name, score in scores.items()}))


def bleu():
    from pycocoevalcap.bleu.bleu import Bleu

    return Bleu(4), ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4"]


def meteor_():
    from pycocoevalcap.meteor.meteor import Meteor

    return Meteor(), "METEOR"


def rouge():
    from pycocoevalcap.rouge.rouge import Rouge

    return Rouge(), "ROUGE_L"


def cider():
    from pycocoevalcap.cider.cider import Cider

    return Cider(), "CIDEr"


def tokenize(arguments):
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    lines = Path(arguments.candidates).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    tokens = PTBTokenizer().tokenize({number: [{"caption": line}] for number, line in enumerate(lines)})
    Path(arguments.output).write_text("".join(line + "\n" for line, in tokens.values()), encoding="utf-8")


def counted(arguments):
    references, candidates = captions(arguments)
    score(texts(references), texts(candidates), [bleu(), rouge(), cider()], arguments.output)


def meteor(arguments):
    references, candidates = captions(arguments)
    score(texts(references), texts(candidates), [meteor_()], arguments.output)


def all_(arguments):
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    references, candidates = captions(arguments)
    tokenizer = PTBTokenizer()
    references, candidates = tokenizer.tokenize(references), tokenizer.tokenize(candidates)
    score(references, candidates, [bleu(), meteor_(), rouge(), cider()], arguments.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    both = ["candidates", "references", "output"]
    parts = {"about": (about, []), "tokenize": (tokenize, ["candidates", "output"])}
    parts |= {"counted": (counted, both), "meteor": (meteor, both), "all": (all_, both)}
    for name, (run, files) in parts.items():
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        for file in files:
            command.add_argument(file)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()

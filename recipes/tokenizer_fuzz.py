"""Finds lines on which the tokenizer of `nid` and the field's part, and writes the goldens of its tests.

    python recipes/tokenizer_fuzz.py fuzz --lines 1000000 --seed 1 [--captions captions.txt] [--kinds signs,fragments]
    python recipes/tokenizer_fuzz.py compare FILE...
    python recipes/tokenizer_fuzz.py goldens

A case is some lines that follow each other, most often one: `fuzz` makes them at random, and to `compare` each file is one.
The field's tokenizer is pycocoevalcap's PTBTokenizer (pip install pycocoevalcap==1.2; it needs Java). Ours is the example `tokenize`
of nid-metrics: cargo build --release -p nid-metrics --example tokenize.
"""

import argparse
import concurrent.futures
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from nasty_lines import ALL_KINDS, CAPTIONS, ENDING, FRAGMENTS, KINDS, LINES, TERMINATORS, Generator

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDENS = ROOT / "crates/metrics/tests/goldens/tokens.json"
# pycocoevalcap's own list.
PUNCTUATION = set("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split(" "))
# No token goes on over this line: what stands after it does not see what stands before.
GUARD = "\"'\"'"


def scored(line):
    """What pycocoevalcap makes of a line of its tokenizer."""
    return " ".join(word for word in line.rstrip().split(" ") if word not in PUNCTUATION)


def ptb(*arguments):
    """Runs pycocoevalcap's tokenizer."""
    import pycocoevalcap.tokenizer.ptbtokenizer as peer

    jar = pathlib.Path(peer.__file__).parent / peer.STANFORD_CORENLP_3_4_1_JAR
    options = ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", *arguments]
    command = ["java", "-Dfile.encoding=UTF-8", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(jar), *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()


def joined(cases):
    """One file of all cases, a guard after each."""
    return "\n".join(part for case in cases for part in (case, GUARD))


def parted(cases, lines):
    """The lines of each case in what became of a joined file."""
    lines = iter(lines)
    parts = []
    for case in cases:
        parts.append("\n".join(itertools.islice(lines, case.count("\n") + 1)))
        next(lines)
    assert not list(lines), "lines became more"
    return parts


def field(cases):
    """The field's tokens of cases without other ends of lines than \\n, one line for each of theirs."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(joined(cases))
        file.flush()
        # The last line has no end, but it is given one.
        return parted(cases, [scored(line) for line in ptb(file.name).removesuffix("\n").split("\n")])


def field_alone(cases):
    """The field's tokens of captions that are each a whole file, with a space for the ends of lines."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        files = [(folder / f"{number}.in", folder / f"{number}.out") for number in range(len(cases))]
        for case, (source, _) in zip(cases, files):
            source.write_text(case, encoding="utf-8", newline="")
        pairs = folder / "pairs"
        pairs.write_text("".join(f"{source}\t{target}\n" for source, target in files))
        ptb("-ioFileList", str(pairs))
        outputs = [target.read_bytes().decode() for _, target in files]
    # Java writes the ends of lines that it reads as \n; others lie within tokens.
    lines = [[scored(line) for line in output.split("\n")] for output in outputs]
    return [" ".join(filter(None, each)) for each in lines]


def ours(binary, text, *options):
    output = subprocess.run([binary, *options], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    return output.split("\n")


def differences(cases, binary, alone=False):
    if not cases:
        return []
    if alone:
        theirs, mine = field_alone(cases), ours(binary, "\n".join(cases), "--alone")
    else:
        theirs, mine = field(cases), parted(cases, ours(binary, joined(cases)))
    assert len(theirs) == len(mine) == len(cases)
    return [difference for difference in zip(cases, theirs, mine) if difference[1] != difference[2]]


def shrunk(cases, binary, alone):
    """The shortest cases, made by leaving parts out, that still differ."""
    chunks = [len(case) // 2 + 1 for case in cases]
    while any(chunks):
        shorter = [[case[:at] + case[at + chunk :] for at in range(0, len(case), chunk)] if chunk else [] for case, chunk in zip(cases, chunks)]
        candidates = list(dict.fromkeys(itertools.chain(*shorter)))
        differing = {case for case, _, _ in differences(candidates, binary, alone)}
        for place, each in enumerate(shorter):
            found = next((candidate for candidate in each if candidate in differing), None)
            if found is None:
                chunks[place] //= 2
            else:
                cases[place] = found
    return list(dict.fromkeys(cases))


def show(text):
    return text.encode("unicode_escape").decode().replace("\\\\", "\\")


def report(cases, binary, alone=False):
    for case, theirs, mine in differences(shrunk(cases, binary, alone), binary, alone):
        print(f"{show(case):30} theirs {show(theirs):30} ours {show(mine)}", flush=True)


def task(options, kind, seed):
    """One batch: the number of lines, that of cases that differ, and the shortest of these."""
    generator = Generator(seed, options.captions)
    count = {"long": 12, "corpus": max(1, options.batch // 600), "run": options.batch // 3, "end": options.batch // 4}.get(kind, options.batch)
    cases = [generator.case(kind) for _ in range(count)]
    different = [case for case, _, _ in differences(cases, options.binary, kind in ENDING)]
    return kind, sum(case.count("\n") + 1 for case in cases), len(different), sorted(different, key=len)[: options.show]


def fuzz(options):
    options.captions = options.captions.read_text(encoding="utf-8").splitlines() if options.captions else CAPTIONS
    kinds = options.kinds.split(",")
    compared, differing = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    start = time.time()
    with concurrent.futures.ProcessPoolExecutor(options.processes) as pool:
        for turn in itertools.count():
            turns = [pool.submit(task, options, kind, f"{options.seed} {kind} {turn}") for kind in kinds]
            for done in concurrent.futures.as_completed(turns):
                kind, lines, different, shortest = done.result()
                compared[kind] += lines
                differing[kind] += different
                if shortest:
                    report(shortest, options.binary, kind in ENDING)
            total = f"{sum(compared.values())} lines, {time.time() - start:.0f} s:"
            print(total, {kind: f"{differing[kind]}/{compared[kind]}" for kind in kinds}, flush=True)
            if sum(compared.values()) >= options.lines or (any(differing.values()) and not options.go_on):
                return int(any(differing.values()))


def compare(options):
    """Compares files as they are, but for ends of lines that are not \\n and for bytes that are not UTF-8."""
    total = different = 0
    for path in options.files:
        text = path.read_bytes().decode(errors="replace")
        lines = "".join(" " if c in TERMINATORS[1:] else c for c in text).split("\n")
        total += len(lines)
        for _, theirs, mine in differences(["\n".join(lines)], options.binary):
            places = [place for place, (a, b) in enumerate(zip(theirs.split("\n"), mine.split("\n"))) if a != b]
            different += len(places)
            print(f"{path}: lines {[place + 1 for place in places[: options.show]]}")
            report(["\n".join(lines[max(0, place - 1) : place + 3]) for place in places[: options.show]], options.binary)
    print(f"{different}/{total}")
    return int(different > 0)


def goldens(options):
    generator = Generator("goldens")
    short = [kind for kind in LINES if kind != "long"]
    lines = [generator.case(kind) for kind in short for _ in range(700)]
    lines = list(dict.fromkeys([line for line in lines + FRAGMENTS + KINDS if not set(line) & set(TERMINATORS)]))
    runs = [generator.case("run") for _ in range(900)]
    ends = list(dict.fromkeys(generator.case("end") for _ in range(900)))
    content = {"lines": list(zip(lines, field(lines))), "runs": list(zip(runs, field(runs))), "ends": list(zip(ends, field_alone(ends)))}
    GOLDENS.write_text(json.dumps(content, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")
    print({name: len(cases) for name, cases in content.items()}, f"{GOLDENS.stat().st_size} bytes")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["fuzz", "compare", "goldens"])
    parser.add_argument("files", type=pathlib.Path, nargs="*", help="files to compare")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=40, help="how many differences of a kind are shrunk and shown")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first differences")
    parser.add_argument("--kinds", default=",".join(ALL_KINDS))
    parser.add_argument("--captions", type=pathlib.Path, help="a file of captions to make mistakes in, one a line")
    parser.add_argument("--binary", default=str(ROOT / "target/release/examples/tokenize"))
    options = parser.parse_args()
    sys.exit({"fuzz": fuzz, "compare": compare, "goldens": goldens}[options.task](options))


if __name__ == "__main__":
    main()

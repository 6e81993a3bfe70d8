"""Finds lines on which the tokenizer of `nid` and the field's part, and writes the goldens of its tests.

    python recipes/tokenizer_fuzz.py fuzz --lines 1000000 --seed 1 [--captions captions.txt] [--kinds signs,fragments]
    python recipes/tokenizer_fuzz.py goldens

The field's tokenizer is pycocoevalcap's PTBTokenizer (pip install pycocoevalcap==1.2; it needs Java). Ours is the example `tokenize`
of nid-metrics: cargo build --release -p nid-metrics --example tokenize.
"""

import argparse
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDENS = ROOT / "crates/metrics/tests/goldens/tokens.json"
# pycocoevalcap's own list.
PUNCTUATION = set("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split(" "))
# A markup attribute in quotes runs on over the ends of lines; this line between two captions stops any.
GUARD = "\"'\"'"
TERMINATORS = "\n\r\v\f\u2028\u2029"

ASCII = [chr(c) for c in range(32, 127)]
# At least one character of each kind that the tokenizer tells apart, and of each kind that Unicode does.
KINDS = list(
    "aAzZnNtTsSdDoOlLyYxX019.,:;!?'\"`-_/\\()[]{}<>&#@$%*+=~^|  \t\x00\x01\x1f\x7f\x80\x85\x91\x92\x93\x94\x96\x97\x99\xa0¡¢£¤¥§¨©ª«¬\xad®°²µ»¼½¾¿"
    "ÀßéİıſΣςσʼ˂̀ͅ֊אְ،؛؟٠٪٫٬آًक़१ก๑้ༀ།ကខ᠎ẞἀ\u2000\u200b\u200c\u200d\u200e\u2010\u2011\u2012–—―‖‘’‚‛“”„‟†•…‰′″‹›⁄⁰₀₠€₿ℂKⅠⅰ→∀①Ⓐ■☺✓⟨⸮"
    "\u3000、。「あア中가\ue000ﬁﷺ\ufeff\ufffd\uffff！（０Ａａ｡￥𝐀😀🇺👩\U000e0041\U0010ffff"
)
FRAGMENTS = """
a an the dog A Dog DOG dogs' man's it's I'm they're we've he'd she'll don't can't won't ain't CAN'T n't 'n' 'em 'til 'tis 'twas rock'n'roll o'clock ma'am
O'Neil d'Artagnan l'avion qu'il y'all j'ai ol' c'est c'mon cap'n Hallowe'en li'l ev'ry cont'd. cannot gonna gotta lemme gimme wanna more'n d'ye '50s '90s '05
mr. Mr. MRS. dr. St. st. Inc. inc. Corp. co. etc. e.g. i.e. a.m. P.M. U.S. U.K. U.S.A. Ph.D. ph.d B.Sc. vs. No. no. nos. fig. pp. jan. Sept. Mass. mass. Tex. Ave. Jr.
1 12 123 1234 5555 1,000 1.5 .5 5. 1/2 3/4 1-1/2 11/12/2013 1/2/13 10-11-2012 12:30 5:30pm 1st 22nd 3D 4x4 100% -5 +5 ½ ¼ ¾ ⅓ ⅔ ⅛ 1⁄2 555-1234 (555) 867-5309 +44 20 7946 0958
$5 US$ HK$5 €5 £5 ¥5 ¢ ₹ #1 #tag @user a@b.com foo.bar@baz.co.uk <a@b.c> http://a.b/c https://www.x.org/~y?z=1&w#v www.foo.com www.a-b.co.uk/xy foo.com foo.com/bar
~b.com file.txt a1.html 1.mp3 x.tar.gz <b> </b> <br/> <a href="x y"> <!-- c --> <?xml?> <!DOCTYPE html> &amp; &lt; &gt; &quot; &apos; &nbsp; &eacute; &#39; &#x27; &mdash; &ur; AT&T AT&amp;T
A+B R&D Q&A C++ C# F# :) :-) ;-) :D :-P =( <:o) >:( :'( ^_^ -_- x_x (^_^) (^^) o_O <3 ... .... ..... . . . … -- --- ---- ----- – — ― - _ __ * ** \\* # ## @ @@ ! !! ?! ? / \\/ \\ | ~
" ' ` `` '' “ ” ‘ ’ « » ‹ › „ ‚ ( ) [ ] { } < > << >> , ; : . & % $ + = ^ a/b a/b/c and/or a-b well-known T-shirt x-ray a_b foo_bar.b a.b.c ab.cd a!b a?b a,b-c 1,5-x
naïve café Ünï Œuvre Σ ΑΣ ΣΑΣ İstanbul straße ǅ ﬁsh Ａｂｃ ０１ 中文 日本語 ไทย 한국 עִבְרִית العربيّة हिन्दी é́ x\u0301 so\xadft \xad zero\u200bwidth \ufeff \u200d \ue000 😀 👩‍👩‍👧 🇺🇸 𝒜bc \U0010ffff \x00 \x07 \x7f \x85 \xa0
""".split()
FRAGMENTS += ["1 1/2", "555 867 5309", "(555) 867-5309", ". . .", ". .", "<a b='c d'>", '<a b="', "<!", "<a ", "A. The", "U.S. The", "no. 5", "No. V", "\t", "  ", "\u3000"]
CAPTIONS = ["A child in a pink dress is climbing up a set of stairs in an entry way .", "Two dogs don't share the man's frisbee."]


class Generator:
    """Random lines, of several kinds."""

    def __init__(self, seed, captions):
        self.random = random.Random(seed)
        self.captions = captions

    def signs(self):
        """Few signs, over and over."""
        alphabet = self.random.sample(ASCII, 3) + self.random.choices(KINDS, k=3)
        return "".join(self.random.choices(alphabet, k=self.random.randint(1, 12)))

    def kinds(self):
        """Any kinds of characters."""
        return "".join(self.random.choices(KINDS, k=self.random.randint(1, 10)))

    def fragments(self):
        """Pieces of text that some rule is about, glued in all ways."""
        pieces = []
        for _ in range(self.random.randint(1, 6)):
            piece = self.random.choice(FRAGMENTS)
            change = self.random.random()
            if change < 0.15:
                piece = self.mutated(piece)
            elif change < 0.2:
                piece = piece.upper()
            elif change < 0.25:
                piece = piece.lower()
            elif change < 0.28:
                piece = piece[::-1]
            elif change < 0.31:
                piece = piece[: self.random.randint(0, len(piece))]
            pieces += [piece, self.random.choice(["", "", " ", " ", " ", "-", "'", ".", ",", "/", self.random.choice(KINDS)])]
        return "".join(pieces)

    def mutated(self, text):
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(0, len(text))
            change = self.random.random()
            sign = self.random.choice(KINDS if change < 0.6 else ASCII)
            text = text[:at] + sign * (change < 0.8) + text[at + (change > 0.3) :]
        return text

    def caption(self):
        """A caption with mistakes."""
        text = self.random.choice(self.captions)
        for _ in range(self.random.randint(0, 3)):
            text = self.mutated(text)
            if self.random.random() < 0.3:
                words = text.split(" ")
                words.insert(self.random.randint(0, len(words)), self.random.choice(FRAGMENTS))
                text = " ".join(words)
        return text

    def unicode(self):
        """Any characters between others that matter."""
        characters = []
        for _ in range(self.random.randint(1, 8)):
            character = chr(self.random.choice([self.random.randrange(0x250), self.random.randrange(0x3000), self.random.randrange(0x110000)]))
            characters += [character, self.random.choice(["", "", "a", "1", " ", "'s", ".", "-", "http://a.b/", "@", "Σ"])]
        return "".join(characters)

    def line(self, kind):
        line = getattr(self, kind)()
        return "".join(" " if c in TERMINATORS or "\ud800" <= c < "\ue000" else c for c in line)


ALL_KINDS = ["signs", "kinds", "fragments", "caption", "unicode"]


def scored(line):
    """What pycocoevalcap makes of a line of its tokenizer."""
    return " ".join(word for word in line.rstrip().split(" ") if word not in PUNCTUATION)


def field(lines):
    """The tokens of the field's tokenizer, for lines without terminators."""
    import pycocoevalcap.tokenizer.ptbtokenizer as peer

    jar = pathlib.Path(peer.__file__).parent / peer.STANFORD_CORENLP_3_4_1_JAR
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write("\n".join(part for line in lines for part in (line, GUARD)))
        file.flush()
        arguments = ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", file.name]
        command = ["java", "-Dfile.encoding=UTF-8", "-XX:+UseSerialGC", "-cp", str(jar), *arguments]
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    tokens = [scored(line) for line in output.split("\n")[::2]][: len(lines)]
    assert len(tokens) == len(lines), f"{len(lines)} lines became {len(tokens)}"
    return tokens


def ours(lines, binary):
    text = "\n".join(part for line in lines for part in (line, GUARD))
    output = subprocess.run([binary], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    return output.split("\n")[::2]


def differences(lines, binary):
    return [(line, theirs, mine) for line, theirs, mine in zip(lines, field(lines), ours(lines, binary)) if theirs != mine]


def shrunk(lines, binary):
    """The shortest lines, made by leaving characters out, that still differ."""
    current = lines
    while True:
        shorter = [[line[:at] + line[at + 1 :] for at in range(len(line))] for line in current]
        candidates = list(dict.fromkeys(itertools.chain(*shorter)))
        if not candidates:
            return current
        differing = {line for line, _, _ in differences(candidates, binary)}
        after = [next((candidate for candidate in each if candidate in differing), line) for line, each in zip(current, shorter)]
        if after == current:
            return list(dict.fromkeys(current))
        current = after


def show(text):
    return text.encode("unicode_escape").decode().replace("\\\\", "\\")


def fuzz(options):
    captions = options.captions.read_text(encoding="utf-8").splitlines() if options.captions else CAPTIONS
    generator = Generator(options.seed, captions)
    kinds = options.kinds.split(",")
    compared = dict.fromkeys(kinds, 0)
    differing = dict.fromkeys(kinds, 0)
    start = time.time()
    while sum(compared.values()) < options.lines:
        found = []
        for kind in kinds:
            lines = [generator.line(kind) for _ in range(options.batch)]
            different = differences(lines, options.binary)
            compared[kind] += len(lines)
            differing[kind] += len(different)
            found += sorted((line for line, _, _ in different), key=len)[: options.show]
        if found:
            for line, theirs, mine in differences(shrunk(found, options.binary), options.binary):
                print(f"{show(line):30} theirs {show(theirs):30} ours {show(mine)}")
            print({kind: f"{differing[kind]}/{compared[kind]}" for kind in kinds}, flush=True)
            if not options.go_on:
                return 1
    print({kind: f"{differing[kind]}/{compared[kind]}" for kind in kinds}, f"{time.time() - start:.0f} s", flush=True)
    return int(any(differing.values()))


def goldens(options):
    generator = Generator(0, CAPTIONS)
    lines = [generator.line(kind) for kind in ALL_KINDS for _ in range(900)]
    lines += FRAGMENTS + KINDS
    lines = [line for line in dict.fromkeys(lines) if not set(line) & set(TERMINATORS)]
    GOLDENS.write_text(json.dumps(list(map(list, zip(lines, field(lines)))), ensure_ascii=True, indent=0) + "\n", encoding="utf-8")
    print(f"{len(lines)} lines, {GOLDENS.stat().st_size} bytes")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["fuzz", "goldens"])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=40, help="how many differences of a kind are shrunk and shown")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first differences")
    parser.add_argument("--kinds", default=",".join(ALL_KINDS))
    parser.add_argument("--captions", type=pathlib.Path, help="a file of captions to make mistakes in, one a line")
    parser.add_argument("--binary", default=str(ROOT / "target/release/examples/tokenize"))
    options = parser.parse_args()
    sys.exit({"fuzz": fuzz, "goldens": goldens}[options.task](options))


if __name__ == "__main__":
    main()

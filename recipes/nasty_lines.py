"""Lines that are hard on a tokenizer, made at random, for `tokenizer_fuzz.py`.

What is hard: contractions, quotes, dashes, ellipses, abbreviations, currencies, fractions, addresses, smileys, markup, entities,
accents, full-width characters, emoji, Chinese, Japanese, Korean, Thai, right-to-left and Indian scripts, control characters, empty
lines and very long ones, each of them whole, broken, and beside any other; captions with a machine's mistakes and with people's.
"""

import random
import re

# What some program or other takes for the end of a line.
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

# Words that some list or other holds for abbreviations.
ABBREVIATIONS = """
adj adm adv alex assoc asst atty attys ave brig capt cf cie cmdr col cpl dept det dr drs elec ens ft gen gov govs hon insp invt jos lieut lt maj messrs mfg mlle
mme mr mrs ms msgr mt mtg natl pfc ph pres prof profs pvt rep reps rev sen sens sfc sgt spc st ste supt supts treas vs wm ala al apr ariz ark assn aug az bhd
bldg blvd bros calif co colo conn corp cos ct dak dec del est etc ext feb fla fri ga ill inc ind intl jan jr jul jun kan kans ky la ltd mar mass md mich minn
miss mo mon mont neb nev nov oct okla ore pa penn plc ppte pptes pty ptys pte rd rt sep sept seq sq sr sys tel tenn tex thu thurs tue tues univ va vt wash wed
wis wisc wyo ph.d esq art ca fig figs no nos op pp prop approx apt appt cres dist ed eds edn ff gal hr hrs hwy ibid in kg km lb lbs ln loc max mi min mph oz p pg pl
pt qt qv rm sat sec secs sp sun vol vols yd yr yrs wk u.s u.k u.s.a n.y l.a d.c e.g i.e a.m p.m a.k.a b.c a.d m.d b.a m.a j.k.rowling n.b r.i.p p.s ed.d comdr ll.b m.sc pharm.d
""".split()

# How things are put together: a name in braces stands for one of its alternatives.
PATTERNS = {
    "address": ["{scheme}{host}{path}", "{host}{path}", "www.{host}{path}", "{name}@{host}", "<{name}@{host}>", "@{name}", "#{name}", "{name}.{ending}", "{name}/{name}.{ending}"],
    "scheme": ["http://", "https://", "HTTP://", "ftp://", "http:/", "http", "mailto:"],
    "host": ["{name}.{top}", "{name}.{name}.{top}", "{name}", "{number}.{number}.{number}.{number}", "{name}-{name}.{top}"],
    "top": ["com", "org", "net", "edu", "co.uk", "de", "COM", "info", "xyzzy", "c", "com.", "org,"],
    "path": ["", "/", "/{name}", "/{name}/{name}?{name}={number}&{name}={any}", "/{any}{any}", "/~{name}.", "/{name})", "#{name}", ":{number}/{name}", "/{name}.{ending}"],
    "name": ["dog", "a", "Foo", "foo_bar", "x1", "b-c", "\u00e9t\u00e9", "A", "{any}", "no", "1", "o'dog"],
    "ending": ["jpg", "html", "txt", "tar.gz", "PY", "mp3", "c", "docx", "dog", "JPEG,", "png)", "exe."],
    "any": ["{sign}", "{sign}{sign}", "{letter}", "{digit}"],
    "amount": ["{currency}{number}", "{number}{currency}", "{currency} {number}", "{sign}{number}", "{letter}{letter}{currency}{number}", "{number}%", "\u00bd", "{number} {fraction}", "{fraction}"],
    "currency": ["$", "\u20ac", "\u00a3", "\u00a5", "\u00a2", "\u20b9", "US$", "HK$", "A$", "C$", "\u20a0", "\u00a4", "#", "USD", "Rs."],
    "number": ["{digit}", "{digit}{digit}", "{digit}{digit}{digit}", "{digit}{digit}{digit}{digit}{digit}", "{digit},{digit}{digit}{digit}", "{digit}.{digit}", ".{digit}{digit}", "-{digit}", "+{digit}{digit}", "{digit}{letter}", "{number}{sign}{number}"],
    "fraction": ["{digit}/{digit}", "{digit}{digit}/{digit}", "{digit} {digit}/{digit}", "{digit}-{digit}/{digit}", "{digit}\\/{digit}", "{digit}\u2044{digit}", "\u00bc", "{digit}\u00be", "\u2153"],
    "time": ["{number}:{number}", "{digit}:{digit}{digit}pm", "{digit}{digit}.{digit}{digit} a.m.", "{digit} p.m", "{date}", "'{digit}{digit}s", "{digit}{digit}{digit}{digit}s", "{digit}st", "{digit}o'clock"],
    "date": ["{digit}/{digit}/{digit}{digit}", "{digit}{digit}-{digit}{digit}-{digit}{digit}{digit}{digit}", "{digit}{digit}{digit}{digit}-{digit}{digit}-{digit}{digit}", "{digit}{digit}.{digit}.{digit}{digit}"],
    "telephone": ["({digit}{digit}{digit}) {digit}{digit}{digit}-{digit}{digit}{digit}{digit}", "{digit}{digit}{digit}{gap}{digit}{digit}{digit}{gap}{digit}{digit}{digit}{digit}", "+{digit}{digit}{gap}{digit}{digit}{gap}{digit}{digit}{digit}{digit}{gap}{digit}{digit}{digit}", "({digit}{digit}){digit}{digit}{digit}{digit}{digit}{digit}{digit}", "{digit}{digit}{digit}{gap}{digit}{digit}{digit}{digit}{digit}"],
    "gap": [" ", "-", "", "\u00a0", ".", "  ", "{any}"],
    "smiley": ["{eyes}{nose}{mouth}", "<{eyes}{nose}{mouth}", "({eye}{nose}{eye})", "{eye}_{eye}", "{mouth}{nose}{eyes}", "{eyes}{nose}{mouth}{mouth}", "({eye}_{eye}){letter}"],
    "eyes": [":", ";", "=", "8", "X", ":'"],
    "eye": ["^", "`", "-", "x", "'", "~", "=", ">", "<", "o", "T", "0"],
    "nose": ["", "-", "o", "*", "'", "_", "."],
    "mouth": [")", "(", "D", "P", "O", "]", "[", "|", "\\", "/", "{", "}", "@", "d", "p", "o", "3", "S"],
    "markup": ["<{name}>", "</{name}>", "<{name} {name}={quoted}>", "<{name} {name}={quoted} {name}/>", "<{name} {name}={quoted}", "<{name}", "<!{name} {any}>", "<?{name} {quoted}?>", "<!-- {any} {name} -->", "<{name} {name} = {quoted} >", "<{name}{gap}{name}>"],
    "quoted": ["\"{any} {name}\"", "'{name}'", "\"{name}", "'{any}", "\"\"", "{name}", "\"{name}'{any}\"", "\"{name}\n{name}\""],
    "entity": ["&{entityname};", "&{entityname}", "&#{number};", "{letter}&{entityname};{letter}", "&amp;{entityname};", "AT&{name}", "{letter}&{letter}"],
    "entityname": ["amp", "lt", "gt", "quot", "apos", "nbsp", "mdash", "ndash", "md", "eacute", "Ograve", "uuml", "ccedil", "ur", "tl", "ht", "odq", "AMP", "Nbsp", "copy", "#x27", "#39"],
    "quotation": ["{open}{name}{close}", "{open}{name} {name}{close}", "{open}{open}{name}{close}{close}", "{open} {name} {close}", "{name}{close}s", "{open}{number}", "{open}{word}{close}{sign}"],
    "open": ["\"", "'", "`", "``", "\u2018", "\u201c", "\u00ab", "\u2039", "\u201e", "\u201a", "\u0093", "\u0091", "&quot;", "&apos;", "\u201b", "\u201f", "\u300c", "(", "\uff02"],
    "close": ["\"", "'", "''", "\u2019", "\u201d", "\u00bb", "\u203a", "\u0094", "\u0092", "&quot;", "&apos;", "\u300d", ")", "'\"", "\"'"],
    "contraction": ["{stem}{quote}{clitic}", "{stem}n{quote}t", "{quote}{clitic}", "{letter}{quote}{word}", "{word}{quote}", "{quote}{word}", "{word}in{quote}", "{stem}{quote}{clitic}{quote}{clitic}", "{stem}{quote}{clitic}{sign}", "{quote}{digit}{digit}"],
    "stem": ["he", "dog", "do", "I", "can", "wo", "y", "ca", "DOG", "it", "X", "1990", "J.R.", "caf\u00e9", "{word}", "so\u00adft", "who"],
    "quote": ["'", "\u2019", "`", "\u2018", "&apos;", "\u0092", "'", "\u02bc", "\u2032", "\uff07", "\u00b4", "''"],
    "clitic": ["s", "S", "m", "d", "ll", "re", "ve", "t", "LL", "Re", "em", "til", "tis", "twas", "n", "cause", "ll've", "\u017f", "all", "est"],
    "abbreviation": ["{abbreviated}.", "{abbreviated}", "{abbreviated}.{sign}", "{abbreviated}. {word}", "{abbreviated}. {number}", "{letter}.{letter}.", "{letter}.{letter}.{letter}", "{letter}{letter}.{letter}.", "{letter}.{letter}{letter}.", "{abbreviated}.{abbreviated}.", "{letter}. {begin} {word}", "{abbreviated}.-{word}", "{word}.{begin} {word}", "{abbreviated}.{close}", "{abbreviated}. . ."],
    "begin": ["The", "A", "He", "An", "It", "Mr.", "She", "In", "But", "According", "What", "the", "There", "Two", "Ms.", "THE", "<b>"],
    "dash": ["{word}{dashes}{word}", "{word} {dashes} {word}", "{word}{dashes}", "{dashes}{word}", "{number}{dashes}{number}", "{word}-{word}-{word}", "{letter}-{word}", "{word}-{letter}.{letter}.", "{word}/{word}", "{word}-{word}/{word}", "{word}\\/{word}/{word}", "{word}_{word}"],
    "dashes": ["-", "--", "---", "----", "-----", "\u2013", "\u2014", "\u2015", "\u2012", "\u2010", "\u2011", "\u2212", "\u0096", "\u0097", "&mdash;", "- -", "~"],
    "ellipsis": ["...", "..", "....", ".....", "......", ". . .", ". .", ".. .", "\u2026", ". . . .", ".\u00a0.\u00a0.", "{word}...", "...{word}", "{word}..{word}", "{word}...{word}", "\u0085", ".. .."],
    "marks": ["!", "!!", "?!", "!!!", "??", ",,", ";;", "::", "!.", ".!", "*", "**", "***", "\\*", "##", "@@", "__", "<<", ">>", "++", "==", "~~", "^^", "&&", "$$", "||", "//", "{sign}{sign}{sign}"],
    "foreign": ["\u4e2d\u6587{any}", "\u65e5\u672c\u8a9e\u306e\u30c6", "\u3001{word}\u3002", "\ud55c\uad6d\uc5b4", "\u0639\u0631\u0628\u064a{sign}", "\u05e2\u05d1\u05e8\u05d9\u05ea{quote}{letter}", "\u0e44\u0e17\u0e22", "\u0939\u093f\u0928\u094d\u0926\u0940", "\uff21\uff42\uff43\uff01", "\uff11\uff12\uff0f\uff13", "caf\u00e9{quote}s", "na\u0131ve", "e\u0301{letter}", "\u0391\u03a3{sign}", "\u03a3{any}\u03a3", "\u212bngstr\u00f6m", "\ufb01sh", "stra\u00dfe", "\u01c5", "\u202eabc\u202c", "\u200f{word}", "\U0001f600{word}", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1fa\U0001f1f8", "\u263a\ufe0f", "\U0001d49c{letter}", "\u00b2{letter}", "\u2163", "\u24b6", "\u2122{word}"],
    "control": ["{word}\u0000{word}", "\u0001", "\u0007{letter}", "\u001b[0m", "\u007f", "\t{word}", "\u0085", "\u00a0{letter}\u00a0", "\ufeff{word}", "\u200b", "\u00ad", "\ufffd", "\uffff", "\u001c{number}", "\u001f "],
    "program": ["C++", "C#", "F#", "c++{letter}", "A+{letter}", "{letter}&{letter}", "R&B", "x={number}", "a[{digit}]", "f({letter})", "{letter}^{digit}", "#{digit}", "{name}::{name}", "{letter}+", "{{word}}", "[{word}]", "({word})", "(({letter}))", "{letter}*{letter}"],
    "word": ["dog", "The", "a", "man", "CAN", "cannot", "gonna", "Gimme", "wanna", "no", "well", "x", "t", "U.S.", "s"],
}
SENTENCE = ["address", "amount", "time", "telephone", "smiley", "markup", "entity", "quotation", "contraction", "abbreviation", "dash", "ellipsis", "marks", "foreign", "control", "program", "fraction", "number"]

# What people type, and what they meant.
TYPED = [(". ", "."), (" .", "."), (" .", ".."), (" .", "..."), (" .", " . . ."), (" ", "  "), (", ", ","), (" ,", ","), (" and ", " & "), (" with ", " w/ "), (" and ", "/"), (" ", "-"),
         (" two ", " 2 "), (" a ", " 1/2 "), (" the ", " #1 "), (" a ", " 24/7 "), ("ing ", "in' "), (" is ", "'s "), (" not ", "n't "), (" a ", " an "), (" the ", " teh "), ("'", "\u2019"),
         ("'", "`"), ("s ", "s' "), (" a ", " \"a "), (" .", "!!"), (" .", "?!"), (" .", ""), (" .", ".\""), (" .", " ;"), (" and ", " - "), (" and ", "--"), (" in ", " @ "), (" ", "\t"), (" ", " \u2013 ")]
ASIDES = """
"STOP" 'STOP' (STOP) "Stop." ''STOP'' ``STOP'' \u201cSTOP\u201d \u2018n\u2019 t-shirt T-shirt T- shirt tee-shirt 10-12 mid-air 2-year-old 5'10" 6' 6ft. 3pm 3:30 3:30pm 3.30p.m. a.m. 10am 1980's 1980s '80s 80's #23 No.5
No. no. 1st 2nd U.S. U.S.A U.S.A. USA's N.Y. L.A. D.C. St. St.John's Mt.Everest Dr.Pepper Mr.Smith Jr. Inc. Co. vs vs. v. etc etc. i.e. e.g. w/ w/o b/w & @ % 50% $5 $5.00 5$ 20,000 1/2 1/2" 3/4
half-pipe ATV's BMX's Frisbee\u2122 Coke\u00ae caf\u00e9 na\u00efve jalape\u00f1o fianc\u00e9e XXL O.K. OK. ok... hmm,so :) :-) ;) :( <3 lol!!! man/woman he/she his/her black/white/red dog,cat dog.The dog!The dog?The (a dog) [sic] {sic} a/c
and/or kids' dogs's it's its' its he"s don;t dont can not cannot ain't y'all gotta gonna 'em o'clock rock'n'roll rock-n-roll rock&roll R&B B&W www.flickr.com flickr.com photo.jpg IMG_1234.JPG me@home.com http://t.co/x
John O'Brien St. Dr. McDonald's Coca-Cola Nike's Mary-Jane D'Angelo Lee Jr. N.Y. NYC Wal-Mart J.P. AT&T H&M M&M's 7-Eleven iPhone Toys'R'Us e-mail FedEx
""".split()
BRACES = re.compile(r"\{(\w+)\}")
SIGNS = {"sign": ASCII + KINDS, "letter": list("aAbBdDiIlLmMnNoOsStTxXyYzZ\u00e9"), "digit": list("0123456789\u0663"), "abbreviated": [f(word) for word in ABBREVIATIONS for f in (str, str.title, str.upper)]}


class Generator:
    """Random lines, of several kinds."""

    def __init__(self, seed, captions=CAPTIONS):
        self.random = random.Random(seed)
        self.captions = captions

    def case(self, kind):
        """A line, or some that follow each other."""
        case = "".join(" " if "\ud800" <= c < "\ue000" else c for c in getattr(self, kind)())
        if kind in ENDING:
            return case.replace("\n", " ")
        return "".join(" " if c in TERMINATORS and (c != "\n" or kind not in RUNS) else c for c in case)

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



    def pattern(self, name):
        def expand(match):
            choice = match[1]
            return self.pattern(choice) if choice in PATTERNS else self.random.choice(SIGNS[choice])

        return BRACES.sub(expand, self.random.choice(PATTERNS[name]))

    def patterns(self):
        """Things put together as they should be, or nearly."""
        pieces = []
        for _ in range(self.random.randint(1, 4)):
            piece = self.pattern(self.random.choice(SENTENCE))
            if self.random.random() < 0.15:
                piece = self.mutated(piece)
            pieces += [piece, self.random.choice(["", " ", " ", " ", ".", ",", self.random.choice(ASCII), " the "])]
        return "".join(pieces)

    def typed(self):
        """A caption with people's mistakes."""
        text = self.random.choice(self.captions)
        for _ in range(self.random.randint(1, 4)):
            change = self.random.random()
            if change < 0.5:
                meant, typed = self.random.choice(TYPED)
                text = text.replace(meant, typed, self.random.choice([1, 1, -1]))
            elif change < 0.8:
                words = text.split(" ")
                aside = self.random.choice(ASIDES) if change < 0.75 else self.pattern(self.random.choice(SENTENCE))
                words.insert(self.random.randint(0, len(words)), aside + self.random.choice(["", "", ".", ",", "!", "'s", "\"", ")", "..."]))
                text = " ".join(words)
            elif change < 0.9:
                at = self.random.randint(0, len(text))
                text = self.random.choice([text[:at] + text[at : at + 2][::-1] + text[at + 2 :], text[:at] + text[at + 1 :], text[:at] + text[at - 1 :]])
            else:
                text = self.random.choice([text.upper, text.title, text.lower, text.swapcase, lambda: "\"" + text + "\""])()
        return text

    def some(self):
        return getattr(self, self.random.choice(["signs", "kinds", "fragments", "patterns", "unicode", "typed"]))()

    def run(self):
        """Lines that follow each other, where what ends one matters to the next or may."""
        lines = []
        for _ in range(self.random.randint(2, 5)):
            change = self.random.random()
            if change < 0.25:
                lines.append(self.random.choice(["", "", "", " ", "\t", "  ", "\xa0", "\u3000 ", ".", "\x01", "\xad", "\x85"]))
            elif change < 0.5:
                lines.append(self.random.choice(FRAGMENTS) + self.random.choice(["", "", " ", self.random.choice(KINDS)]))
            elif change < 0.75:
                lines.append(self.pattern(self.random.choice(SENTENCE)))
            elif change < 0.9:
                lines.append(self.random.choice(["", " ", "a ", "the ", "x."]) + self.random.choice(["A.", "no.", "'", "\"", ":D", "<b", "5", "U.S.", "mr.", "'s", "etc.", "1."]) + " " * self.random.randint(0, 2))
            else:
                lines.append(self.some())
        return "\n".join(lines)

    def corpus(self):
        """Many lines that follow each other."""
        return "\n".join(self.run() if self.random.random() < 0.5 else self.some() for _ in range(300))

    def end(self):
        """A caption at the end of all text, perhaps with ends of lines of its own."""
        text = self.some()
        if self.random.random() < 0.5:
            at = self.random.randint(0, len(text))
            text = text[:at] + self.random.choice(TERMINATORS[1:]) + text[at:]
        return text

    def long(self):
        """Ten thousand words, or one word as long."""
        change = self.random.random()
        if change < 0.4:
            return " ".join(self.some() for _ in range(4_000))
        if change < 0.7:
            return " ".join(self.random.choice(self.captions) for _ in range(800))
        return (self.some()[: self.random.randint(1, 30)] or "a") * self.random.randint(1_000, 10_000)


# Kinds of one line each, which a guard parts.
LINES = ["signs", "kinds", "fragments", "caption", "unicode", "patterns", "typed", "long"]
# Kinds of lines that follow each other.
RUNS = ["run", "corpus"]
# Kinds of one caption each, with nothing after it.
ENDING = ["end"]
ALL_KINDS = LINES + RUNS + ENDING

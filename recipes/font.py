"""The font of the pictures in reports: the Latin, Greek and Cyrillic letters of DejaVu Sans, and a few signs.

    pip install fonttools==4.68.0
    python recipes/font.py DejaVuSans.ttf     # writes crates/engine/src/report/plot/DejaVuSans.ttf

DejaVuSans.ttf is version 2.37, as Debian's package fonts-dejavu-core has it. Hints are left out, for nothing here reads
them; kerning stays, in the old table that is read.
"""

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x384, 0x3CE), (0x400, 0x45F), (0x490, 0x491), (0x2010, 0x2026)]
SIGNS = "−×≤≥→←€™✓✗"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("font", type=Path)
    options = Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True, legacy_kern=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "FFTM", "MATH", "gasp"]
    # When the file was made is no part of it.
    font = TTFont(parser.parse_args().font, recalcTimestamp=False)
    subsetter = Subsetter(options)
    letters = [letter for first, last in RANGES for letter in range(first, last + 1)]
    subsetter.populate(unicodes=letters, text=SIGNS)
    subsetter.subset(font)
    target = Path(__file__).parents[1] / "crates/engine/src/report/plot/DejaVuSans.ttf"
    font.save(target)


main()

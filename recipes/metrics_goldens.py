"""Scores made-up captions with pycocoevalcap: the goldens of crates/metrics.

    pip install pycocoevalcap==1.2        # its tokenizer needs Java
    python recipes/metrics_goldens.py     # writes crates/metrics/tests/goldens/scores.json

The sentences were written for this file; they are chosen to differ in length, to repeat words, to share
nothing, and to need the tokenizer.
"""

import contextlib
import io
import json
from pathlib import Path

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

PHOTOS = [
    ("A kettle whistles on the old stove.",
     ["A kettle is boiling on an old iron stove.", "The kettle on the stove whistles .", "Steam rises from a kettle."]),
    ("Two otters float on their backs.",
     ["Two otters float on their backs.", "A pair of otters drifts down a slow river.", "Otters asleep, holding hands."]),
    ("the the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]),
    ("a baker", ["A baker in a white apron slides six loaves into a brick oven.", "The baker's loaves go into the oven"]),
    ("A violinist who is wearing a long green dress plays a very slow tune for the people on the bridge in the rain",
     ["A violinist plays on a bridge.", "Someone plays the violin in the rain."]),
    ("purple submarines dream quietly", ["A farmer mends his fence .", "A man is hammering a post into a field."]),
    ("She can't find her dog's leash.", ["A girl can't find the leash of her dog.", "The dog's leash isn't there!"]),
    ("A sailor (with a beard) ties a rope", ["A bearded sailor ties a knot.", "A sailor with a beard (and a pipe) ties a rope."]),
    ("Children cannot reach the high shelf", ["The children cannot reach the shelf", "It's too high: they're gonna need a ladder"]),
    ('A sign says "closed" .', ['A sign that says "closed" hangs on a door .', "The shop is closed; a sign says so."]),
    ("A black-and-white goat on a well-kept lawn", ["A black-and-white goat eats the lawn.", "A goat, black and white, on a well-kept lawn"]),
    ("A potter shapes wet clay on a wheel.",
     ["A potter shapes clay.", "Hands shape wet clay on a spinning wheel .", "A woman at a potter's wheel", "Clay turns on a wheel."]),
    ("a man rides a bicycle past a red barn",
     ["A man rides his bike past a barn.", "A cyclist passes a red barn.", "a man on a bicycle rides past a red barn in autumn"]),
    ("a man rides a horse past a red barn", ["A woman rides a brown horse past a red barn .", "A rider and her horse go by a barn ."]),
    ("A man rides a bicycle", ["A man repairs a bicycle.", "A bicycle upside down, a man beside it.", "A man fixes a flat tire"]),
    ("A gardener waters tomatoes at 6:30 in the morning", ["A gardener waters 12 tomato plants.", "Tomatoes are watered at 6:30 by Mr. Green."]),
    ("Snow falls on a wooden cabin", ["Snow falls on a cabin in the woods", "A wooden cabin under falling snow", "It is snowing on the cabin ."]),
    ("Snow falls on a wooden bench", ["An empty bench in the snow", "A bench is covered with snow", "Snow has fallen on a park bench"]),
    ("A mechanic looks under the hood of a truck", ["A mechanic checks a truck's engine", "A man in overalls leans under the hood of a truck"]),
    ("A mechanic looks under the hood of a truck", ["A truck is parked .", "A blue truck with its hood open and nobody near it"]),
    ("An owl sits on a post at dusk .", ["An owl on a fence post", "An owl sits very still on a post at dusk", "A barn owl waits for mice"]),
    ("A chess player thinks ... and thinks ...", ["A chess player thinks for a long time.", "A man ponders his next move -- a hard one"]),
    ("A climber reaches the summit !", ["A climber reaches the summit of a snowy peak!", "Someone stands on a mountain top, arms raised."]),
    ("Four rowers pull hard", ["Four rowers in a narrow boat pull hard on their oars", "A boat with 4 rowers"]),
    ("A tailor measures a man's sleeve", ["A tailor is measuring the sleeve of a jacket.", "The tailor measures a man's arm"]),
    ("A kite gets stuck in the tall tree", ["A kite is stuck in a tree", "A child looks at a kite that is stuck in a tall tree"]),
    ("A kite flies over the beach", ["A red kite flies high over the beach", "People fly kites on the beach", "The beach, with a kite above"]),
    ("A street cat sleeps on a warm car", ["A cat sleeps on the hood of a car", "A striped cat is asleep on a parked car"]),
    ("A street cat sleeps on a warm car", ["A cat", "A sleeping cat"]),
    ("A lighthouse keeper climbs the stairs", ["A keeper climbs up the stairs of the lighthouse with a lamp"]),
    ("A girl blows out seven candles", ["A girl blows out the candles on her cake", "Seven candles on a cake, and a girl blowing"]),
    ("Bees leave the hive", ["Bees around a hive .", "Many bees leave their hive on a sunny day", "A beekeeper's hive, full of bees"]),
    ("A welder in a mask makes sparks fly", ["Sparks fly as a welder works .", "A welder with a mask works in the dark", "A person welding"]),
    ("A train crosses a stone viaduct", ["A steam train crosses a viaduct of stone", "A train on a high stone bridge", "A train crosses a stone viaduct"]),
    ("A violin lies in its open case .", ["A violin in its case", "An open case with a violin in it", "Someone's violin lies in an open case ."]),
    ("a cook a cook a cook flips a pancake", ["A cook flips a pancake", "The pancake is in the air, the cook below it"]),
    ("People wait for the bus in the rain", ["People with umbrellas wait for a bus", "A queue at a bus stop in the rain", "The bus is late and it rains"]),
    ("A puppeteer and his puppets bow", ["A puppeteer bows with his puppets after the show", "The show is over: puppets and puppeteer bow"]),
    ("A shepherd counts sheep", ["A shepherd and 50 sheep on a hill", "Sheep go through a gate while a shepherd counts", "Sheep ."]),
    ("Paper boats race down the gutter", ["Two paper boats race in a gutter after rain", "Children race paper boats"]),
]


def main():
    ids = range(len(PHOTOS))
    tokenize = PTBTokenizer().tokenize
    references = tokenize({i: [{"caption": text} for text in PHOTOS[i][1]] for i in ids})
    candidates = tokenize({i: [{"caption": PHOTOS[i][0]}] for i in ids})
    with contextlib.redirect_stdout(io.StringIO()):
        bleu, bleu_each = Bleu(4).compute_score(references, candidates)
    cider, cider_each = Cider().compute_score(references, candidates)
    rouge, rouge_each = Rouge().compute_score(references, candidates)

    photos = [
        {
            "candidate": PHOTOS[i][0],
            "references": PHOTOS[i][1],
            "candidate_tokens": candidates[i][0],
            "reference_tokens": references[i],
            "bleu": [scores[i] for scores in bleu_each],
            "rouge_l": float(rouge_each[i]),
            "cider": float(cider_each[i]),
        }
        for i in ids
    ]
    corpus = {f"Bleu_{n + 1}": score for n, score in enumerate(bleu)} | {"ROUGE_L": float(rouge), "CIDEr": float(cider)}
    folder = Path(__file__).parent.parent / "crates/metrics/tests/goldens"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.json").write_text(json.dumps({"corpus": corpus, "photos": photos}, indent=1) + "\n")


main()

"""Makes the pictures in photos/ from the public-domain ones that four packages ship.

    python recipes/photos.py SCIPY_WHEEL THEMES photos/

SCIPY_WHEEL is a wheel of scipy before 1.10, the last that carries its sample pictures inside:

    pip download --no-deps --only-binary :all: --python-version 3.10 scipy==1.9.3

THEMES is a folder that holds those of the Debian packages wordpress-theme-twentytwentyfour and
wordpress-theme-twentytwentyfive (6.8.12): /usr/share/wordpress/wp-content/themes where they are installed.

Needs pillow, numpy and scikit-image (0.26; its wheel holds the other pictures). Who made each picture and under which
terms stands in NOTICE.
"""

import bz2
import pathlib
import pickle
import sys
import zipfile

import numpy
import skimage
from PIL import Image

SIDE = 640
"""The longest side that a picture in photos/ has, in pixels."""

FROM_SKIMAGE = {
    "astronaut.jpg": "astronaut.png",
    "bricks.jpg": "brick.png",
    "cat.jpg": "chelsea.png",
    "coffee.jpg": "coffee.png",
    "galaxies.jpg": "hubble_deep_field.jpg",
    "photographer.jpg": "camera.png",
    "rocket.jpg": "rocket.jpg",
}

FROM_THEMES = {
    "camera.jpg": "twentytwentyfour/assets/images/tourist-and-building.webp",
    "splashing.jpg": "twentytwentyfive/assets/images/woman-splashing-water.webp",
    "square.jpg": "twentytwentyfive/assets/images/man-in-hat.webp",
}


def raccoon(wheel):
    """768 by 1024 pixels, RGB."""
    pixels = bz2.decompress(wheel.read("scipy/misc/face.dat"))
    return Image.fromarray(numpy.frombuffer(pixels, numpy.uint8).reshape(768, 1024, 3))


def stairs(wheel):
    """512 by 512 pixels, grey."""
    return Image.fromarray(numpy.array(pickle.loads(wheel.read("scipy/misc/ascent.dat")), numpy.uint8))


def main():
    wheel, themes, output = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder = pathlib.Path(skimage.__file__).parent / "data"
    pictures = {name: Image.open(folder / source) for name, source in FROM_SKIMAGE.items()}
    pictures |= {name: Image.open(themes / source) for name, source in FROM_THEMES.items()}
    pictures |= {"raccoon.jpg": raccoon(wheel), "stairs.jpg": stairs(wheel)}
    for name, picture in pictures.items():
        picture = picture.convert("L" if picture.mode in ("L", "I", "1") else "RGB")
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        picture.save(output / name, quality=88, optimize=True)


if __name__ == "__main__":
    main()

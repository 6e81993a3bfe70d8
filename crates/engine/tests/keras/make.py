"""Writes small Keras models, and what Keras itself makes of a few pictures with them.

Two environments, for Keras 2 and 3 cannot share one; each writes its own files:

    python3.11 -m venv keras2 && keras2/bin/pip install tensorflow-cpu==2.15.1 h5py==3.16.0
    python3.11 -m venv keras3 && keras3/bin/pip install keras==3.15.1 h5py==3.16.0 numpy==2.4.6 scipy==1.17.1 jax==0.10.2
    keras2/bin/python crates/engine/tests/keras/make.py
    KERAS_BACKEND=jax keras3/bin/python crates/engine/tests/keras/make.py
"""

import json
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
MAJOR = keras.__version__.split(".")[0]
SIDE = 12
layers = keras.layers


def long_cnn():
    """Almost every kind of layer."""
    return [
        layers.Conv2D(4, 3, padding="same", activation="relu", input_shape=(SIDE, SIDE, 1)),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False),
        layers.BatchNormalization(center=False, epsilon=1e-5),
        layers.Activation("tanh"),
        layers.AveragePooling2D(2, strides=1, padding="same"),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(4, activation="sigmoid"),
        layers.Dense(3, activation="softmax"),
    ]


def short_cnn():
    """The others."""
    return [
        layers.Input((SIDE, SIDE, 1)),
        layers.Conv2D(4, 5, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(5, 2, strides=2, padding="same"),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]


def trained(model, pictures):
    """A model after a few steps, so that no parameter is as it was at first."""
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    model.fit(pictures, np.arange(len(pictures)) % 3, epochs=60, verbose=0)
    model.compile()  # without what the optimiser keeps
    return model


def save_expected(name, model, levels, numbers):
    probabilities = np.asarray(model(numbers)).astype(np.float64).tolist()
    text = json.dumps({"levels": levels.reshape(len(levels), -1).tolist(), "probabilities": probabilities})
    (HERE / f"{name}.expected.json").write_text(text + "\n")


def main():
    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(1)
    levels = generator.integers(0, 256, (6, SIDE, SIDE), dtype=np.uint8)
    numbers = levels[..., None].astype(np.float32) / 255
    if MAJOR == "2":
        model = trained(keras.Sequential(long_cnn()), numbers)
        (HERE / "keras2_cnn.json").write_text(model.to_json() + "\n")
        model.save_weights(HERE / "keras2_cnn.h5")
        save_expected("keras2_cnn", model, levels, numbers)

        # A whole model in one file, of pictures and scores like Fashion-MNIST's.
        model = keras.Sequential(
            [layers.Conv2D(10, 3, strides=3, input_shape=(28, 28, 1)), layers.GlobalAveragePooling2D(), layers.Softmax()]
        )
        model.save(HERE / "keras2_whole.h5")
    else:
        model = trained(keras.Sequential(short_cnn()), numbers)
        model.save(HERE / "keras3_cnn.keras")
        save_expected("keras3_cnn", model, levels, numbers)

        # Of rows of numbers that it scales itself, with a softmax that is a layer.
        model = keras.Sequential(
            [
                layers.Input((SIDE * SIDE,)),
                layers.Rescaling(1 / 127.5, offset=-1),
                layers.Dense(5, activation="relu"),
                layers.Dense(3),
                layers.Softmax(),
            ]
        )
        model.compile("sgd")
        (HERE / "keras3_mlp.json").write_text(model.to_json() + "\n")
        model.save_weights(HERE / "keras3_mlp.weights.h5")
        save_expected("keras3_mlp", model, levels, levels.reshape(len(levels), -1).astype(np.float32))


main()

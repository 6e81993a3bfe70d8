"""Writes the HDF5 files and Keras models that the tests of this crate read, with h5py and Keras themselves.

Two environments, for Keras 2 and 3 cannot share one; each writes its own files:

    python3.11 -m venv keras2 && keras2/bin/pip install tensorflow-cpu==2.15.1 h5py==3.16.0
    python3.11 -m venv keras3 && keras3/bin/pip install keras==3.15.1 h5py==3.16.0 numpy==2.4.6 scipy==1.17.1 jax==0.10.2
    keras2/bin/python crates/weights/tests/goldens/make_keras.py
    KERAS_BACKEND=numpy keras3/bin/python crates/weights/tests/goldens/make_keras.py
"""

import zipfile
import zlib
from pathlib import Path

import h5py
import keras
import numpy as np

HERE = Path(__file__).parent
RAMP = np.arange(6).reshape(2, 3) * 0.5 - 1.0  # all of it exact in 16 bits
COUNT = np.arange(35, dtype=np.float32).reshape(5, 7)


def model():
    """A network whose weights are numbers that a test can write down."""
    layers = keras.layers
    network = keras.Sequential(
        [layers.Input((2, 3)), layers.Flatten(), layers.Dense(2, activation="relu"), layers.Dense(2, activation="softmax")]
    )
    network.set_weights([np.arange(12).reshape(6, 2) / 4, np.array([1, 2]), np.arange(4).reshape(2, 2), np.array([3, 4])])
    return network


def keras2():
    network = model()
    network.save(HERE / "keras2.h5", include_optimizer=False)
    network.save_weights(HERE / "keras2_weights.h5")
    network.save(HERE / "keras2.keras")


def keras3():
    network = model()
    network.save(HERE / "keras3.keras")
    network.save_weights(HERE / "keras3.weights.h5")
    with zipfile.ZipFile(HERE / "keras3.keras") as stored:
        with zipfile.ZipFile(HERE / "keras3_deflated.keras", "w", zipfile.ZIP_DEFLATED) as deflated:
            for entry in stored.infolist():
                deflated.writestr(entry, stored.read(entry), zipfile.ZIP_DEFLATED)
    keras.config.set_dtype_policy("bfloat16")
    brief = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    brief.set_weights([RAMP.T, np.array([1.5, -10])])
    brief.save_weights(HERE / "keras3_bfloat16.weights.h5")


def fill(file):
    """All kinds of arrays that h5py writes."""
    for name in ["float16", "float32", "float64"]:
        file[name] = RAMP.astype(name)
    for name in ["uint8", "int16", "int64"]:
        file[name] = np.arange(6).astype(name)
    file["big_endian"] = RAMP.astype(">f4")
    file["big_endian_integers"] = np.arange(6).astype(">i2")
    file["switches"] = np.array([True, False])
    file["scalar"] = np.float32(2.5)
    file["empty"] = np.zeros((0, 3), dtype=np.float32)
    file["null"] = h5py.Empty("f4")
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    place = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 3)), compact)
    place.write(h5py.h5s.ALL, h5py.h5s.ALL, RAMP.astype(np.float32))

    file.create_dataset("chunked", data=COUNT, chunks=(2, 3))
    file.create_dataset("deflated", data=COUNT, chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
    file.create_dataset("growing", data=COUNT[0], maxshape=(None,), chunks=(4,))
    file.create_dataset("unwritten", shape=(2, 2), dtype=np.float32, fillvalue=7.0)
    file.create_dataset("sparse", shape=(4, 4), dtype=np.float32, chunks=(2, 2), fillvalue=3.0)[1, 1] = 1.0

    file["fixed_words"] = np.array([b"a", b"dog"])
    file["words"] = np.array(["a", "dog"], dtype=h5py.string_dtype())
    file["record"] = np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")])
    file["complex"] = np.zeros(2, dtype=np.complex64)
    file["colours"] = np.array([0, 1], dtype=h5py.enum_dtype({"RED": 0, "BLUE": 1}, "i4"))
    file.create_dataset("triples", shape=(2,), dtype=np.dtype(("<f4", (3,))))
    file["rough"] = np.zeros(2, dtype=np.dtype([("x", "V3")]))["x"]

    file["a/b/c/deep"] = np.arange(2.0)
    file["a/upwards"] = file["a"]
    file["again"] = file["float32"]
    file["soft"] = h5py.SoftLink("/float32")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["elsewhere"] = h5py.ExternalLink("keras2.h5", "/model_weights")

    file.attrs["text"] = "grüße"
    file.attrs["bytes"] = np.bytes_(b"fixed")
    file.attrs["lines"] = ["a", "", "dog"]
    file.attrs["fixed_lines"] = np.array([b"a", b"dog"])
    file.attrs["number"] = 3
    file.attrs["nothing"] = h5py.Empty("S1")
    file["a"].attrs["text"] = "of a group"


def hdf5():
    with h5py.File(HERE / "hdf5.h5", "w") as file:
        fill(file)
    with h5py.File(HERE / "hdf5_latest.h5", "w", libver="latest") as file:
        fill(file)
        file.create_dataset("growing_both_ways", data=COUNT, maxshape=(None, None), chunks=(2, 3))
    with h5py.File(HERE / "hdf5_user_block.h5", "w", userblock_size=1024) as file:
        file["float64"] = RAMP
        file.attrs["lines"] = ["long " * 100] + ["short"] * 30
    # Too many to be listed in the group itself.
    with h5py.File(HERE / "hdf5_many.h5", "w", libver="latest", track_order=True) as file:
        for number in range(20):
            file[f"array{number}"] = np.float32(number)
            file.attrs[f"text{number}"] = f"{number}"


def hostile():
    """What no program writes by itself."""
    with h5py.File(HERE / "hdf5_hostile.h5", "w", libver="latest") as file:
        file["float64"] = RAMP
        file["here"] = file["/"]
        file["round"] = h5py.SoftLink("/about")
        file["about"] = h5py.SoftLink("/round")
    with h5py.File(HERE / "hdf5_deep.h5", "w", libver="latest") as file:
        file["/".join(["g"] * 70) + "/float64"] = RAMP
    # A chunk that becomes a little more each time, and much more in all: sixteen bytes are what it should become.
    with h5py.File(HERE / "hdf5_filters.h5", "w", libver="latest") as file:
        for name, filters in [("known", [1, 1, 1]), ("unknown", [400, 1, 1])]:
            how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            how.set_chunk((4,))
            for number in filters:
                how.set_filter(number, h5py.h5z.FLAG_OPTIONAL, (9,))
            space = h5py.h5s.create_simple((4,))
            place = h5py.h5d.create(file.id, name.encode(), h5py.h5t.IEEE_F32LE, space, how)
            chunk = bytes(1 << 26)
            for _ in filters[-2:]:
                chunk = zlib.compress(chunk, 9)
            place.write_direct_chunk((0,), chunk)


if keras.__version__.startswith("2."):
    keras2()
else:
    keras3()
    hdf5()
    hostile()

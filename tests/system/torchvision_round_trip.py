# SPDX-License-Identifier: Apache-2.0
"""A state dict of torchvision goes into Canopy and comes back: torchvision loads it strictly, and finds the same as before.

Needs a Python with torch and torchvision: that of the environment TORCHVISION_PYTHON, or of .deps/peers/venv. Skipped where there is none.
"""
import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile

ROOT = pathlib.Path(os.environ.get("CANOPY_ROOT", "."))
PYTHON = pathlib.Path(os.environ.get("TORCHVISION_PYTHON", ROOT / ".deps/peers/venv/bin/python"))
try:
    import torch
    from torchvision.models.detection import maskrcnn_resnet50_fpn
except ImportError:
    if PYTHON.exists() and os.environ.get("CANOPY_AGAIN") != "1":
        os.environ["CANOPY_AGAIN"] = "1"
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    print(f"skipped: {PYTHON} has no torchvision; name another Python as TORCHVISION_PYTHON")
    sys.exit(77)

from program import canopy  # noqa: E402


def write_safetensors(path, state):
    header, at = {}, 0
    state = {name: tensor.float() for name, tensor in state.items()}
    for name, tensor in state.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + 4 * tensor.numel()]}
        at += 4 * tensor.numel()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in state.values():
            file.write(tensor.contiguous().numpy().tobytes())


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    metadata = header.pop("__metadata__")
    state = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", (name, entry)
        first, last = entry["data_offsets"]
        state[name] = torch.frombuffer(bytearray(raw[8 + size + first:8 + size + last]), dtype=torch.float32).reshape(entry["shape"])
    return state, metadata


folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_torchvision_"))
try:
    torch.manual_seed(1)
    model = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=3).eval()
    write_safetensors(folder / "state.safetensors", model.state_dict())
    canopy("model", "import", folder / "state.safetensors", "norm-epsilon=1e-5", "-o", folder / "model.safetensors")
    canopy("model", "export", folder / "model.safetensors", "as=torchvision", "-o", folder / "back.safetensors")
    state, metadata = read_safetensors(folder / "back.safetensors")
    again = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=int(metadata["num_classes"]),
                                  image_mean=json.loads(metadata["image_mean"]), image_std=json.loads(metadata["image_std"])).eval()
    again.load_state_dict(state, strict=True)
    picture = torch.rand(3, 160, 160)
    with torch.no_grad():
        before, after = model([picture])[0], again([picture])[0]
    assert len(before["boxes"]) > 0, "a network of random weights finds something at a threshold of 0.05"
    for key in ("boxes", "labels", "scores", "masks"):
        torch.testing.assert_close(after[key], before[key], rtol=1e-4, atol=1e-3)
    print(f"torchvision loads {len(state)} tensors and finds the same {len(before['boxes'])} objects")
finally:
    shutil.rmtree(folder)

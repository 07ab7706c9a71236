# SPDX-License-Identifier: Apache-2.0
"""onnxruntime runs the exported model of each backbone and finds what Canopy finds.

The unit test OnnxExport writes each model, a picture and what Canopy found in it.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

import numpy as np
import onnxruntime


def read_safetensors(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    return {name: np.frombuffer(raw[8 + size + e["data_offsets"][0]:8 + size + e["data_offsets"][1]], "<f4").reshape(e["shape"])
            for name, e in header.items() if name != "__metadata__"}


folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_onnx_"))
try:
    subprocess.run([os.environ["CANOPY_NN_TEST"], "--gtest_filter=*OnnxExport*"], check=True, stdout=subprocess.DEVNULL,
                   env=os.environ | {"CANOPY_ONNX_OUT": str(folder), "OMP_NUM_THREADS": "1"})
    models = sorted(folder.glob("*.onnx"))
    assert len(models) == 3, models
    for path in models:
        wanted = read_safetensors(path.with_suffix(".safetensors"))
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        found = dict(zip([o.name for o in session.get_outputs()], session.run(None, {"planes": wanted["planes"]})))
        assert len(found["boxes"]) == len(wanted["boxes"]), (path.stem, len(found["boxes"]), len(wanted["boxes"]))
        np.testing.assert_allclose(found["scores"], wanted["scores"], rtol=1e-3, atol=1e-5, err_msg=path.stem)
        np.testing.assert_array_equal(found["classes"], wanted["classes"], err_msg=path.stem)
        np.testing.assert_allclose(found["boxes"], wanted["boxes"], rtol=1e-3, atol=2e-2, err_msg=path.stem)
        np.testing.assert_allclose(found["masks"], wanted["masks"], rtol=1e-3, atol=2e-3, err_msg=path.stem)
        assert json.loads(session.get_modelmeta().custom_metadata_map["bands"])[0] == "blue"
        print(f"{path.stem}: the same {len(found['boxes'])} trees")
finally:
    shutil.rmtree(folder)

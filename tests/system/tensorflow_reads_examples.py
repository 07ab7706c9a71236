# SPDX-License-Identifier: Apache-2.0
"""TensorFlow reads an example file with the two calls of the format's description, and finds in it what was ingested."""
import os
import pathlib
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from program import canopy, orchard, workspace

folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_tf_"))
try:
    made = orchard(folder / "orchard", size_m=60)
    space = workspace(folder / "w")
    canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "--workspace", space)
    paths = sorted((space / "examples").rglob("*.example.gz"))
    assert paths, "ingest wrote no example"
    trees = 0
    for path in paths:
        # The two calls.
        raw = tf.io.decode_compressed(tf.io.read_file(str(path)), "GZIP").numpy()
        example = tf.train.Example.FromString(raw)

        feature = example.features.feature
        height, width = feature["image/height"].int64_list.value[0], feature["image/width"].int64_list.value[0]
        bands = [b.decode() for b in feature["image/bands"].bytes_list.value]
        assert bands == ["blue", "green", "red", "red_edge", "nir"], bands
        planes = [np.frombuffer(p, "<u2").reshape(height, width) for p in feature["image/planes"].bytes_list.value]
        assert len(planes) == 5 and all(plane.max() > 0 for plane in planes)
        ids = np.frombuffer(feature["image/object/id_map"].bytes_list.value[0], "<u2").reshape(height, width)
        boxes = np.array([feature[f"image/object/bbox/{side}"].float_list.value for side in ("xmin", "xmax", "ymin", "ymax")]).T
        assert ids.max() == len(boxes), (ids.max(), len(boxes))
        for k, (x0, x1, y0, y1) in enumerate(boxes, 1):
            rows, columns = np.where(ids == k)
            found = [columns.min() / width, (columns.max() + 1) / width, rows.min() / height, (rows.max() + 1) / height]
            np.testing.assert_allclose([x0, x1, y0, y1], found, atol=1e-6)
        trees += len(boxes)
        import hashlib
        assert hashlib.sha256(raw).hexdigest() == path.parent.name + path.name.split(".")[0], path
    print(f"TensorFlow {tf.__version__} read {len(paths)} examples with {trees} trees")
finally:
    shutil.rmtree(folder, ignore_errors=True)

# SPDX-License-Identifier: Apache-2.0
"""Tiles out to TensorFlow and in from it: our TFRecord files are read by tf.data with checksums held, and what TensorFlow writes under the names of its
Object Detection API is imported: records and single files, compressed or not. pyarrow, pandas and DuckDB's own Python read the catalog and a dataset."""
import gzip
import hashlib
import os
import pathlib
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import duckdb
import numpy as np
import pandas
import pyarrow.parquet
import tensorflow as tf
from program import canopy, load, orchard, workspace


def bytes_feature(*values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def floats_feature(*values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def foreign(seed, masks):
    """64 x 48 pixels with trees at (8, 8) and (40, 20), 10 x 12 pixels each."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
    boxes = [(8, 8, 18, 20), (40, 20, 50, 32)]
    feature = {"image/filename": bytes_feature(f"plot-{seed}.png".encode()),
               "image/encoded": bytes_feature(tf.io.encode_png(picture).numpy() if seed % 2 else tf.io.encode_jpeg(picture).numpy()),
               "image/object/class/text": bytes_feature(b"tree", b"dead tree")}
    for side, value in (("xmin", lambda b: b[0] / 64), ("ymin", lambda b: b[1] / 48), ("xmax", lambda b: b[2] / 64), ("ymax", lambda b: b[3] / 48)):
        feature[f"image/object/bbox/{side}"] = floats_feature(*map(value, boxes))
    if masks:
        drawn = []
        for x0, y0, x1, y1 in boxes:
            mask = np.zeros((48, 64, 1), np.uint8)
            mask[y0:y1, x0:x1] = 1
            drawn.append(tf.io.encode_png(mask).numpy())
        feature["image/object/mask"] = bytes_feature(*drawn)
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_tf_"))
try:
    # Out.
    made, space = orchard(folder / "orchard", size_m=60), workspace(folder / "w")
    canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", space)
    canopy("dataset", "create", "set", "split-by=tile_key", "--workspace", space)
    canopy("dataset", "export", "set", "as=tfrecord", "shard-mb=1", "-o", folder / "records", "--workspace", space)
    shards = sorted(map(str, (folder / "records").glob("train-*.tfrecord")))
    assert len(shards) > 1, "shard-mb=1 gives one shard"
    found = {hashlib.sha256(record.numpy()).hexdigest() for record in tf.data.TFRecordDataset(shards)}
    rows = load(canopy("catalog", "sql", "SELECT tile_id FROM datasets.set WHERE split = 'train'", "--json", "--workspace", space)[0])
    assert found == {row["tile_id"] for row in rows} and found

    # COCO goes round: what is exported is ingested again and gives as many trees.
    canopy("dataset", "export", "set", "as=coco", "-o", folder / "coco", "--workspace", space)
    picture = sorted((folder / "coco" / "train").glob("*.tif"))[0]
    again = workspace(folder / "again")
    canopy("ingest", picture, folder / "coco" / "train.json", "--workspace", again, expect=None)
    before = load(canopy("catalog", "sql", f"SELECT tree_count + dead_count AS n FROM tiles WHERE starts_with(tile_id, '{picture.stem}')", "--json", "--workspace", space)[0])
    after = load(canopy("catalog", "sql", "SELECT sum(tree_count + dead_count) AS n FROM tiles", "--json", "--workspace", again)[0])
    assert before[0]["n"] > 0 and abs(before[0]["n"] - after[0]["n"]) <= 1, (before, after)

    # In.
    other = workspace(folder / "other")
    with tf.io.TFRecordWriter(str(folder / "a.tfrecord")) as writer:
        for seed in range(4):
            writer.write(foreign(seed, masks=True))
    with tf.io.TFRecordWriter(str(folder / "b.tfrecord.gz"), options="GZIP") as writer:
        for seed in range(4, 6):
            writer.write(foreign(seed, masks=False))
    (folder / "c.example").write_bytes(foreign(6, masks=False))
    (folder / "d.example.gz").write_bytes(gzip.compress(foreign(7, masks=True)))
    (folder / "e.example").write_bytes(b"not an example")
    files = [folder / name for name in ("a.tfrecord", "b.tfrecord.gz", "c.example", "d.example.gz")]
    canopy("catalog", "import", *files, "gsd=0.1", "crop=apple", "--workspace", other)
    rows = load(canopy("catalog", "sql", "SELECT label_kind, count(*) AS n, sum(tree_count) AS trees, sum(dead_count) AS dead FROM tiles GROUP BY 1 ORDER BY 1",
                       "--json", "--workspace", other)[0])
    assert rows == [{"label_kind": "box", "n": 3, "trees": 3, "dead": 3}, {"label_kind": "mask", "n": 5, "trees": 5, "dead": 5}], rows
    _, error = canopy("catalog", "import", folder / "e.example", folder / "c.example", "gsd=0.1", "--workspace", other, expect=3)
    assert "e.example" in error

    # Other readers.
    parts = sorted(map(str, (space / "catalog/tiles").glob("*.parquet"))) + [str(next((space / "datasets").rglob("part-0.parquet")))]
    for part in parts:
        table = pyarrow.parquet.read_table(part)
        assert table.num_rows == len(pandas.read_parquet(part)) == duckdb.sql(f"SELECT count(*) FROM '{part}'").fetchone()[0] > 0
    print(f"TensorFlow {tf.__version__}: {len(found)} records out, 8 examples in; pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}")
finally:
    shutil.rmtree(folder, ignore_errors=True)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes coco_case.json beside this file: a small case for a COCO evaluator and what pycocotools says of it.

usage: make_coco_case.py          (needs numpy and pycocotools; README.md names the versions)

Crowns are ellipses drawn in numpy. Findings are the crowns, moved and rescaled, with doubles, inventions and gaps, and
scores on a coarse grid so that ties are frequent. One picture has findings and no truth, one the reverse, one neither.
"""
import contextlib
import io
import json
import pathlib

import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIZE, PICTURES = 300, 8


def crown(x, y, a, b):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    inside = ((columns + 0.5 - x) / a) ** 2 + ((rows + 0.5 - y) / b) ** 2 <= 1
    return rle.encode(np.asfortranarray(inside.astype(np.uint8)))


def text(code):
    return {"size": code["size"], "counts": code["counts"].decode()}


def draw():
    rng = np.random.default_rng(20)
    truth, found = [], []
    for picture in range(1, PICTURES + 1):
        trees = 0 if picture in (3, 5) else int(rng.integers(10, 36))
        for _ in range(trees):
            x, y, a = rng.uniform(0, SIZE), rng.uniform(0, SIZE), 4 * 20 ** rng.random()
            b = a * rng.uniform(0.7, 1.3)
            category = 2 if rng.random() < 0.2 else 1
            code = crown(x, y, a, b)
            if rle.area(code) == 0:
                continue
            truth.append({"id": len(truth) + 1, "image_id": picture, "category_id": category,
                          "iscrowd": int(rng.random() < 0.08), "area": int(rle.area(code)),
                          "bbox": rle.toBbox(code).tolist(), "segmentation": text(code)})
            for _ in range(0 if picture == 4 else int(rng.choice([0, 1, 1, 1, 1, 1, 1, 2]))):
                shake = rng.beta(1.2, 6)
                moved = crown(x + rng.normal(0, shake * a), y + rng.normal(0, shake * a),
                              a * np.exp(rng.normal(0, shake / 2)), b * np.exp(rng.normal(0, shake / 2)))
                found.append((picture, category if rng.random() < 0.95 else 3 - category, moved,
                              round(float(np.clip(1 - shake + rng.normal(0, 0.1), 0.02, 1)), 1)))
        for _ in range(0 if picture in (4, 5) else 4):
            a = 4 * 20 ** rng.random()
            found.append((picture, 1, crown(rng.uniform(0, SIZE), rng.uniform(0, SIZE), a, a), round(float(rng.random()), 1)))
    found = [{"image_id": p, "category_id": c, "score": s, "segmentation": text(m), "bbox": rle.toBbox(m).tolist()}
             for p, c, m, s in found if rle.area(m) > 0]
    return truth, found


def figures(truth, found, kind, max_found):
    shape = {"bbox": "bbox", "segm": "segmentation"}[kind]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"images": [{"id": i, "width": SIZE, "height": SIZE} for i in range(1, PICTURES + 1)],
                        "categories": [{"id": 1, "name": "tree"}, {"id": 2, "name": "dead_tree"}],
                        "annotations": [dict(t) for t in truth]}
        coco.createIndex()
        result = coco.loadRes([{k: f[k] for k in ("image_id", "category_id", "score", shape)} for f in found])
        evaluation = COCOeval(coco, result, kind)
        evaluation.params.maxDets = max_found
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        stats = evaluation.stats.tolist()
    if max_found[2] != 100:  # summarize() looks for maxDets = 100 in its first figure and finds none
        precision = evaluation.eval["precision"][:, :, :, 0, 2]
        stats[0] = float(precision[precision > -1].mean())
    return stats


def main():
    truth, found = draw()
    expected = [{"kind": kind, "max_found": most, "figures": figures(truth, found, kind, most)}
                for kind in ("bbox", "segm") for most in ([1, 10, 100], [2, 5, 12])]
    pair_ious = rle.iou([f["segmentation"] for f in found[:5]], [t["segmentation"] for t in truth[:5]],
                        [t["iscrowd"] for t in truth[:5]]).tolist()
    case = {"size": SIZE, "pictures": PICTURES, "truth": truth, "found": found, "expected": expected,
            "first_mask_ious": pair_ious}
    pathlib.Path(__file__).with_name("coco_case.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    print(len(truth), "truth,", len(found), "found")
    for line in expected:
        print(line["kind"], line["max_found"], " ".join(f"{v:.3f}" for v in line["figures"]))


if __name__ == "__main__":
    main()

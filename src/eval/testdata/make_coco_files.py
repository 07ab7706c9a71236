#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a hard case for a COCO evaluator as files and asks pycocotools for its figures.

usage: make_coco_files.py [OUT_DIR] [--seed N] [--images N]     (needs numpy and pycocotools)

Writes truth.json, three results files and figures.json into OUT_DIR (coco_files/ beside this script). On purpose there are
images without truth, results or both; numbers in no order; categories without truth or not listed; outlines, plain and
compressed runs; outlines in several parts or beyond the edge; crowds, objects of one pixel, areas on the limits of COCO's
ranges; doubled truths, equal scores, boxes at exactly a threshold's IoU, more results than COCO looks at.
"""
import argparse
import contextlib
import copy
import io
import json
import pathlib

import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

LISTED, WITHOUT_TRUTH, UNLISTED = [7, 3, 12], 90, 55


def outline(rng, x, y, radius):
    """A star-shaped outline with 3 to 12 corners about (x, y)."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 13)))
    reach = radius * rng.uniform(0.6, 1.2, len(angles))
    corners = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)
    decimals = int(rng.choice([0, 1, 2]))
    return [float(v) for v in corners.round(decimals).ravel()]


def mask_of(segmentation, image):
    """Compressed runs of any segmentation."""
    if isinstance(segmentation, list):
        return rle.merge(rle.frPyObjects(segmentation, image["height"], image["width"]))
    if isinstance(segmentation["counts"], list):
        return rle.frPyObjects(segmentation, image["height"], image["width"])
    return segmentation


def plain(code):
    """The runs as a list."""
    flat = rle.decode(code).ravel(order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], ends, [len(flat)]])).tolist()
    return {"size": list(code["size"]), "counts": ([0] if flat[0] else []) + [int(c) for c in counts]}


def text(code):
    counts = code["counts"]
    return {"size": list(code["size"]), "counts": counts if isinstance(counts, str) else counts.decode()}


def written(rng, segmentation, image):
    """The same mask as outlines, plain or compressed runs, as it falls."""
    code = mask_of(segmentation, image)
    return [segmentation, plain(code), text(code)][rng.choice(3, p=[0.5, 0.2, 0.3])]


def shape(rng, image):
    """Outlines of one object: small ones are frequent, some in two parts, some partly outside."""
    radius = 0.5 * 100 ** rng.random()
    x, y = rng.uniform(0, image["width"]), rng.uniform(0, image["height"])
    parts = [outline(rng, x, y, radius)]
    if rng.random() < 0.15:
        parts.append(outline(rng, x + radius * rng.normal(), y + radius * rng.normal(), radius))
    return parts


def moved(rng, parts, strength):
    return [[float(round(v, 2)) for v in np.array(part) * (1 + 0.02 * strength * rng.normal()) + strength * rng.normal()]
            for part in parts]


def box_of(parts):
    corners = np.concatenate([np.reshape(part, (-1, 2)) for part in parts])
    low, high = corners.min(0), corners.max(0)
    return [round(float(v), 2) for v in (*low, *(high - low))]


def annotation(rng, image, category, parts):
    code = mask_of(parts, image)
    crowd = rng.random() < 0.1
    entry = {"image_id": image["id"], "category_id": category, "iscrowd": int(crowd), "bbox": box_of(parts),
             "area": float(rng.choice([float(rle.area(code)), rle.area(code) * rng.uniform(0.9, 1.1), 1024, 9216],
                                      p=[0.7, 0.2, 0.05, 0.05])),
             "segmentation": plain(code) if crowd else written(rng, parts, image)}
    if rng.random() < 0.1:
        entry["ignore"] = 1
    return entry


def result(rng, image, category, parts):
    return {"image_id": image["id"], "category_id": category, "bbox": box_of(parts),
            "score": [round(float(rng.random()), 1), round(float(rng.random()), 3), 1][rng.choice(3, p=[0.6, 0.35, 0.05])],
            "segmentation": written(rng, parts, image)}


def threshold_boxes(rng, image, category):
    """A truth of 10 x 20 px and results of the same width whose IoU with it is exactly 0.5, 0.6, ..."""
    x, y = (int(v) for v in rng.integers(0, 20, 2))

    def rectangle(height):
        return [[float(v) for v in (x, y, x, y + height, x + 10, y + height, x + 10, y)]]
    truth = annotation(rng, image, category, rectangle(20))
    return truth, [result(rng, image, category, rectangle(h)) for h in (10, 12, 15, 16, 18, 19, 40)]


def draw(rng, count):
    images = [{"id": int(i), "width": int(rng.integers(30, 160)), "height": int(rng.integers(30, 160)), "file_name": f"{i}.tif"}
              for i in rng.choice(1000, count, replace=False)]
    truth, results = [], []
    for place, image in enumerate(images):
        for _ in range(0 if place in (1, 2) else int(rng.integers(1, 14))):
            category, parts = int(rng.choice(LISTED + [UNLISTED], p=[0.6, 0.2, 0.15, 0.05])), shape(rng, image)
            truth.append(annotation(rng, image, category, parts))
            if rng.random() < 0.1:
                truth.append(dict(copy.deepcopy(truth[-1]), iscrowd=int(rng.random() < 0.3)))
            for _ in range(0 if place in (2, 3) else int(rng.choice([0, 1, 2, 3], p=[0.15, 0.6, 0.15, 0.1]))):
                found = category if rng.random() < 0.9 else int(rng.choice(LISTED + [WITHOUT_TRUTH, UNLISTED]))
                results.append(result(rng, image, found, moved(rng, parts, rng.choice([0, 0.3, 2]))))
        for _ in range(0 if place in (2, 3) else 2):
            results.append(result(rng, image, int(rng.choice(LISTED + [WITHOUT_TRUTH])), shape(rng, image)))
    edge, found = threshold_boxes(rng, images[0], LISTED[0])
    truth.append(edge)
    results += found
    many = [result(rng, images[-1], LISTED[1], outlines) for outlines in ([outline(rng, 9, 9, 3)] for _ in range(105))]
    results += [dict(entry, segmentation=text(mask_of(entry["segmentation"], images[-1]))) for entry in many]
    for i in (truth, results):
        rng.shuffle(i)
    for entry, number in zip(truth, rng.permutation(len(truth)) + int(rng.random() < 0.9)):
        entry["id"] = int(number)
    truth.append(dict(truth[0], id=5000, image_id=2000))  # of an image that is not listed
    categories = [{"id": i, "name": f"kind {i}"} for i in LISTED + [WITHOUT_TRUTH]]
    return {"images": images, "categories": categories, "annotations": truth}, results, {i["id"]: i for i in images}


def figures(truth, results, kind):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = copy.deepcopy(truth)
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(copy.deepcopy(results)), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out_dir", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parent / "coco_files")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--images", type=int, default=9)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    truth, results, images = draw(rng, args.images)
    masks = [{k: v for k, v in r.items() if k != "bbox"} | {"segmentation": text(mask_of(r["segmentation"], images[r["image_id"]]))}
             for r in results]
    boxes = [{k: v for k, v in r.items() if k != "segmentation"} for r in results]
    args.out_dir.mkdir(parents=True, exist_ok=True)

    def write(name, value):
        (args.out_dir / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
    write("truth", truth)
    expected = []
    for name, some in (("masks_and_boxes", results), ("masks", masks), ("boxes", boxes)):
        write(name, some)
        expected += [{"results": name + ".json", "kind": kind, "figures": figures(truth, some, kind)} for kind in ("segm", "bbox")]
    write("figures", expected)
    for line in expected:
        print(f"{line['results']:22}{line['kind']}", *(f"{v:.4f}" for v in line["figures"]))


if __name__ == "__main__":
    main()

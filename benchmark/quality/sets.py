# SPDX-License-Identifier: Apache-2.0
"""The labelled sets and the synthetic orchards, and how each comes into the workspace.

Splits: `test` is what the set's own files call test, and nothing else sees it. Of the rest every fifth picture validates; the
Danish set has one training picture, of which the left fifth does. Test and validation pictures are kept whole, one tile each,
so that no crown is cut; training pictures are cut into tiles of at most 512 px.
"""
import concurrent.futures
import csv
import json
import math
import os
import pathlib
import shutil
import time
from dataclasses import dataclass

PRESETS = ["square", "offset", "contour", "two_blocks", "sparse", "citrus", "walnuts", "vines", "apples", "nets", "weeds", "sick"]
# Metres per pixel, as one would fly for such trees: a usual crown has some 1,000 to 10,000 pixels.
PRESET_GSD_M = {"walnuts": 0.12, "vines": 0.015, "apples": 0.015}
USUAL_GSD_M = 0.05
GSD_FACTORS = [1.0, 0.75, 1.5, 1.25]  # of the training orchards of a preset, one after the other
LEAST_EXTENT_M = 20  # that `canopy synth` plants
FIRST_SEED = {"train": 100, "val": 500, "test": 9000}  # each kind its own: test seeds are in no training

SHARES = {"danish": 3.0, "neon": 3.5, "yellowstone": 1.5, "oil_palm": 2.0, "california": 2.0, "orchard": 3.0}
TRAINING_TILE_PX, OVERLAP_PX, TEST_ORCHARD_TILE_PX = 512, 64, 512
VAL_ORCHARD_PX = 768  # one tile, so that the orchards do not outvote the real sets where a threshold is chosen


@dataclass(frozen=True)
class RealSet:
    name: str
    folder: str
    gsd_m: float
    bands: str
    is_one_mosaic: bool = False  # its pictures are pieces of one flight, and share a working scale


REAL = [
    RealSet("neon", "neon_boxes_rgb", 0.1, "red,green,blue"),
    RealSet("danish", "dk_crowns_rgbn", 0.2, "red,green,blue,nir"),
    RealSet("oil_palm", "oil_palm_boxes_rgb", 0.13, "red,green,blue", is_one_mosaic=True),
    RealSet("california", "ca_urban_points_rgbn", 0.6, "red,green,blue,nir"),
]


# A fifth set to learn from and nothing else: 574 boxes more by NEON's annotators, which `tools/bootstrap neon` brings. The
# other Yellowstone picture beside it is in the set `neon` already, and the two plots there are of its test split.
YELLOWSTONE = RealSet("yellowstone", "2019_YELL_2_528000_4978000_image_crop2", 0.1, "red,green,blue")
YELLOWSTONE_PX = (2299, 2472)


@dataclass(frozen=True)
class Picture:
    path: pathlib.Path
    labels: pathlib.Path
    split: str
    size: tuple[int, int]  # width, height


def shares(text: str) -> dict[str, float]:
    """Of --shares: the usual ones, changed as the text says."""
    chosen = dict(SHARES)
    for word in filter(None, text.split(",")):
        name, _, number = word.partition("=")
        if name not in chosen:
            raise ValueError(f"--shares: '{name}' is no set; there are {', '.join(chosen)}")
        chosen[name] = float(number)
    return chosen


# ---- real sets ----

def coco_pictures(folder: pathlib.Path) -> list[Picture]:
    labels = folder / "annotations.json"
    return [Picture(folder / "images" / image["file_name"], labels, image["split"], (image["width"], image["height"]))
            for image in json.loads(labels.read_text())["images"]]


def point_pictures(folder: pathlib.Path, edge_px: int = 256) -> list[Picture]:
    found = []
    for split in ("train", "test"):
        labels = folder / f"{split}.csv"
        with labels.open(newline="") as file:
            names = dict.fromkeys(row["image"] for row in csv.DictReader(file))
        found += [Picture(folder / "images" / name, labels, split, (edge_px, edge_px)) for name in names]
    return found


def pictures(folder: pathlib.Path) -> list[Picture]:
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such set; give its parent folder as --data")
    return coco_pictures(folder) if (folder / "annotations.json").exists() else point_pictures(folder)


def with_validation(found: list[Picture], work: pathlib.Path) -> list[Picture]:
    """Every fifth training picture, in the order of names, validates; of a single one, its left fifth."""
    train = sorted((p for p in found if p.split == "train"), key=lambda p: p.path.name)
    others = [p for p in found if p.split != "train"]
    if len(train) == 1:
        width, height = train[0].size
        cut = width // 5
        return others + [piece(train[0], "val", 0, cut, work), piece(train[0], "train", cut, width - cut, work)]
    return others + [Picture(p.path, p.labels, "val" if i % 5 == 4 else "train", p.size) for i, p in enumerate(train)]


def piece(picture: Picture, split: str, left: int, width: int, work: pathlib.Path) -> Picture:
    """A vertical strip of a picture, as a VRT beside labels of its own."""
    height = picture.size[1]
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{b}"><SimpleSource><SourceFilename>{picture.path}</SourceFilename>'
        f'<SourceBand>{b}</SourceBand><SrcRect xOff="{left}" yOff="0" xSize="{width}" ySize="{height}"/>'
        f'<DstRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/></SimpleSource></VRTRasterBand>' for b in (1, 2, 3, 4))
    path = work / f"{picture.path.stem}_{split}.vrt"
    path.write_text(f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{bands}</VRTDataset>\n')

    def moved(ring: list[float]) -> list[float]:
        return [v if i % 2 else v - left for i, v in enumerate(ring)]

    content = json.loads(picture.labels.read_text())
    image = next(i for i in content["images"] if i["file_name"] == picture.path.name)
    content["images"] = [{**image, "file_name": path.name, "width": width, "split": split}]
    content["annotations"] = [{**a, "bbox": moved(a["bbox"][:2]) + a["bbox"][2:], "segmentation": [moved(r) for r in a["segmentation"]]}
                              for a in content["annotations"] if a["image_id"] == image["id"]
                              and a["bbox"][0] < left + width and a["bbox"][0] + a["bbox"][2] > left]
    content["ignore_regions"] = [{**r, "polygon": moved(r["polygon"])} for r in content.get("ignore_regions", [])
                                 if r["image_id"] == image["id"] and min(r["polygon"][::2]) < left + width and max(r["polygon"][::2]) > left]
    labels = path.with_suffix(".json")
    labels.write_text(json.dumps(content))
    return Picture(path, labels, split, (width, height))


def ingest_set(workspace, real: RealSet, data: pathlib.Path, only_test: bool) -> int:
    found = pictures(data / real.folder)
    if only_test:
        found = [p for p in found if p.split == "test"]
    else:
        work = workspace.folder / "pieces"
        work.mkdir(exist_ok=True)
        found = with_validation(found, work)
    at_once(lambda picture: ingest_picture(workspace, real, picture), found)
    return len(found)


def ingest_yellowstone(workspace, neon: pathlib.Path) -> None:
    path = neon / f"{YELLOWSTONE.folder}.png"
    if not path.exists():
        raise ValueError(f"{path}: is not there; `tools/bootstrap neon` brings it")
    ingest_picture(workspace, YELLOWSTONE, Picture(path, path.with_suffix(".xml"), "train", YELLOWSTONE_PX))


def ingest_picture(workspace, real: RealSet, picture: Picture) -> None:
    edge = max(picture.size)
    tile, overlap = (min(edge, TRAINING_TILE_PX), OVERLAP_PX) if picture.split == "train" else (edge, 0)
    workspace.run("ingest", picture.path, picture.labels, f"gsd={real.gsd_m}", f"bands={real.bands}", f"tile-size={tile}",
                  f"overlap={overlap}", f"split={picture.split}", f"meta=set={real.name}",
                  f"survey={real.name if real.is_one_mosaic else real.name + '_' + picture.path.stem}")


def at_once(work, items: list) -> None:
    """On every core; the first failure is raised."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for future in [pool.submit(work, item) for item in items]:
            future.result()


# ---- synthetic orchards ----

def ingest_orchard(workspace, preset: str, split: str, number: int, edge_px: int) -> None:
    seed = FIRST_SEED[split] + number * len(PRESETS) + PRESETS.index(preset)
    gsd_m = PRESET_GSD_M.get(preset, USUAL_GSD_M)
    if split == "train":
        gsd_m *= GSD_FACTORS[number % len(GSD_FACTORS)]
    folder = workspace.folder / "orchards" / f"{preset}_{seed}"
    extent_m = max(edge_px * gsd_m, LEAST_EXTENT_M)
    workspace.run("synth", f"preset={preset}", f"seed={seed}", f"gsd={gsd_m:.6g}", f"width-m={extent_m:.6g}", f"height-m={extent_m:.6g}",
                  "-o", folder)
    tile, overlap = {"train": (TRAINING_TILE_PX, OVERLAP_PX), "val": (VAL_ORCHARD_PX, 0), "test": (TEST_ORCHARD_TILE_PX, 0)}[split]
    workspace.run("ingest", folder / "ortho.tif", folder / "crowns.gpkg", f"tile-size={tile}", f"overlap={overlap}", f"split={split}",
                  f"meta=set=orchard,preset={preset}", f"survey=orchard_{preset}_{seed}")
    shutil.rmtree(folder)  # the examples hold all of it that is needed


# ---- datasets ----

def training_query(share_of: dict[str, float]) -> str:
    """All that may be learnt from, with weights by which each set is drawn as often as its share says."""
    cases = " ".join(f"WHEN '{name}' THEN {share!r}" for name, share in share_of.items())
    return ("SELECT tile_id, meta->>'split' AS split, label_kind, meta->>'set' AS set, meta->>'preset' AS preset, survey_id, gsd_m, tree_count, "
            "crown_px_median, "
            f"(CASE (meta->>'set') {cases} END) * sum(1) OVER (PARTITION BY meta->>'split') "
            f"/ (count(*) OVER (PARTITION BY meta->>'split', meta->>'set') * {sum(share_of.values())!r}) AS weight "
            "FROM examples WHERE (meta->>'split') IN ('train', 'val')")


def query_of(split: str, condition: str) -> str:
    return (f"SELECT tile_id, '{split}' AS split, label_kind, survey_id, gsd_m, tree_count FROM examples "
            f"WHERE (meta->>'split') = '{split}' AND {condition}")


def make_datasets(workspace, options) -> None:
    conditions = {real.name: f"(meta->>'set') = '{real.name}'" for real in REAL}
    conditions |= {f"orchard_{preset}": f"(meta->>'preset') = '{preset}'" for preset in PRESETS}
    for name, condition in conditions.items():
        workspace.run("dataset", "create", name, "--sql", query_of("test", condition))
        if not options.only_test:
            workspace.run("dataset", "create", f"val_{name}", "--sql", query_of("val", condition))
    if not options.only_test:
        workspace.run("dataset", "create", "trees", "--sql", training_query(options.shares))


def prepare(workspace, options) -> None:
    began = time.monotonic()
    workspace.make_anew()
    for real in REAL:
        count = ingest_set(workspace, real, options.data.resolve(), options.only_test)
        print(f"{real.name}: {count} pictures", flush=True)
    if not options.only_test:
        ingest_yellowstone(workspace, options.neon)
        print(f"{YELLOWSTONE.name}: 1 picture", flush=True)
    orchards = [("test", 1, options.orchard_test_px)]
    if not options.only_test:
        orchards += [("train", options.orchards, options.orchard_px), ("val", options.orchards_val, VAL_ORCHARD_PX)]
    for preset in PRESETS:
        at_once(lambda one: ingest_orchard(workspace, preset, *one), [(split, number, px) for split, count, px in orchards for number in range(count)])
        print(f"orchard_{preset}: {sum(count for _, count, _ in orchards)} orchards", flush=True)
    make_datasets(workspace, options)
    for row in workspace.run("catalog", "sql", "SELECT meta->>'set' AS set, meta->>'split' AS split, count(*)::INT AS tiles, "
                             "sum(tree_count + dead_count)::INT AS trees FROM examples GROUP BY ALL ORDER BY ALL", "format=json"):
        print("{set:12} {split:6} {tiles:>6} tiles {trees:>8} trees".format(**row))
    workspace.write_stamp({"finished": True, "only_test": options.only_test, "orchards": options.orchards,
                           "orchards_val": options.orchards_val, "orchard_px": options.orchard_px,
                           "orchard_test_px": options.orchard_test_px, "shares": options.shares})
    print(f"{workspace.folder}: done in {math.ceil(time.monotonic() - began)} s")

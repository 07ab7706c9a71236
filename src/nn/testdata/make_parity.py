#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes parity.safetensors: what torchvision's Mask R-CNN gives for small inputs. usage: make_parity.py OUT

Names are CASE/TENSOR; the parameters of each case stand in the tests that read it (parity_test.cpp).
"""
import sys
from collections import OrderedDict

import torch
import torchvision
from safetensors.torch import save_file
from torchvision import ops
from torchvision.models.detection import _utils
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss, maskrcnn_loss, paste_masks_in_image, project_masks_on_boxes
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead, concat_box_prediction_layers

saved = {}
ALL = 1_000_000  # a sample larger than the number of candidates: nothing is random


def keep(case, **tensors):
    saved.update({f"{case}/{name}": value.detach().clone().contiguous() for name, value in tensors.items()})


def some_boxes(count, extent=128.0, least=4.0, most=48.0):
    size = least + torch.rand(count, 2) * (most - least)
    corner = torch.rand(count, 2) * (extent - size)
    return torch.cat([corner, corner + size], 1)


def suppression():
    crowd, scores = some_boxes(60, 64.0), torch.rand(60)
    tied = crowd[torch.randint(0, 12, (60,))] + torch.randint(0, 3, (60, 1))
    edges = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 6], [20, 20, 20, 20], [20, 20, 20, 20.0]])
    for case, boxes, score, iou in [("random", crowd, scores, 0.5), ("low", crowd, scores, 0.1), ("high", crowd, scores, 0.7),
                                    ("ties", tied, torch.randint(1, 4, (60,)) / 4, 0.5),
                                    ("edges", edges, torch.tensor([0.9, 0.8, 0.7, 0.6, 0.5]), 0.5),
                                    ("empty", torch.zeros(0, 4), torch.zeros(0), 0.5)]:
        keep(f"nms/{case}", boxes=boxes, scores=score, iou=torch.tensor(iou, dtype=torch.float64), keep=ops.nms(boxes, score, iou))
    many = some_boxes(1100, 256.0)
    for case, boxes, score, classes in [("random", crowd, scores, torch.randint(0, 3, (60,))), ("ties", tied, torch.randint(1, 4, (60,)) / 4, torch.randint(0, 3, (60,))),
                                        ("negative", crowd - 40, scores, torch.randint(0, 3, (60,))),
                                        ("many", many, torch.rand(1100), torch.randint(0, 5, (1100,))),
                                        ("empty", torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64))]:
        keep(f"batched_nms/{case}", boxes=boxes, scores=score, classes=classes, keep=ops.batched_nms(boxes, score, classes, 0.5))


def pooling():
    odd = torch.tensor([[0, -12.0, -7.5, 20, 18], [1, 60, 70, 110, 130], [0, 33.3, 40.1, 33.6, 40.2], [1, 200, 200, 220, 240], [0, 0, 0, 96, 80], [1, 50, 50, 40, 40]])
    rois = torch.cat([torch.cat([torch.randint(0, 2, (8, 1)).float(), some_boxes(8, 80.0)], 1), odd])
    for bins, samples, aligned in [(7, 2, False), (7, 0, False), (14, 2, False), (7, 2, True), (7, 0, True)]:
        features = torch.randn(2, 3, 20, 24, requires_grad=True)
        pooled = ops.roi_align(features, rois, bins, 0.25, samples, aligned)
        upstream = torch.randn_like(pooled)
        pooled.backward(upstream)
        keep(f"roi_align/{bins}_{samples}_{int(aligned)}", features=features, rois=rois, pooled=pooled, upstream=upstream, grad=features.grad)
    sides = torch.tensor([8, 55.9, 56, 111.999, 112, 112.001, 223.9, 224, 300, 447.99, 448, 512])
    squares = torch.stack([torch.zeros(12), torch.zeros(12), sides, sides], 1)
    keep("level", boxes=squares, levels=ops.poolers.LevelMapper(2, 5)([squares]))
    maps = OrderedDict((str(i), torch.randn(2, 4, 64 >> i, 48 >> i)) for i in range(4))
    boxes = [torch.cat([some_boxes(5, 190.0, 10.0, 60.0), torch.tensor([[0, 10, 190, 250], [20, 20, 150, 150.0]])]), torch.cat([some_boxes(4, 190.0, 30.0, 150.0), torch.tensor([[0.0, 0, 192, 256]])])]
    pool = ops.MultiScaleRoIAlign(list(maps), 7, 2, canonical_scale=112)
    keep("pyramid", **{f"map_{k}": v for k, v in maps.items()}, boxes_0=boxes[0], boxes_1=boxes[1], pooled=pool(maps, boxes, [(256, 192)] * 2), levels=pool.map_levels(boxes))


def anchors_and_coding():
    for case, sizes, ratios, image, grids in [("four", ((16,), (32,), (64,), (128,)), (0.7, 1.0, 1.4), (128, 160), [(32, 40), (16, 20), (8, 10), (4, 5)]),
                                              ("rounded", ((24.5,), (33,)), (0.7, 1.0, 1.9), (100, 140), [(25, 35), (13, 18)])]:
        generator = AnchorGenerator(sizes, (ratios,) * len(sizes))
        keep(f"anchors/{case}", anchors=generator(ImageList(torch.zeros(1, 3, *image), [image]), [torch.zeros(1, 1, *g) for g in grids])[0][::7])
    boxes, targets, deltas = some_boxes(24), some_boxes(24), torch.randn(24, 4) * torch.tensor([2.0, 2.0, 3.0, 3.0])
    deltas[0] = torch.tensor([1.0, -1.0, 50.0, 60.0])
    for weights in [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)]:
        coder = _utils.BoxCoder(weights)
        keep(f"coder/{weights[0]:.0f}", boxes=boxes, targets=targets, deltas=deltas, encoded=coder.encode([targets], [boxes])[0], decoded=coder.decode(deltas, [boxes])[:, 0])
    candidates, truth = some_boxes(200), some_boxes(6, least=12.0)
    truth = torch.cat([truth, truth[:1]])  # a tie: two true boxes in one place
    overlap = ops.box_iou(truth, candidates)
    keep("matcher", candidates=candidates, truth=truth, iou=overlap, rpn=_utils.Matcher(0.7, 0.3, True)(overlap.clone()), roi=_utils.Matcher(0.5, 0.5, False)(overlap.clone()))


def proposals():
    grids = [(16, 16), (8, 8), (4, 4)]
    generator = AnchorGenerator(((16,), (32,), (64,)), ((0.5, 1.0, 2.0),) * 3)
    images = ImageList(torch.zeros(2, 3, 128, 128), [(128, 128), (120, 100)])
    scores, deltas = [torch.randn(2, 3, *g) * 2 for g in grids], [torch.randn(2, 12, *g) * 0.4 for g in grids]
    for before, after, least in [(100, 40, 0.0), (1000, 1000, 0.6)]:
        rpn = RegionProposalNetwork(generator, RPNHead(1, 3), 0.7, 0.3, 256, 0.5, {"training": before, "testing": before}, {"training": after, "testing": after}, 0.7, least)
        flat, corrections = concat_box_prediction_layers(list(scores), list(deltas))
        decoded = rpn.box_coder.decode(corrections, generator(images, [torch.zeros(2, 1, *g) for g in grids])).view(2, -1, 4)
        boxes, kept = rpn.filter_proposals(decoded, flat, images.image_sizes, [3 * h * w for h, w in grids])
        keep(f"proposals/{before}", **{f"objectness_{i}": t for i, t in enumerate(scores)}, **{f"deltas_{i}": t for i, t in enumerate(deltas)},
             **{f"boxes_{i}": t for i, t in enumerate(boxes)}, **{f"scores_{i}": t for i, t in enumerate(kept)})


def discs(height, width, places):
    y, x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    ids = torch.zeros(height, width, dtype=torch.int32)
    for k, (cy, cx, r) in enumerate(places, start=1):
        ids[(y - cy) ** 2 + (x - cx) ** 2 < r * r] = k
    return ids


def boxes_of(ids):
    found = [torch.nonzero(ids == k) for k in range(1, int(ids.max()) + 1)]
    return torch.tensor([[f[:, 1].min(), f[:, 0].min(), f[:, 1].max() + 1, f[:, 0].max() + 1] for f in found]).float()


def losses():
    logits, deltas = torch.randn(30, 3, requires_grad=True), torch.randn(30, 12, requires_grad=True)
    labels, targets = torch.randint(0, 3, (30,)), torch.randn(30, 4)
    classifier, box = fastrcnn_loss(logits, deltas, [labels], [targets])
    (classifier + box).backward()
    keep("box_loss", logits=logits, deltas=deltas, labels=labels, targets=targets, classifier=classifier, box=box, grad_logits=logits.grad, grad_deltas=deltas.grad)
    ids = discs(96, 80, [(20, 20, 12), (60, 50, 25), (80, 10, 14)])
    masks = torch.stack([ids == k for k in (1, 2, 3)]).to(torch.uint8)
    boxes, matched = torch.cat([some_boxes(8, 78.0, 8.0, 40.0), torch.tensor([[-6, -4, 60, 90.0]])]), torch.randint(0, 3, (9,))
    logits = torch.randn(9, 2, 28, 28, requires_grad=True)
    loss = maskrcnn_loss(logits, [boxes], [masks], [torch.ones(3, dtype=torch.int64)], [matched])
    loss.backward()
    keep("mask_loss", logits=logits[:, 1], boxes=boxes, matched=matched, ids=ids, targets=project_masks_on_boxes(masks, boxes, matched, 28), loss=loss, grad=logits.grad[:, 1])
    boxes = torch.tensor([[5.2, 8.7, 40.3, 44.9], [-6.5, -3.0, 20.0, 15.5], [60, 70, 95, 110], [30, 30, 30.4, 30.3], [0, 0, 80, 96], [200, 10, 220, 30]])
    masks = torch.rand(6, 1, 28, 28)
    keep("paste", boxes=boxes, masks=masks[:, 0], pasted=paste_masks_in_image(masks, boxes, (96, 80))[:, 0])


def heads():
    """Region proposals and both heads, end to end, on given features: losses, gradients, detections."""
    channels, classes, image = 8, 3, (128, 128)
    features = OrderedDict((str(i), torch.randn(2, channels, 32 >> i, 32 >> i)) for i in range(4))
    generator = AnchorGenerator(((16,), (32,), (64,), (128,)), ((0.7, 1.0, 1.4),) * 4)
    rpn = RegionProposalNetwork(generator, RPNHead(channels, 3), 0.7, 0.3, ALL, 0.5, {"training": 200, "testing": 100}, {"training": 60, "testing": 40}, 0.7)
    names = list(features)
    roi = RoIHeads(ops.MultiScaleRoIAlign(names, 7, 2), TwoMLPHead(channels * 49, 24), FastRCNNPredictor(24, classes), 0.5, 0.5, ALL, 0.25, None, 0.05, 0.4, 12,
                   ops.MultiScaleRoIAlign(names, 14, 2), MaskRCNNHeads(channels, (channels,) * 2, 1), MaskRCNNPredictor(channels, channels, classes))
    model = torch.nn.ModuleDict({"rpn": rpn, "roi_heads": roi})
    for name, weight in model.named_parameters():  # far from their small beginnings, so that each matters
        if "rpn" in name:
            torch.nn.init.normal_(weight, std=0.1)
    ids = [discs(128, 128, [(30, 30, 14), (40, 80, 20), (90, 60, 25), (100, 110, 10)]), discs(128, 128, [(60, 60, 40), (20, 110, 12)])]
    targets = [{"boxes": boxes_of(i), "labels": torch.arange(int(i.max())) % 2 + 1, "masks": torch.stack([i == k for k in range(1, int(i.max()) + 1)]).to(torch.uint8)} for i in ids]
    images = ImageList(torch.zeros(2, 5, *image), [image] * 2)
    for tensor in features.values():
        tensor.requires_grad_()
    model.train()
    boxes, first = rpn(images, features, targets)
    _, second = roi(features, boxes, [image] * 2, targets)
    total = sum(first.values()) + sum(second.values())
    total.backward()
    keep("heads", **{f"feature_{k}": v for k, v in features.items()}, **{f"grad_feature_{k}": v.grad for k, v in features.items()},
         **{name: value for name, value in {**first, **second}.items()})
    for n, target in enumerate(targets):
        keep("heads", **{f"ids_{n}": ids[n], f"boxes_{n}": target["boxes"], f"labels_{n}": target["labels"]})
    keep("heads/state", **{name: value for name, value in model.named_parameters()})
    keep("heads/grad", **{name: value.grad for name, value in model.named_parameters()})
    model.eval()
    with torch.no_grad():
        boxes, _ = rpn(images, features)
        found, _ = roi(features, boxes, [image] * 2)
    for n, one in enumerate(found):
        keep("heads", **{f"proposals_{n}": boxes[n], f"found_boxes_{n}": one["boxes"], f"found_scores_{n}": one["scores"], f"found_labels_{n}": one["labels"], f"found_masks_{n}": one["masks"][:, 0]})


def main():
    torch.set_num_threads(1)
    torch.manual_seed(7)
    for part in (suppression, pooling, anchors_and_coding, proposals, losses, heads):
        part()
    save_file(saved, sys.argv[1], {"torch": torch.__version__, "torchvision": torchvision.__version__})
    print(len(saved), "tensors", [(k, tuple(v.shape)) for k, v in saved.items() if "found_scores" in k or "loss_" in k])


if __name__ == "__main__":
    main()

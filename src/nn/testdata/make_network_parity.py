#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes network_parity.safetensors: torchvision's whole Mask R-CNN on narrow ResNet-18 and -50. usage: make_network_parity.py OUT

Names are BACKBONE/TENSOR. The samplers keep every candidate, so nothing is random; there is no resizing (the picture has the size that the
transform wants) and the input is normalised already.
"""
import sys

import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from make_parity import boxes_of, discs

STEM, BANDS, SIZE, CLASSES, CHANNELS = 4, 5, 128, 3, 8
ALL = 1_000_000
GRADIENTS = ("conv1.weight", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.conv2.weight", "fpn.inner_blocks.0.0.weight",
             "fpn.layer_blocks.3.0.bias", "rpn.head.conv.0.0.weight", "box_head.fc6.bias", "bbox_pred.weight", "mask_head.0.0.weight", "mask_fcn_logits.weight")


class NarrowResNet(ResNet):
    """torchvision's ResNet with a stem of STEM channels instead of 64."""

    def __init__(self, block, layers):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = FrozenBatchNorm2d, STEM, 1, 1, 64
        self.conv1 = nn.Conv2d(BANDS, STEM, 7, stride=2, padding=3, bias=False)
        self.bn1, self.relu, self.maxpool = FrozenBatchNorm2d(STEM), nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1)
        for i, count in enumerate(layers):
            setattr(self, f"layer{i + 1}", self._make_layer(block, STEM << i, count, stride=1 if i == 0 else 2))


def make_model(name):
    block, layers = {"r18": (BasicBlock, [2, 2, 2, 2]), "r50": (Bottleneck, [3, 4, 6, 3])}[name]
    widths = [(STEM << i) * block.expansion for i in range(4)]
    backbone = BackboneWithFPN(NarrowResNet(block, layers), {f"layer{i}": str(i - 1) for i in range(1, 5)}, widths, CHANNELS, LastLevelMaxPool())
    model = MaskRCNN(
        backbone, min_size=SIZE, max_size=SIZE, image_mean=[0.0] * BANDS, image_std=[1.0] * BANDS,
        rpn_anchor_generator=AnchorGenerator(((16,), (24,), (32,), (64,), (96,)), ((0.5, 1.0, 2.0),) * 5),
        box_head=TwoMLPHead(CHANNELS * 49, 24), box_predictor=FastRCNNPredictor(24, CLASSES),
        mask_head=MaskRCNNHeads(CHANNELS, [CHANNELS] * 4, 1), mask_predictor=MaskRCNNPredictor(CHANNELS, CHANNELS, CLASSES),
        rpn_pre_nms_top_n_train=200, rpn_post_nms_top_n_train=60, rpn_pre_nms_top_n_test=100, rpn_post_nms_top_n_test=40,
        rpn_batch_size_per_image=ALL, box_batch_size_per_image=ALL, box_detections_per_img=12)
    for part, module in model.named_modules():
        if isinstance(module, FrozenBatchNorm2d):
            last = part.endswith("bn2" if name == "r18" else "bn3")
            module.weight.uniform_(0.2, 0.4) if last else module.weight.uniform_(0.8, 1.2)
            module.bias.normal_(0, 0.1)
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    for part, weight in model.named_parameters():  # far from their small beginnings, so that each matters
        if "rpn" in part:
            nn.init.normal_(weight, std=0.1)
    return model


def run(name, planes, saved):
    def keep(**tensors):
        saved.update({f"{name}/{key}": value.detach().clone().contiguous() for key, value in tensors.items()})

    model = make_model(name)
    ids = [discs(SIZE, SIZE, [(30, 30, 14), (40, 80, 20), (90, 60, 25), (100, 110, 10)]), discs(SIZE, SIZE, [(60, 60, 40), (20, 110, 12)])]
    targets = []
    for i in ids:
        count = int(i.max())
        targets.append({"boxes": boxes_of(i), "labels": torch.arange(count) % 2 + 1, "masks": torch.stack([i == k for k in range(1, count + 1)]).to(torch.uint8)})
    for n, target in enumerate(targets):
        keep(**{f"ids_{n}": ids[n].to(torch.uint8), f"boxes_{n}": target["boxes"], f"labels_{n}": target["labels"]})
    saved.update({f"{name}/state/{key}": value.clone() for key, value in model.state_dict().items()})
    model.train()
    losses = model(list(planes), targets)
    sum(losses.values()).backward()
    keep(**losses)
    keep(**{f"grad/{key}": value.grad for key, value in model.named_parameters() if key.endswith(GRADIENTS)})
    model.eval()
    with torch.no_grad():
        for n, one in enumerate(model(list(planes))):
            keep(**{f"found_boxes_{n}": one["boxes"], f"found_scores_{n}": one["scores"], f"found_labels_{n}": one["labels"],
                    f"found_pixels_{n}": (one["masks"][:, 0] >= 0.5).sum((1, 2))})


def main():
    torch.set_num_threads(1)
    torch.manual_seed(11)
    planes = torch.randn(2, BANDS, SIZE, SIZE).half()  # half: the file stays small
    saved = {"planes": planes}
    for name in ("r18", "r50"):
        run(name, planes.float(), saved)
    save_file(saved, sys.argv[1], {"torch": torch.__version__, "torchvision": torchvision.__version__})
    print(len(saved), "tensors", {k: float(v) for k, v in saved.items() if "loss_" in k}, {k: tuple(v.shape) for k, v in saved.items() if "found_scores" in k})


if __name__ == "__main__":
    main()

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "data/loader.h"
#include "nn/mask_rcnn.h"
#include "train/step_trace.h"

namespace canopy {

/// What one training run is made of; kept in its config.toml, from which it goes on.
struct TrainOptions {
  // How long: whichever limit comes first; epochs count where neither steps nor minutes are given.
  std::int64_t steps = 0;
  double epochs = 20;
  double minutes = 0;
  // The optimiser.
  double lr = 6e-4, lr_end = 0.01, weight_decay = 1e-2, clip = 5;
  int warm_up = 50;
  double average = 0.995;
  double loss_objectness = 1, loss_rpn_box = 1, loss_classifier = 1, loss_box = 1, loss_mask = 1;
  // The machine and the record.
  std::int64_t seed = 1;
  int threads = 0;
  std::string device = "auto", precision = "fp32";
  bool deterministic = false;
  int checkpoint_every = 100, eval_every = 0, eval_tiles = 64;
  double usd_per_hour = 0;
  std::string name, imagenet, start;
  TraceOptions trace = {};
  LoaderOptions loader = {};
  MaskRcnnConfig network = {};

  template <class F>
  void describe(F& field) {
    field("name", name, "What to call the model; the dataset's name when left out.");
    field("model", network.backbone, "Architecture: lite, r18 or r50.");
    field("steps", steps, "Optimiser steps; 0: see epochs and minutes.");
    field("epochs",
          epochs,
          "Passes over the training tiles, where neither steps nor minutes are given.");
    field(
        "minutes", minutes, "Time to train for; the learning rate follows the clock. 0: no limit.");
    field("lr", lr, "Learning rate after the warm-up.");
    field("lr-end", lr_end, "Share of it at the end of the cosine.");
    field("warm-up", warm_up, "Steps over which the learning rate rises from 0.");
    field("weight-decay",
          weight_decay,
          "Decoupled weight decay of tensors with more than one dimension.");
    field("clip", clip, "Largest norm of the gradient; longer ones are shortened.");
    field("average",
          average,
          "Decay of the running average of the weights, which becomes the model; 0: none.");
    field("loss-objectness", loss_objectness, "Weight of the proposals' objectness loss.");
    field("loss-rpn-box", loss_rpn_box, "Weight of the proposals' box loss.");
    field("loss-classifier", loss_classifier, "Weight of the class loss.");
    field("loss-box", loss_box, "Weight of the box loss.");
    field("loss-mask", loss_mask, "Weight of the mask loss.");
    field("seed", seed, "Every random choice is drawn from it.");
    field("threads", threads, "Threads that compute; 0: all cores.");
    field("device",
          device,
          "Where the network computes: auto (a GPU, if there is one), cpu, cuda or cuda:1.");
    field("precision",
          precision,
          "Numbers that the network computes in: fp32, bf16, fp16, or auto (the faster of fp32 and "
          "bf16 here, measured once a run).");
    field("deterministic",
          deterministic,
          "The same seed and threads give the same bytes; what cannot promise that is refused.");
    field("checkpoint-every", checkpoint_every, "Steps between checkpoints.");
    field("eval-every",
          eval_every,
          "Steps between evaluations on the val split; 0: at the end only.");
    field("eval-tiles", eval_tiles, "Most tiles looked at in each of them; 0: all.");
    field("usd-per-hour", usd_per_hour, "Price of this machine, for the run's record.");
    field("imagenet", imagenet, "Backbone weights to start from, as safetensors; empty: random.");
    field("start",
          start,
          "A model file to go on from, of this architecture; its own when none is given.");
    trace.describe(field);
    loader.describe(field);
    field.nested("network", network);
  }
  void validate() const;
};

}  // namespace canopy

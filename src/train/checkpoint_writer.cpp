// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint_writer.h"

#include <utility>

#include <ATen/ATen.h>

#include "base/log.h"
#include "base/threads.h"
#include "base/trace.h"

namespace canopy {
namespace {

/// In memory of the host that no step changes.
void copy(NamedTensors& tensors) {
  for (auto& [name, tensor] : tensors)
    tensor = tensor.detach().to(at::kCPU,
                                tensor.scalar_type(),
                                /*non_blocking=*/false,
                                /*copy=*/true);
}

}  // namespace

CheckpointWriter::~CheckpointWriter() {
  try {
    wait();
  } catch (const std::exception& error) {
    log_warning(std::string("the last checkpoint was not written: ") + error.what());
  }
}

void CheckpointWriter::write(Checkpoint checkpoint) {
  wait();
  for (NamedTensors* part :
       {&checkpoint.weights, &checkpoint.average, &checkpoint.optimiser, &checkpoint.scores})
    copy(*part);
  under_way_ = std::async(std::launch::async, [this, checkpoint = std::move(checkpoint)] {
    name_this_thread("checkpoint");
    const TraceSpan span("write checkpoint");
    save_checkpoint(folder_, checkpoint);
  });
}

void CheckpointWriter::wait() {
  if (under_way_.valid()) under_way_.get();
}

}  // namespace canopy

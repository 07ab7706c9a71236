// SPDX-License-Identifier: Apache-2.0
#include "nn/layer_style.h"

namespace canopy {
namespace {
thread_local LayerStyle style_now;
}

const LayerStyle& layer_style() { return style_now; }

WithLayerStyle::WithLayerStyle(const LayerStyle& style) : before_(style_now) { style_now = style; }
WithLayerStyle::~WithLayerStyle() { style_now = before_; }

}  // namespace canopy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "orchard/light.h"
#include "orchard/noise.h"
#include "orchard/preset.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {

/// The shape of one crown: a rounded dome over a lobed outline (random harmonics of the radius,
/// scaled so that the area is that of a disc of the tree's radius), with boughs that bulge and a
/// ragged edge of leaf clusters.
class Crown {
 public:
  Crown(const SyntheticTree& tree, const Foliage& foliage, double gsd_m);

  /// Distance from the stem over the outline's radius in that direction, for an offset in metres: 1
  /// on the outline.
  float reach(float dx, float dy) const;
  /// Metres from the stem to the outline toward (dx, dy).
  float radius_toward(float dx, float dy) const;
  /// No part of the outline is farther than this.
  float max_radius_m() const { return max_radius_m_; }
  /// Length of the shadow on the ground, at most, for a sun of this tangent.
  float max_shadow_m(float sun_tangent) const { return top_m_ / sun_tangent + max_radius_m_; }

  /// The crown's surface at a place, nothing beyond the outline.
  struct Surface {
    float height_m;  ///< above the ground
    float reach;     ///< as above
    float dx, dy;    ///< slope of the dome with its boughs, east and north
    float bough;     ///< 1 on top of a bough, -1 deep between them
  };
  std::optional<Surface> surface(double x, double y) const;
  /// What a surface sends up when it gets `sun` (0 to 1, left by shadows of others), and the share
  /// of the pixel where it has a hole through which the ground shows.
  struct Look {
    Spectrum light;
    float hole;
  };
  Look look(double x, double y, const Surface& surface, float sun, const Light& light) const;
  /// Share of the sun's light that passes on its way to a point `height_m` above the ground.
  float sun_through(double x, double y, float height_m, const Light& light) const;

  double x() const { return x_; }
  double y() const { return y_; }
  std::uint32_t id() const { return id_; }

 private:
  static constexpr int kDirections = 64;
  float lobe(float u, float v) const;
  Look leaves(double x, double y, const Surface& surface, float sun, const Light& light) const;
  Look branches(double x, double y, const Surface& surface, float sun, const Light& light) const;

  double x_, y_;
  std::uint32_t id_;
  float cos_, sin_, across_m_, along_m_, top_m_, base_m_, max_radius_m_;
  float ragged_m_, relief_m_, openness_, fine_;
  bool is_dead_;
  float twist_;
  Spectrum leaf_;
  Noise bough_, cluster_, leaflet_, limb_;
  std::array<float, kDirections + 1> lobes_;
};

}  // namespace canopy

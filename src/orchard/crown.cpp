// SPDX-License-Identifier: Apache-2.0
#include "orchard/crown.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace canopy {
namespace {

constexpr int kFirstHarmonic = 2, kLastHarmonic = 9;
constexpr float kRimDrop =
    0.93f;  ///< the dome's profile is sqrt(1 - 0.93 reach^2): a rim of about a quarter of its rise

/// A stand-in for the angle that needs no arc tangent: 0 to 4 around the circle, monotonous.
float diamond_angle(float u, float v) {
  const float sum = std::abs(u) + std::abs(v);
  if (sum <= 0) return 0;
  const float t = v / sum;
  return u >= 0 ? (v >= 0 ? t : 4 + t) : 2 - t;
}

struct Directions {
  std::array<std::array<float, 64>, kLastHarmonic + 1> cosine, sine;
  Directions() {
    for (std::size_t i = 0; i < 64; ++i) {
      const double t = static_cast<double>(i) / 16, part = t - std::floor(t);
      const double along = 1 - part, beside = part;
      const int quarter = static_cast<int>(t);
      const double u = quarter == 0   ? along
                       : quarter == 1 ? -beside
                       : quarter == 2 ? -along
                                      : beside;
      const double v = quarter == 0   ? beside
                       : quarter == 1 ? along
                       : quarter == 2 ? -beside
                                      : -along;
      const double angle = std::atan2(v, u);
      for (std::size_t k = 0; k <= kLastHarmonic; ++k) {
        cosine[k][i] = static_cast<float>(std::cos(static_cast<double>(k) * angle));
        sine[k][i] = static_cast<float>(std::sin(static_cast<double>(k) * angle));
      }
    }
  }
};

}  // namespace

Crown::Crown(const SyntheticTree& tree, const Foliage& foliage, double gsd_m)
    : x_(tree.position.x),
      y_(tree.position.y),
      id_(static_cast<std::uint32_t>(tree.id)),
      cos_(static_cast<float>(std::cos(tree.axis_rad))),
      sin_(static_cast<float>(std::sin(tree.axis_rad))),
      across_m_(static_cast<float>(tree.radius_m / std::sqrt(tree.stretch))),
      along_m_(static_cast<float>(tree.radius_m * std::sqrt(tree.stretch))),
      top_m_(static_cast<float>(tree.height_m)),
      base_m_(static_cast<float>(tree.height_m * foliage.base_share)),
      is_dead_(tree.status == TreeStatus::Dead) {
  static const Directions directions;
  Random random(tree.shape_seed);
  std::array<float, kLastHarmonic + 1> a{}, b{};
  float power = 0;
  for (std::size_t k = kFirstHarmonic; k <= kLastHarmonic; ++k) {
    const double strength = 0.17 / std::pow(static_cast<double>(k), 1.25);
    a[k] = static_cast<float>(random.normal(0, strength));
    b[k] = static_cast<float>(random.normal(0, strength));
    power += (a[k] * a[k] + b[k] * b[k]) / 2;
  }
  const float scale = 1 / std::sqrt(1 + power);
  float widest = 0;
  for (std::size_t i = 0; i < kDirections; ++i) {
    float lobe = 1;
    for (std::size_t k = kFirstHarmonic; k <= kLastHarmonic; ++k)
      lobe += a[k] * directions.cosine[k][i] + b[k] * directions.sine[k][i];
    lobes_[i] = std::max(0.45f, lobe) * scale;
    widest = std::max(widest, lobes_[i]);
  }
  lobes_[kDirections] = lobes_[0];

  const double clump = std::min(foliage.clump_m, 0.7 * tree.radius_m);
  const double cluster = std::clamp(0.4 * clump, 0.14, 0.45);
  ragged_m_ = static_cast<float>(std::min(0.09 * tree.radius_m, 0.33 * cluster));
  relief_m_ = static_cast<float>(foliage.relief * clump);
  openness_ = static_cast<float>(std::min(0.9, foliage.openness + 0.45 * (1 - tree.health)));
  fine_ = smooth_step(0.8f, 2.2f, static_cast<float>(cluster / gsd_m));
  twist_ = static_cast<float>(random.uniform(0.4, 0.9));
  max_radius_m_ = std::max(across_m_, along_m_) * widest + ragged_m_;
  bough_ = Noise(random.bits(), clump);
  cluster_ = Noise(random.bits(), cluster);
  limb_ = Noise(random.bits(), 1);
  leaflet_ = Noise(random.bits(), std::max(0.12, 1.2 * gsd_m));
  leaf_ = is_dead_ ? wood_spectrum() : leaf_spectrum(tree.health) * foliage.tint;
  const auto vigour = static_cast<float>(random.normal(1, 0.05)),
             hue = static_cast<float>(random.normal(0, 0.04));
  leaf_ = leaf_ * Spectrum{vigour, vigour * (1 + hue), vigour * (1 - hue), vigour, vigour};
}

float Crown::lobe(float u, float v) const {
  constexpr int kQuadrant = kDirections / 4;  // of which diamond_angle counts 4 to the round
  const float place = diamond_angle(u, v) * kQuadrant;
  const int i = std::min(static_cast<int>(place), kDirections - 1);
  const auto at = static_cast<std::size_t>(i);
  return lobes_[at] + (lobes_[at + 1] - lobes_[at]) * (place - static_cast<float>(i));
}

float Crown::reach(float dx, float dy) const {
  const float u = (dx * cos_ + dy * sin_) / along_m_, v = (dy * cos_ - dx * sin_) / across_m_;
  return std::sqrt(u * u + v * v) / lobe(u, v);
}

float Crown::radius_toward(float dx, float dy) const {
  const float length = std::sqrt(dx * dx + dy * dy);
  return length > 0 ? length / reach(dx, dy) : 0;
}

std::optional<Crown::Surface> Crown::surface(double x, double y) const {
  const auto dx = static_cast<float>(x - x_), dy = static_cast<float>(y - y_);
  const float far = max_radius_m_;
  if (dx * dx + dy * dy > far * far) return std::nullopt;
  const float plain = reach(dx, dy);
  const float ragged = ragged_m_ / std::min(along_m_, across_m_);
  if (plain > 1 + ragged) return std::nullopt;
  const float edge = plain + ragged * cluster_(x, y);
  if (edge > 1) return std::nullopt;

  const float profile = std::sqrt(1 - kRimDrop * edge * edge), rise = top_m_ - base_m_;
  const Noise::Sample bough = bough_.sample(x, y);
  const float distance = std::max(1e-3f, std::sqrt(dx * dx + dy * dy));
  // The dome falls outward: d(profile)/d(distance), with reach growing linearly along a ray.
  const float fall = -rise * kRimDrop * edge / profile * (plain / distance) / distance;
  return Surface{std::max(0.15f, base_m_ + rise * profile + relief_m_ * bough.value * 0.5f),
                 edge,
                 fall * dx + relief_m_ * bough.dx,
                 fall * dy + relief_m_ * bough.dy,
                 bough.value};
}

Crown::Look Crown::leaves(
    double x, double y, const Surface& surface, float sun, const Light& light) const {
  const float hollow = surface.bough;            // below 0: between the boughs
  const double bend = 0.9 * relief_m_ * hollow;  // hides the lattice of the noise
  const Noise::Sample cluster = cluster_.sample(x + bend, y - bend);
  const float leaflet = leaflet_(x, y);
  const float relief = 0.13f * fine_, steepest = 2.2f, softness = 0.18f;
  const float dx = std::clamp(surface.dx, -steepest, steepest) + relief * cluster.dx;
  const float dy = std::clamp(surface.dy, -steepest, steepest) + relief * cluster.dy;
  const float depth = smooth_step(-0.5f, 0.3f, 0.55f * hollow + 0.6f * fine_ * cluster.value);
  const float rim = surface.reach * surface.reach;
  const float sky = 0.5f + 0.5f * depth * (1 - 0.35f * rim);
  const float lit = sun * light.sun_on(dx, dy, softness) * (0.38f + 0.62f * depth);

  Spectrum shine = light.total(lit, sky);
  // Leaves are clear in the infrared: light that enters between them comes out again, so their
  // shade is thinner there.
  shine[kRedEdge] += 0.12f * (1 - shine[kRedEdge]);
  shine[kNir] += 0.22f * (1 - shine[kNir]);

  const float thin = 0.55f * fine_ * cluster.value + 0.45f * leaflet - 0.25f * hollow;
  const float hole =
      smooth_step(0.15f, 0.45f, thin + openness_ * (0.35f + 0.9f * rim) - 0.42f) * 0.85f;
  return {leaf_ * shine * (1.15f * (1 + 0.17f * leaflet + 0.12f * fine_ * cluster.value)), hole};
}

/// Limbs run outward from the stem and fork: ridges of a noise that is stretched along the radius.
Crown::Look Crown::branches(
    double x, double y, const Surface& surface, float sun, const Light& light) const {
  const auto dx = static_cast<float>(x - x_), dy = static_cast<float>(y - y_);
  const float around = diamond_angle(dx, dy) * twist_, out = surface.reach;
  const float limb = std::abs(limb_(around * 4 + 0.8f * out, 1.2f * out));
  const float twig = std::abs(cluster_(x, y)), leaflet = leaflet_(x, y);
  const float limbs = (1 - smooth_step(0.03f, 0.16f, limb)) * (1.1f - 0.6f * out);
  const float twigs = (1 - smooth_step(0.05f, 0.3f, twig)) * (0.55f + 0.35f * leaflet);
  const float wood = std::clamp(std::max(limbs, twigs) * (1.1f - 0.5f * out) + 0.12f, 0.0f, 0.85f);
  return {leaf_ * light.total(sun * 0.85f, 0.85f) * (1 + 0.2f * leaflet), 1 - wood};
}

Crown::Look Crown::look(
    double x, double y, const Surface& surface, float sun, const Light& light) const {
  return is_dead_ ? branches(x, y, surface, sun, light) : leaves(x, y, surface, sun, light);
}

float Crown::sun_through(double x, double y, float height_m, const Light& light) const {
  // The crown as an ellipsoid; how near does the ray to the sun pass to its centre, in units of its
  // radii?
  const float half = (top_m_ - base_m_) * 0.56f, middle = top_m_ - half;
  const auto dx = static_cast<float>(x - x_), dy = static_cast<float>(y - y_);
  const float sx = light.toward_x(), sy = light.toward_y();
  const float u = (dx * cos_ + dy * sin_) / along_m_, v = (dy * cos_ - dx * sin_) / across_m_;
  const float w = (height_m - middle) / half;
  const float du = (sx * cos_ + sy * sin_) / along_m_, dv = (sy * cos_ - sx * sin_) / across_m_;
  const float dw = light.tangent() / half;
  const float t = std::max(0.0f, -(u * du + v * dv + w * dw) / (du * du + dv * dv + dw * dw));
  const float nu = u + t * du, nv = v + t * dv, nw = w + t * dw;
  const float miss = nu * nu + nv * nv + nw * nw;
  if (miss > 2.6f) return 1;
  const float distance = std::sqrt(miss) / (0.5f + 0.5f * lobe(nu, nv)) + 0.07f * cluster_(x, y);
  const float shade = 1 - smooth_step(0.86f, 1.06f, distance);
  const float density = is_dead_ ? 0.38f : 1 - 0.5f * openness_ * (0.4f + 0.6f * distance);
  return 1 - shade * std::clamp(density, 0.0f, 0.96f);
}

}  // namespace canopy

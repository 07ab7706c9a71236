// SPDX-License-Identifier: Apache-2.0
#include "orchard/survey.h"

#include <cmath>
#include <numbers>

namespace canopy {
namespace {

Point away_from_south_east(Point direction) {
  const double toward = direction.x - direction.y;
  const bool neutral = std::abs(toward) < 1e-9;
  if (neutral ? direction.y < 0 : toward > 0) return {-direction.x, -direction.y};
  return direction;
}

}  // namespace

const char* name_of(TreeStatus status) {
  switch (status) {
    case TreeStatus::Alive:
      return "alive";
    case TreeStatus::Dead:
      return "dead";
    case TreeStatus::Missing:
      return "missing";
  }
  return "unknown";
}

const char* name_of(HealthClass health) {
  switch (health) {
    case HealthClass::Unknown:
      return "unknown";
    case HealthClass::Poor:
      return "poor";
    case HealthClass::Fair:
      return "fair";
    case HealthClass::Good:
      return "good";
  }
  return "unknown";
}

RowFrame row_frame(double row_angle_deg) {
  const double angle = row_angle_deg * std::numbers::pi / 180;
  const Point along{std::cos(angle), std::sin(angle)};
  return {away_from_south_east(along), away_from_south_east({-along.y, along.x})};
}

}  // namespace canopy

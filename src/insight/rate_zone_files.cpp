// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/options.h"
#include "geo/zip_file.h"
#include "insight/prescription.h"
#include "insight/rate_zones.h"
#include "insight/taskdata.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr double kAreaTolerance = 1e-6;

/// One feature a part: terminals read no multi-polygons. Names fit the ten characters of a
/// Shapefile.
VectorLayer layer_of(const RateMap& map, const FertiliserOptions& options) {
  VectorLayer layer{"fertiliser",
                    "EPSG:4326",
                    GeometryKind::Polygon,
                    {"zone", "rate_kg_ha", "area_ha", "product_kg", "product"},
                    {}};
  for (const RateZone& zone : map.zones)
    for (const Polygon& part : zone.parts) {
      const double hectares = ground_m2({part}, map) / 10000;
      layer.features.push_back({GeometryKind::Polygon,
                                {},
                                part,
                                {{"zone", std::int64_t{zone.zone}},
                                 {"rate_kg_ha", zone.rate_kg_ha},
                                 {"area_ha", hectares},
                                 {"product_kg", hectares * zone.rate_kg_ha},
                                 {"product", options.product}}});
    }
  return layer;
}

Json figures_of(const RateMap& map) {
  const auto known = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  Json figures = {{"area_ha", map.area_ha()},
                  {"product_kg", map.product_kg()},
                  {"cells", 0},
                  {"zones", Json::array()}};
  std::int64_t cells = 0;
  for (int zone : map.grid.zone) cells += zone > 0;
  figures["cells"] = cells;
  for (const RateZone& z : map.zones)
    figures["zones"].push_back({{"zone", z.zone},
                                {"rate_kg_ha", z.rate_kg_ha},
                                {"from", known(z.from)},
                                {"to", known(z.to)},
                                {"area_ha", z.area_ha},
                                {"product_kg", z.product_kg}});
  return figures;
}

/// The members of a flat archive, below Rx/, where some terminals look.
void write_rx(const fs::path& flat, const fs::path& path) {
  std::vector<ZipMember> members = read_zip(flat);
  for (ZipMember& member : members) member.name = "Rx/" + member.name;
  write_zip(path, members);
}

}  // namespace

Json write_rate_map(const RateMap& map,
                    const Survey& survey,
                    const FertiliserOptions& options,
                    const fs::path& folder) {
  PrescriptionFiles files(folder, "fertiliser");
  const VectorLayer layer = layer_of(map, options);
  files.write("fertiliser.geojson", {layer});
  files.write("fertiliser.shp.zip", {layer});
  write_rx(folder / "fertiliser.shp.zip", folder / "fertiliser_rx.zip");
  files.add("fertiliser_rx.zip");
  write_taskdata(map, survey.survey_id, options.product, folder / "TASKDATA");
  files.add("TASKDATA/TASKDATA.XML");
  files.add("TASKDATA/GRD00001.BIN");

  std::vector<Polygon> written;
  for (const Feature& feature : read_vector(folder / "fertiliser.geojson").features)
    written.push_back(feature.polygon);
  const double hectares = ground_m2(written, map) / 10000;
  if (std::abs(hectares - map.area_ha()) > 1e-4 + kAreaTolerance * map.area_ha())
    throw Error(Fault::Environment,
                (folder / "fertiliser.geojson").string() + ": covers " + std::to_string(hectares) +
                    " ha, not the " + std::to_string(map.area_ha()) + " of the zones");
  FertiliserOptions described = options;
  return files.commit(survey, figures_of(map), Fields(described).to_json());
}

}  // namespace canopy

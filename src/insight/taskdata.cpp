// SPDX-License-Identifier: Apache-2.0
#include "insight/taskdata.h"

#include <cmath>
#include <cstdio>
#include <pugixml.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGrid = "GRD00001";
constexpr const char* kMassPerArea = "0006";
constexpr double kMgM2OfKgHa = 100;

std::string degrees(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10f", value);
  return text;
}

using Attributes = std::vector<std::pair<const char*, std::string>>;

pugi::xml_node add(pugi::xml_node parent, const char* name, const Attributes& attributes) {
  pugi::xml_node node = parent.append_child(name);
  for (const auto& [key, value] : attributes) node.append_attribute(key) = value.c_str();
  return node;
}

void add_field(pugi::xml_node root, const RateMap& map, const std::string& field) {
  const auto area_m2 = std::llround(map.area_ha() * 10000);
  auto part = add(root, "PFD", {{"A", "PFD1"}, {"C", field}, {"D", std::to_string(area_m2)}});
  for (const Polygon& polygon : map.field) {
    auto outline = add(part, "PLN", {{"A", "1"}});
    for (const Ring& ring : polygon.rings) {
      auto line = add(outline, "LSG", {{"A", &ring == &polygon.rings[0] ? "1" : "2"}});
      for (std::size_t k = 0; k <= ring.size(); ++k) {
        const Point& p = ring[k % ring.size()];
        add(line, "PNT", {{"A", "2"}, {"C", degrees(p.y)}, {"D", degrees(p.x)}});
      }
    }
  }
}

void add_task(pugi::xml_node root, const RateMap& map, const std::string& product) {
  const RateGrid& grid = map.grid;
  auto task = add(root,
                  "TSK",
                  {{"A", "TSK1"},
                   {"B", product},
                   {"E", "PFD1"},
                   {"G", "1"},
                   {"H", "0"},
                   {"I", "0"},
                   {"J", "0"}});
  for (const auto& [code, name] : {std::pair{"0", "outside"}, std::pair{"1", "grid"}})
    add(add(task, "TZN", {{"A", code}, {"B", name}}),
        "PDV",
        {{"A", kMassPerArea}, {"B", "0"}, {"C", "PDT1"}, {"E", "VPN1"}});
  add(task,
      "GRD",
      {{"A", degrees(grid.corner.y)},
       {"B", degrees(grid.corner.x)},
       {"C", degrees(grid.cell_lat_deg)},
       {"D", degrees(grid.cell_lng_deg)},
       {"E", std::to_string(grid.columns)},
       {"F", std::to_string(grid.rows)},
       {"G", kGrid},
       {"H", std::to_string(4 * grid.columns * grid.rows)},
       {"I", "2"},
       {"J", "1"}});
}

std::vector<std::int32_t> rates_of(const RateMap& map) {
  std::vector<std::int32_t> rates;
  for (int zone : map.grid.zone)
    rates.push_back(
        zone == 0 ? 0
                  : static_cast<std::int32_t>(std::lround(
                        kMgM2OfKgHa * map.zones[static_cast<std::size_t>(zone - 1)].rate_kg_ha)));
  return rates;
}

std::string xml_of(const RateMap& map, const std::string& field, const std::string& product) {
  pugi::xml_document document;
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  auto root = add(document,
                  "ISO11783_TaskData",
                  {{"VersionMajor", "4"},
                   {"VersionMinor", "0"},
                   {"ManagementSoftwareManufacturer", "Canopy"},
                   {"ManagementSoftwareVersion", "1"},
                   {"DataTransferOrigin", "1"}});
  add_field(root, map, field);
  add(root, "PDT", {{"A", "PDT1"}, {"B", product}});
  add_task(root, map, product);
  add(root, "VPN", {{"A", "VPN1"}, {"B", "0"}, {"C", "0.01"}, {"D", "1"}, {"E", "kg/ha"}});
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace

void write_taskdata(const RateMap& map,
                    const std::string& field,
                    const std::string& product,
                    const fs::path& folder) {
  const std::vector<std::int32_t> rates = rates_of(map);
  std::string bytes;
  for (std::int32_t rate : rates)
    for (int shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(static_cast<std::uint32_t>(rate) >> shift & 0xff);
  write_file(folder / (std::string(kGrid) + ".BIN"), bytes);
  write_file(folder / "TASKDATA.XML", xml_of(map, field, product));
  const TaskGrid found = read_taskdata(folder);
  if (found.columns != map.grid.columns || found.rows != map.grid.rows ||
      found.rates_mg_m2 != rates)
    throw Error(Fault::Environment, folder.string() + ": the task reads otherwise than written");
}

TaskGrid read_taskdata(const fs::path& folder) {
  pugi::xml_document document;
  const std::string text = read_file(folder / "TASKDATA.XML");
  const bool is_xml = document.load_buffer(text.data(), text.size());
  const auto node = document.select_node("/ISO11783_TaskData/TSK/GRD[@I='2']").node();
  require(is_xml && node, [&] {
    return (folder / "TASKDATA.XML").string() + ": holds no task with a grid of type 2";
  });
  TaskGrid grid;
  grid.corner = {node.attribute("B").as_double(), node.attribute("A").as_double()};
  grid.cell_lat_deg = node.attribute("C").as_double();
  grid.cell_lng_deg = node.attribute("D").as_double();
  grid.columns = node.attribute("E").as_int();
  grid.rows = node.attribute("F").as_int();
  const fs::path file = folder / (std::string(node.attribute("G").as_string()) + ".BIN");
  const std::string bytes = read_file(file);
  require(
      bytes.size() == 4u * static_cast<unsigned>(grid.columns) * static_cast<unsigned>(grid.rows),
      [&] { return file.string() + ": is not as long as its grid; write the task again"; });
  for (std::size_t k = 0; k < bytes.size(); k += 4) {
    std::uint32_t value = 0;
    for (std::size_t b = 0; b < 4; ++b)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[k + b])) << (8 * b);
    grid.rates_mg_m2.push_back(static_cast<std::int32_t>(value));
  }
  return grid;
}

}  // namespace canopy

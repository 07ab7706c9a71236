// SPDX-License-Identifier: Apache-2.0
#include "insight/survey_styles.h"

namespace canopy {
namespace {

std::string option(const std::string& name, const std::string& value) {
  return "<Option type=\"QString\" name=\"" + name + "\" value=\"" + value + "\"/>";
}

std::string symbol(const std::string& name,
                   const std::string& type,
                   const std::string& layer,
                   const std::string& options) {
  return "<symbol name=\"" + name + "\" type=\"" + type +
         "\" alpha=\"1\" clip_to_extent=\"1\"><layer class=\"" + layer +
         "\" enabled=\"1\" pass=\"0\" locked=\"0\"><Option type=\"Map\">" + options +
         "</Option></layer></symbol>";
}

std::string document(const std::string& renderer) {
  return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22\" "
         "styleCategories=\"Symbology\">" +
         renderer + "</qgis>\n";
}

std::string single(const std::string& symbol_text) {
  return document(
      "<renderer-v2 type=\"singleSymbol\" enableorderby=\"0\" forceraster=\"0\" "
      "symbollevels=\"0\"><symbols>" +
      symbol_text + "</symbols></renderer-v2>");
}

std::string crown(const std::string& name, const std::string& fill, const std::string& edge) {
  return symbol(name,
                "fill",
                "SimpleFill",
                option("color", fill) + option("style", "solid") + option("outline_color", edge) +
                    option("outline_style", "solid") + option("outline_width", "0.3") +
                    option("outline_width_unit", "MM"));
}

std::string dot(const std::string& name, const std::string& fill, const std::string& edge) {
  return symbol(name,
                "marker",
                "SimpleMarker",
                option("name", "circle") + option("color", fill) + option("outline_color", edge) +
                    option("outline_width", "0.2") + option("size", "2.4") +
                    option("size_unit", "MM"));
}

/// Rules in the order of the legend: dead first, then the classes of health.
std::string tree_rules(GeometryKind trees) {
  struct Class {
    const char *label, *filter, *fill, *edge;
  };
  static constexpr Class kClasses[] = {
      {"dead", "\"status\" = 'dead'", "90,62,43,190", "60,40,28,255"},
      {"poor",
       "\"status\" != 'dead' AND \"health_class\" = 'poor'",
       "214,47,39,150",
       "160,30,25,255"},
      {"fair",
       "\"status\" != 'dead' AND \"health_class\" = 'fair'",
       "246,190,65,150",
       "190,140,30,255"},
      {"good",
       "\"status\" != 'dead' AND \"health_class\" = 'good'",
       "56,142,60,130",
       "30,95,35,255"},
      {"not known",
       "\"status\" != 'dead' AND \"health_class\" = 'unknown'",
       "110,125,140,110",
       "80,90,100,255"}};
  std::string rules, symbols;
  int k = 0;
  for (const Class& c : kClasses) {
    const std::string key = std::to_string(k++);
    std::string filter;
    for (const char* p = c.filter; *p; ++p) filter += *p == '"' ? "&quot;" : std::string(1, *p);
    rules += "<rule key=\"{rule-" + key + "}\" symbol=\"" + key + "\" label=\"" + c.label +
             "\" filter=\"" + filter + "\"/>";
    symbols += trees == GeometryKind::Point ? dot(key, c.fill, c.edge) : crown(key, c.fill, c.edge);
  }
  return document(
      "<renderer-v2 type=\"RuleRenderer\" enableorderby=\"0\" forceraster=\"0\" symbollevels=\"0\">"
      "<rules key=\"{rules}\">" +
      rules + "</rules><symbols>" + symbols + "</symbols></renderer-v2>");
}

}  // namespace

std::map<std::string, std::string> survey_styles(GeometryKind trees) {
  return {
      {"trees", tree_rules(trees)},
      {"missing",
       single(symbol("0",
                     "marker",
                     "SimpleMarker",
                     option("name", "circle") + option("color", "0,0,0,0") +
                         option("outline_color", "220,20,60,255") + option("outline_width", "0.6") +
                         option("size", "3.2") + option("size_unit", "MM")))},
      {"rows",
       single(symbol("0",
                     "line",
                     "SimpleLine",
                     option("line_color", "70,110,180,160") + option("line_width", "0.25") +
                         option("line_width_unit", "MM")))},
      {"orchard",
       single(symbol("0",
                     "fill",
                     "SimpleFill",
                     option("color", "0,0,0,0") + option("style", "no") +
                         option("outline_color", "30,30,30,220") + option("outline_width", "0.5") +
                         option("outline_style", "dash")))}};
}

}  // namespace canopy

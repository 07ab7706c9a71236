// SPDX-License-Identifier: Apache-2.0
#include "serve/router.h"

#include <optional>

#include "base/error.h"

namespace canopy {
namespace {

std::optional<Router::Parameters> match(const std::vector<std::string>& pattern,
                                        const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  Router::Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].starts_with('{'))
      parameters[pattern[i].substr(1, pattern[i].size() - 2)] = segments[i];
    else if (pattern[i] != segments[i])
      return std::nullopt;
  }
  return parameters;
}

}  // namespace

void Router::add(const std::string& method, const std::string& pattern, RouteHandler handler) {
  const auto target = parse_target(pattern);
  check(target.has_value(), "a route's pattern is a path");
  routes_.push_back({method, target->segments, std::move(handler)});
}

Response Router::operator()(const Request& request) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  try {
    for (const auto& route : routes_) {
      const auto parameters = match(route.pattern, request.target.segments);
      if (!parameters) continue;
      if (route.method == method) return route.handler(request, *parameters);
      allowed += (allowed.empty() ? "" : ", ") + route.method;
    }
    if (!allowed.empty()) {
      if (allowed.find("GET") != std::string::npos) allowed += ", HEAD";
      return problem(405, request.method + " is not possible here").with("Allow", allowed);
    }
    if (otherwise_) return otherwise_(request);
    return problem(404, "nothing is served under this path");
  } catch (const Error& error) {
    return problem_of(error);
  } catch (const std::exception& error) {
    return problem_of(Error(Fault::Bug, error.what()));
  }
}

}  // namespace canopy

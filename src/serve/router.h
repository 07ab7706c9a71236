// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "serve/message.h"

namespace canopy {

/// Method and path to handler. Patterns are "/api/v1/surveys/{id}/trees": a segment in braces takes
/// any text and is handed over by that name. The first route that fits is taken. HEAD is answered
/// as GET (the server leaves the body out).
class Router {
 public:
  using Parameters = std::map<std::string, std::string>;
  using RouteHandler = std::function<Response(const Request&, const Parameters&)>;

  void get(const std::string& pattern, RouteHandler handler) {
    add("GET", pattern, std::move(handler));
  }
  void add(const std::string& method, const std::string& pattern, RouteHandler handler);
  /// Answers paths that no pattern has.
  void otherwise(Handler handler) { otherwise_ = std::move(handler); }

  /// 404 for an unknown path, 405 with Allow for an unknown method; a handler's Error becomes its
  /// problem.
  Response operator()(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    RouteHandler handler;
  };
  std::vector<Route> routes_;
  Handler otherwise_;
};

}  // namespace canopy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "serve/message.h"

namespace canopy {

/// Status line and headers of an answer, with those that every answer has, up to and with the empty
/// line.
std::string response_head(const Response& response, bool keep_alive);

/// Whether a Host header names this machine's loopback. A page elsewhere can make a browser resolve
/// its own name to loopback and then read what is served here (DNS rebinding); the Host header
/// gives it away.
bool is_loopback_name(std::string_view host);

}  // namespace canopy

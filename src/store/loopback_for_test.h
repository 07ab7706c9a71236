// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <string>

// HTTP messages over loopback sockets, as the servers of tests read and write them.

namespace canopy {

struct RequestForTest {
  std::string method, target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body, raw;
};

/// False: the other side left.
inline bool send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

/// Adds what has come to `buffer`. False: the other side left.
inline bool read_more(int fd, std::string& buffer) {
  char bytes[65536];
  const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
  if (n > 0) buffer.append(bytes, static_cast<std::size_t>(n));
  return n > 0;
}

/// Of a message's head, names in lower case.
inline std::map<std::string, std::string> headers_of(const std::string& head) {
  std::map<std::string, std::string> headers;
  for (std::size_t at = head.find("\r\n"); at != std::string::npos && at + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end - at - 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      std::string name = line.substr(0, colon);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      headers[name] = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
    }
    at = end;
  }
  return headers;
}

/// A socket, or -1.
inline int connect_to_loopback(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

/// Whether `answer` has all that its Content-Length promises.
inline bool is_whole(const RequestForTest& request, const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto headers = headers_of(answer.substr(0, end));
  const auto length = headers.find("content-length");
  const bool has_body = request.method != "HEAD" && length != headers.end();
  return answer.size() >= end + 4 + (has_body ? std::stoul(length->second) : 0);
}

}  // namespace canopy

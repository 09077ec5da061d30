/// \file
/// What a probe checks, and which results are good.
#pragma once

#include "sdconnect/connect/connect_options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

enum class probe_kind : std::uint8_t {
  tcp,   ///< accepts a connection
  http,  ///< answers a request with an expected status
  tls,   ///< completes a handshake with a valid certificate
  exec,  ///< a command, which is told the endpoint, exits with 0
};

/// "tcp", "http", "tls", "exec".
[[nodiscard]] std::string_view to_string(probe_kind kind) noexcept;

struct http_status_range {
  unsigned first = 200;
  unsigned last = 399;
};

struct probe_options {
  probe_kind kind = probe_kind::tcp;
  /// Address families to use, and the time limit of each address; the deadline of the probe holds
  /// as well.
  connect_options connecting = {};

  // http. REQUIRES: a path and headers without misplaced blanks, line ends or control characters.
  std::string path = "/";
  bool head_only = false;  ///< HEAD instead of GET
  std::string host = {};   ///< the Host field; empty: the target, with its port unless that is the default
  std::vector<std::string> headers = {};  ///< "Name: value"
  std::string user_agent = "sdconnect";
  std::vector<http_status_range> expected = {http_status_range()};
  bool over_tls = false;

  // tls, and http over TLS
  /// Host name or address that the certificate must be valid for; empty: `server_name`, or else the
  /// target. A certificate for the target proves the service only if DNS is authenticated (RFC 9525 §6).
  std::string tls_name = {};
  std::string server_name = {};  ///< sent as SNI; empty: `tls_name`, or else the target
  std::string ca_file = {};      ///< PEM; empty: the authorities that the system trusts

  // exec: the program, searched for in PATH, and its arguments, in which {host}, {port} and {addr}
  // are replaced. No shell. The command gets SD_HOST, SD_PORT and SD_ADDR, no input and no
  // descriptor of this process; its output is discarded.
  std::vector<std::string> command = {};
};

}  // namespace sdconnect

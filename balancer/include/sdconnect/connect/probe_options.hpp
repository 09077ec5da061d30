/// \file
/// What is checked of an endpoint, and what counts as good.
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
  tls,   ///< completes a handshake with a certificate that holds
  exec,  ///< a command, told where the endpoint is, ends with 0
};

/// "tcp", "http", "tls", "exec".
[[nodiscard]] std::string_view to_string(probe_kind kind) noexcept;

struct http_status_range {
  unsigned first = 200;
  unsigned last = 399;
};

struct probe_options {
  probe_kind kind = probe_kind::tcp;
  /// Families wanted and each address's limit; the deadline of the probe holds beside it.
  connect_options connecting = {};

  // http. REQUIRES: a path and headers without blanks at the wrong place, line ends and control
  // characters.
  std::string path = "/";
  bool head_only = false;  ///< HEAD instead of GET
  std::string host = {};   ///< the Host field; empty: the target, with its port where that is not the default
  std::vector<std::string> headers = {};  ///< "Name: value"
  std::string user_agent = "sdconnect";
  std::vector<http_status_range> expected = {http_status_range()};
  bool over_tls = false;

  // tls, and http over TLS
  std::string tls_name = {};  ///< host name or address that the certificate must be valid for; empty: the target
  std::string ca_file = {};   ///< PEM; empty: the authorities the system trusts

  // exec: the program, looked for in PATH, and its arguments, with {host}, {port} and {addr}
  // replaced in these. No shell. It gets SD_HOST, SD_PORT and SD_ADDR, no input, no descriptor of
  // ours, and its output goes nowhere.
  std::vector<std::string> command = {};
};

}  // namespace sdconnect

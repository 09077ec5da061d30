/// \file
/// The system's name servers, resolv.conf(5).
#pragma once

#include "sdconnect/transport/dns_client.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// What resolv.conf says, as far as an absolute name's lookup is concerned: `search` and `domain` are read by nobody
/// here.
struct resolv_conf {
  std::vector<server_address> servers;  ///< at most 3 are used (MAXNS); 127.0.0.1 when the file names none
  std::chrono::seconds timeout{5};      ///< `options timeout:n`, 1 to 30
  unsigned attempts = 2;                ///< `options attempts:n`, 1 to 5
  bool rotate = false;
  bool use_vc = false;  ///< TCP for every query
  bool trust_ad = false;
  std::vector<std::string> warnings;  ///< "line 3: not an IP address: 1.2.3", escaped for display; the first 16

  [[nodiscard]] static resolv_conf parse(std::string_view text);
  /// A missing file counts as empty, as in glibc. Errors: file_unreadable for anything but a regular file, without
  /// blocking on a FIFO, and for more than 1 MiB.
  [[nodiscard]] static result<resolv_conf> load(const std::filesystem::path& file = "/etc/resolv.conf");
};

/// A client of those servers, for every name.
[[nodiscard]] dns_client_options options_from(const resolv_conf& conf);

}  // namespace sdconnect

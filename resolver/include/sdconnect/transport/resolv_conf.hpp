/// \file
/// The system's name servers, resolv.conf(5).
#pragma once

#include "sdconnect/transport/dns_client_options.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// What a process may set for itself, above the file.
struct resolv_environment {
  std::string options;                      ///< RES_OPTIONS: read behind the file's own options
  std::optional<std::string> local_domain;  ///< LOCALDOMAIN: replaces the file's search list

  /// Empty in a program that runs with other rights than its caller's (set-user-ID):
  /// secure_getenv(3).
  [[nodiscard]] static resolv_environment of_process();

  friend bool operator==(const resolv_environment&, const resolv_environment&) = default;
};

/// What resolv.conf says. A keyword stands in the first column with a blank behind it; `#` and `;`
/// begin a comment there and nowhere else, though behind the address of a name server everything is
/// ignored. Lines and options that are not known are passed over. In three things it is stricter
/// than glibc: an address is not read in inet_aton's forms ("127.1", "010.0.0.1"), an unknown scope
/// refuses the line, and a number is decimal digits and nothing else.
struct resolv_conf {
  std::vector<server_address> servers;  ///< at most 3 are used (MAXNS)
  bool names_no_server = true;          ///< then `servers` is 127.0.0.1
  /// The list of `search` or `domain`, the last of them, for display: service names are absolute
  /// and never searched.
  std::vector<std::string> search;
  unsigned ndots = 1;               ///< 0 to 15, for display
  std::chrono::seconds timeout{5};  ///< `options timeout:n`, 1 to 30
  unsigned attempts = 2;            ///< `options attempts:n`, 1 to 5
  bool rotate = false;
  bool use_vc = false;  ///< TCP for every query
  bool trust_ad = false;
  bool no_reload = false;
  // Known, and without effect here: EDNS is always tried, every query has a port of its own, and
  // the rest concerns name searching and gethostbyname().
  bool edns0 = false;
  bool single_request = false;
  bool single_request_reopen = false;
  bool no_tld_query = false;
  bool inet6 = false;
  std::vector<std::string> warnings;  ///< "line 3: not an IP address: 1.2.3", escaped for display; the first 16

  [[nodiscard]] static resolv_conf parse(std::string_view text, const resolv_environment& environment = {});
  /// A missing file counts as empty, as in glibc. Errors: file_unreadable for anything but a
  /// regular file, without blocking on a FIFO, and for more than 1 MiB.
  [[nodiscard]] static result<resolv_conf> load(
      const std::filesystem::path& file = default_file,
      const resolv_environment& environment = resolv_environment::of_process());

  static constexpr const char* default_file = "/etc/resolv.conf";

  friend bool operator==(const resolv_conf&, const resolv_conf&) = default;
};

/// A client of those servers, for every name.
[[nodiscard]] dns_client_options options_from(const resolv_conf& conf);

}  // namespace sdconnect

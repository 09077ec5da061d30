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

/// Environment variables of a process that override the file.
struct resolv_environment {
  std::string options;                      ///< RES_OPTIONS: read after the file's own options
  std::optional<std::string> local_domain;  ///< LOCALDOMAIN: replaces the file's search list

  /// Empty in a program that runs with other rights than its caller's (set-user-ID):
  /// secure_getenv(3).
  [[nodiscard]] static resolv_environment of_process();

  friend bool operator==(const resolv_environment&, const resolv_environment&) = default;
};

/// Content of resolv.conf. A keyword starts in the first column and is followed by a blank. `#` and
/// `;` start a comment only in the first column, but everything after the address of a name server
/// is ignored. Unknown lines and options are ignored. The parser is stricter than glibc in three
/// points: it does not read addresses in inet_aton's forms ("127.1", "010.0.0.1"), it rejects a
/// line with an unknown scope, and a number consists of decimal digits only.
struct resolv_conf {
  std::vector<server_address> servers;  ///< at most 3 (MAXNS)
  bool names_no_server = true;          ///< the file names no server; `servers` is then 127.0.0.1
  /// The list of the last `search` or `domain` line, for display: service names are absolute and
  /// never searched.
  std::vector<std::string> search;
  unsigned ndots = 1;               ///< 0 to 15, for display
  std::chrono::seconds timeout{5};  ///< `options timeout:n`, 1 to 30
  unsigned attempts = 2;            ///< `options attempts:n`, 1 to 5
  bool rotate = false;
  bool use_vc = false;  ///< TCP for every query
  bool trust_ad = false;
  bool no_reload = false;
  bool no_aaaa =
      false;  ///< a resolver that uses this file asks for no IPv6 addresses; a DNS client does not look at it
  // Known, but without effect here: EDNS is always tried, every query has its own port, and the
  // other options concern name searching and gethostbyname().
  bool edns0 = false;
  bool single_request = false;
  bool single_request_reopen = false;
  bool no_tld_query = false;
  bool inet6 = false;
  std::vector<std::string> warnings;  ///< "line 3: not an IP address: 1.2.3", escaped for display; the first 16

  [[nodiscard]] static resolv_conf parse(std::string_view text, const resolv_environment& environment = {});
  /// Reads the file. A missing file counts as empty, as in glibc. Errors: file_unreadable for a
  /// file that cannot be read, is not a regular file (a FIFO does not block) or is larger than 1
  /// MiB.
  [[nodiscard]] static result<resolv_conf> load(
      const std::filesystem::path& file = default_file,
      const resolv_environment& environment = resolv_environment::of_process());

  static constexpr const char* default_file = "/etc/resolv.conf";

  friend bool operator==(const resolv_conf&, const resolv_conf&) = default;
};

/// Options of a client that uses these servers for every name.
[[nodiscard]] dns_client_options options_from(const resolv_conf& conf);

}  // namespace sdconnect

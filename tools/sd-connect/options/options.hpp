/// \file
/// All values that the command line, the environment and the configuration file can set, parsed.
#pragma once

#include "program/output.hpp"
#include "sd-connect/options/host_and_port.hpp"
#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/connect/probe_options.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "sdconnect/transport/name_server.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::cli {

/// What `resolve` waits for before it prints.
enum class waiting { none, seen, gone };

enum class output_format { table, json, csv, brief };  // "brief" is -o short

struct options {
  std::string command;  ///< a name in the command table, e.g. "relay"
  std::optional<service_query>
      query;  ///< SERVICE or the four flags, with all wishes; of browse only what narrows `browse_type`

  // Common to all commands.
  std::vector<server_set> server_sets;  ///< names below no set: /etc/resolv.conf
  bool tcp_only = false;
  bool randomize_case = false;
  bool same_domain = false;
  std::optional<name> allowed_domain;  ///< of --same-domain=DOMAIN
  bool require_authenticated = false;
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds connect_timeout{2000};
  selection_policy policy = selection_policy::rfc2782;
  std::optional<std::string> hash_key;  ///< for policy hash; if unset, each choice uses a new key
  std::optional<std::uint64_t> seed;
  output_format format = output_format::table;
  bool explain = false;
  color_mode color = color_mode::automatic;
  bool quiet = false;
  bool verbose = false;

  // get
  std::string path = "/";  ///< checked
  bool tls = false;
  std::string tls_name;
  std::string ca_file;
  std::vector<std::string> headers;  ///< "Name: value", checked
  std::string host;                  ///< --host NAME or NAME:PORT, checked; empty: the target
  bool host_is_service = false;      ///< --host service
  bool include_head = false;
  std::chrono::milliseconds max_time = std::chrono::milliseconds::max();

  // check; and of get: path, tls, tls_name, headers, host
  probe_kind check = probe_kind::tcp;
  bool head_only = false;
  bool all_addresses = false;
  std::vector<http_status_range> expected_statuses = {http_status_range()};

  // pick
  std::uint64_t picks = 1;

  // watch
  std::optional<std::uint64_t> most_changes;  ///< -n
  std::chrono::milliseconds min_interval{5000};

  // browse
  std::optional<name> zone;         ///< -z; unset if the TYPE's own domain is in `browse_type`
  std::optional<name> browse_type;  ///< absolute service type; if unset, lists the types of `zone`
  bool domains = false;             ///< domains of `zone`, or if unset of the host's own networks

  // forward, proxy, status, config, exec --proxy: not interpreted here
  std::vector<std::string> words;

  // exec, check --check exec
  std::vector<std::string> command_line;

  // exec
  bool next_on_failure = false;

  // resolve
  waiting wait = waiting::none;
  std::optional<host_and_port> gone;  ///< of waiting::gone
  bool waits_forever = false;         ///< `timeout` does not count

  // demo
  bool once = false;
  std::string zone_file;
  std::optional<name> origin;
};

}  // namespace sdconnect::cli

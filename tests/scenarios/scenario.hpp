/// \file
/// One scenario: reads its file, plays it, and compares the result with the expectations.
#pragma once

#include "scenarios/backends.hpp"
#include "scenarios/client.hpp"
#include "scenarios/connector_shell.hpp"
#include "scenarios/name_servers.hpp"
#include "scenarios/script.hpp"
#include "scenarios/script_network.hpp"
#include "scenarios/service_lines.hpp"
#include "scenarios/users.hpp"
#include "scenarios/world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::scenario {

class scenario {
 public:
  /// Throws script_error.
  explicit scenario(const std::string& text);
  scenario(const scenario&) = delete;

  void play();

  struct failure {
    int line = 0;
    std::string expected, seen;
  };
  /// Call it after play(); throws script_error.
  [[nodiscard]] std::vector<failure> failures();
  [[nodiscard]] const std::vector<std::string>& conversation() const noexcept { return world_.notes(); }

 private:
  // Reading.
  void read(const script_line& line);
  void read_options(const script_line& line);
  void read_connector(const script_line& line);
  void plan(const script_line& line);
  void plan_view(const script_line& expectation);

  // Playing.
  void act(const script_line& line);
  void change_server(const script_line& line);
  void replace_servers(const script_line& line);
  void add_user(const script_line& line, std::shared_ptr<user> made);
  [[nodiscard]] user& user_of(const script_line& line, const std::string& label) const;
  [[nodiscard]] std::optional<world::duration> next_event() const;
  [[nodiscard]] bool is_busy();
  void happen();

  // Comparing.
  void check(const script_line& expectation, const complain& failed);
  void check_events(const script_line& expectation, const watcher& of, const complain& failed);
  void check_number(const script_line& expectation, std::uint64_t seen, const complain& failed) const;
  void check_queries(const script_line& expectation, const complain& failed) const;
  void check_cache(const script_line& expectation, const complain& failed);
  [[nodiscard]] std::string number_by_label(std::string_view label) const;

  world world_;
  name_servers servers_{world_};
  script_network network_{world_, servers_};
  client::options settings_;
  backends backends_;
  connector_options connecting_;
  std::chrono::milliseconds min_interval_{5000};
  std::size_t server_count_ = 1;
  std::optional<world::duration> until_;
  std::vector<script_line> lines_;
  std::vector<const script_line*> expectations_;
  std::map<int, outcome> views_;  // seen at a time; keyed by the line of the expectation
  std::optional<client> client_;
  std::optional<connector_shell> connector_;  // declared after client_, because it uses that router in its destructor
  std::map<std::string, std::shared_ptr<user>> users_;  // declared after both
};

}  // namespace sdconnect::scenario

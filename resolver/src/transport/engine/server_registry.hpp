/// \file
/// Numbers all name servers in use, and selects the servers for a question.
#pragma once

#include "transport/question/exchange.hpp"
#include "transport/question/server_statistics.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

namespace sdconnect::detail {

/// A server has the same number in all sets, and keeps it as long as one of these sets, or a
/// question to one of them, is in use. So a reload that changes nothing for a server keeps its
/// sockets, streams and measurements.
class server_registry {
 public:
  struct options {
    std::vector<server_set> sets;
    bool tcp_only = false;
    bool rotate = false;
    bool use_0x20 = false;
    std::chrono::milliseconds first_timeout{1000};
    unsigned attempts = 2;
  };

  /// The servers of one domain.
  struct group {
    name domain;
    std::vector<std::size_t> servers;  ///< numbers, in the order of exchange::options::servers
    exchange::options with;
    bool rotate = false;
    server_statistics book;
    std::size_t questions = 0;  ///< number of pending questions
    bool is_current = true;
  };

  explicit server_registry(const options& with) { replace(with); }
  server_registry(const server_registry&) = delete;
  server_registry& operator=(const server_registry&) = delete;

  /// Applies to questions asked from now on.
  void replace(const options& with);

  /// Returns the current group with the longest domain that contains `qname`, and counts one
  /// question more for it; nullptr if there is none or it has no servers. Pass the group to
  /// release() afterwards.
  [[nodiscard]] group* take(const name& qname) noexcept;
  void release(group& of) noexcept;

  /// Returns the numbers that are no longer in use since the last call.
  [[nodiscard]] std::vector<std::size_t> take_unused();

  /// Returns one more than the highest number.
  [[nodiscard]] std::size_t size() const noexcept { return servers_.size(); }
  /// A different server always has a different pointer.
  [[nodiscard]] const std::shared_ptr<const name_server>& server(std::size_t number) const { return servers_[number]; }

 private:
  [[nodiscard]] group made_group(const server_set& set, const options& with);
  void take_over_knowledge(group& fresh) const noexcept;
  [[nodiscard]] std::size_t number_of(const name_server& server);

  std::vector<std::shared_ptr<const name_server>> servers_;  // null: free number
  std::list<group> groups_;                                  // a list, because exchanges refer to groups
  bool has_unused_ = false;
};

}  // namespace sdconnect::detail

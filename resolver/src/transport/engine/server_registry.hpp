/// \file
/// Every name server in use, by number, and which of them a question goes to.
#pragma once

#include "transport/question/exchange.hpp"
#include "transport/question/server_statistics.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

namespace sdconnect::detail {

/// A server has the same number in all sets and keeps it as long as one of them, or a question put
/// to one of them, is in use. So a reload that changes nothing for a server leaves its sockets,
/// streams and measurements as they are.
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
    std::size_t questions = 0;  ///< under way
    bool is_current = true;
  };

  explicit server_registry(const options& with) { replace(with); }
  server_registry(const server_registry&) = delete;
  server_registry& operator=(const server_registry&) = delete;

  /// For questions asked from now on.
  void replace(const options& with);

  /// The current group with the longest domain that `qname` is in, with one question more; nothing
  /// when there is none or it has no servers. Give it back to release().
  [[nodiscard]] group* take(const name& qname) noexcept;
  void release(group& of) noexcept;

  /// The numbers that mean nothing any more since the last call.
  [[nodiscard]] std::vector<std::size_t> take_unused();

  /// One more than the highest number.
  [[nodiscard]] std::size_t size() const noexcept { return servers_.size(); }
  /// Never the same pointer for another server.
  [[nodiscard]] const std::shared_ptr<const name_server>& server(std::size_t number) const { return servers_[number]; }

 private:
  [[nodiscard]] group made_group(const server_set& set, const options& with);
  void take_over_knowledge(group& fresh) const noexcept;
  [[nodiscard]] std::size_t number_of(const name_server& server);

  std::vector<std::shared_ptr<const name_server>> servers_;  // null: free
  std::list<group> groups_;                                  // a list, for exchanges refer to them
  bool has_unused_ = false;
};

}  // namespace sdconnect::detail

/// \file
/// The rules of a scenario: which queries get a special reaction.
#pragma once

#include "scenarios/reply_plan.hpp"
#include "scenarios/script.hpp"
#include "scenarios/values.hpp"
#include "sdconnect/dns/records.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::scenario {

/// The properties of a query that servers and expectations distinguish.
struct sent_query {
  std::chrono::nanoseconds at{};
  std::size_t server = 0;  ///< from 1
  bool is_udp = true;
  bool has_edns = false;
  question asked;
};
[[nodiscard]] sent_query query_of(std::span<const std::uint8_t> message);

/// `[udp|tcp|any] [edns|no-edns] [server=] [type=] [name=] [from=] [to=]`
class query_filter {
 public:
  query_filter() = default;
  query_filter(const script_line& line, std::size_t first_word);
  [[nodiscard]] bool fits(const sent_query& query) const;
  [[nodiscard]] bool is_about_questions() const noexcept { return type_ || name_ || edns_; }

 private:
  std::optional<bool> is_udp_, edns_;
  std::optional<std::size_t> server_;
  std::optional<rr_type> type_;
  std::optional<name> name_;
  std::chrono::nanoseconds from_{}, to_ = std::chrono::nanoseconds::max();
};

struct server_action {
  enum class kind : std::uint8_t { reply, drop, error, send_error, open_error, refuse, silent, open_then_close };
  kind what = kind::drop;
  error_code ec;
  std::optional<reply_plan> reply;
};

class rules {
 public:
  /// A line `on ...`.
  void add(const script_line& line);

  /// Returns the actions for a query, in order; null means that the zone answers.
  [[nodiscard]] const std::vector<server_action>* for_query(const sent_query& query);
  /// Returns the error of opening a socket or stream to a server. Uses only server, is_udp and time
  /// of `like`.
  [[nodiscard]] error_code for_opening(const sent_query& like);
  [[nodiscard]] std::optional<server_action> for_connecting(const sent_query& like);
  /// Returns the lines of the rules that matched nothing: they prove nothing, and most are typing
  /// errors.
  [[nodiscard]] std::vector<script_line> idle() const;

 private:
  enum class subject : std::uint8_t { query, opening, connecting };
  struct rule {
    subject about = subject::query;
    query_filter filter;
    range<std::int64_t> nth{1, INT64_MAX};
    std::int64_t seen = 0;
    bool was_followed = false;
    script_line line;
    std::vector<server_action> actions;
  };
  [[nodiscard]] const rule* first_that_fits(subject about, const sent_query& query);

  std::vector<rule> rules_;
};

}  // namespace sdconnect::scenario

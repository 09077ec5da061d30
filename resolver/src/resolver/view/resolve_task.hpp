/// \file
/// Performs one walk through a router, from its first question to its conclusion. Uses no sockets
/// and no clock.
#pragma once

#include "resolver/lookup/held_answers.hpp"
#include "resolver/lookup/lookup_router.hpp"
#include "resolver/walk/walk.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Resolves one name, once. Its questions end when it is done or destroyed.
class resolve_task final : public lookup_user {
 public:
  struct how {
    lookup_router::mode mode = lookup_router::mode::normal;
    held_answers* held = nullptr;  ///< must outlive the task
    /// Continues after the walk has enough or all it needs, until every question is answered or the
    /// deadline has come: for callers that keep later answers, or want them in the cache.
    bool is_complete = false;
  };
  /// Called after each event that made progress; may destroy the task.
  using listener = std::function<void(time_point now)>;

  /// `router` must outlive the task.
  resolve_task(lookup_router& router, const service_query& query, how asking, time_point now);
  resolve_task(const resolve_task&) = delete;
  resolve_task& operator=(const resolve_task&) = delete;
  ~resolve_task();

  /// The task may be done at once; it does not call the listener for that.
  void start(time_point now, listener on_progress);
  /// Moves the deadline to `deadline`, if that is later than the present one.
  void prolong(time_point deadline);
  /// Ends the task: it asks nothing more, and missing answers stay missing.
  void stop();

  [[nodiscard]] bool is_done() const noexcept { return is_done_; }
  /// The walk needs no further answer.
  [[nodiscard]] bool is_settled() const noexcept { return is_done_ || is_settled_; }
  /// The known answers are enough to continue (walk, rule 6).
  [[nodiscard]] bool has_enough(time_point now) const noexcept {
    return is_done_ || (enough_at_ && now >= *enough_at_);
  }
  [[nodiscard]] walk::conclusion conclude(error_code if_unknown) const { return walk_->conclude(if_unknown); }
  /// As conclude(); call it last: then only questions are left of a walk that needs no answer.
  [[nodiscard]] walk::conclusion take_conclusion(error_code if_unknown);

  void on_lookup(lookup_table::id waiter, lookup answer, time_point now) override;
  void on_time(time_point now) override;

 private:
  using answers = std::deque<std::pair<question, lookup>>;

  void perform(walk::step next, time_point now);
  void ask(std::vector<question> questions, answers& at_hand, time_point now);
  void end();
  void sleep();
  void tell(time_point now);

  lookup_router& router_;
  std::optional<walk> walk_;
  how how_;
  time_point deadline_;
  listener on_progress_;
  std::optional<time_point> enough_at_;
  bool is_enough_told_ = false;
  std::unordered_map<lookup_table::id, question> waiting_;
  bool is_settled_ = false;
  bool is_done_ = false;
};

}  // namespace sdconnect::detail

#include "resolver/view/live_view.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds latest_retry{5};
constexpr std::chrono::seconds longest_refresh{5};  // for a walk that no caller waits for
constexpr milliseconds shortest_pause{100};         // between walks, whatever their results say
constexpr milliseconds shortest_used_pause{20};     // for walks that uses begin: shorter than a TTL of a second
constexpr milliseconds failing_pause{500};          // many questions, each with its own back-off, share walks
constexpr milliseconds publishing_pause{50};        // late answers that come close together count as one change
constexpr std::uint32_t longest_jitter = 1000;      // ms, after a resume: spreads the questions of a whole rack
constexpr std::chrono::seconds first_anew_delay{5};
constexpr milliseconds longest_wait{1800};    // of a walk, as for callers (RFC 8767 §5)
constexpr std::uint32_t most_doublings = 16;  // longer than any TTL

held_answers::pace pace_of(const view_options& options) noexcept {
  return options.keep_fresh > milliseconds(0) ? held_answers::pace::on_time : held_answers::pace::ahead;
}

}  // namespace

live_view::live_view(lookup_router& router, const service_query& query, const view_options& options,
                     std::function<void(time_point)> on_news)
    : router_(router),
      query_(query),
      options_(options),
      on_news_(std::move(on_news)),
      held_(options.min_interval, pace_of(options)),
      merger_(query.qname) {
  router_.listen(*this, false);
}

live_view::~live_view() { router_.forget(*this); }

live_view::usability live_view::state() const noexcept {
  if (!merger_.is_known()) return usability::failed;
  const error_code status = merger_.status();
  if (!status) return usability::usable;
  return is_transient(status) && !merger_.is_complete() ? usability::failed : usability::absent;
}

bool live_view::may_begin(time_point now) const noexcept {
  return !walking_ || settled_ == walks_ || (merger_.is_known() && now >= begun_ + longest_wait);
}

// Rules 2 and 3.
live_view::use_result live_view::use(time_point deadline, time_point now) {
  note_use(now);
  const usability known = state();
  if (known == usability::usable || (known == usability::absent && expires_ && now < *expires_)) {
    if (!may_begin(now) || !is_due(now)) return {known};
    const bool is_expired = expires_ && now >= *expires_ && (!walking_ || settled_ == walks_);
    begin_walk(next_mode(), std::nullopt, now);
    if (!is_expired || !walking_) return {state()};
    return {usability::waiting, walks_, now + patience(now)};
  }
  if (walking_) {
    walking_->prolong(deadline);
    return {usability::waiting, walks_};
  }
  if (known == usability::absent && !is_due(now)) return {usability::absent};
  begin_walk(next_mode(), deadline, now);
  return walking_ ? use_result{usability::waiting, walks_} : use_result{state()};
}

void live_view::warm(time_point now) {
  note_use(now);
  const bool is_new = !has_walked_ && !walking_;
  if (is_new || (may_begin(now) && is_due(now))) begin_walk(next_mode(), std::nullopt, now);
}

void live_view::note_use(time_point now) {
  if (options_.keep_fresh == milliseconds(0)) return;
  fresh_until_ = later(now, options_.keep_fresh);
  sleep();
}

void live_view::begin_walk(lookup_router::mode mode, std::optional<time_point> deadline, time_point now) {
  if (walking_) finish_walk(now);
  held_.remove_expired(now);
  held_.set_cautious(!view()->endpoints.empty() || !view()->instances.empty());
  begun_ = now;
  ++walks_;
  is_first_walk_ = !has_walked_;
  is_asking_anew_ = mode == lookup_router::mode::anew;
  service_query asked = query_;
  if (deadline) {
    asked.timeout = saturated<milliseconds>(time_between(now, *deadline));
  } else if (!is_watched()) {
    asked.timeout = std::min<milliseconds>(query_.timeout, longest_refresh);
  }
  walking_ = std::make_unique<resolve_task>(router_, asked, resolve_task::how{mode, &held_, true}, now);
  walking_->start(now, [this, number = walks_](time_point at) {
    if (walking_ && number == walks_) on_progress(at);
  });
  lingering_.reset();  // only now: the new walk has joined the questions that both ask
  if (walking_->is_settled()) {
    finish_walk(now);
  } else {
    sleep();
  }
}

// While nothing is known and the view is not watched, cached answers are good enough.
lookup_router::mode live_view::next_mode() const noexcept {
  if (is_spreading_) return lookup_router::mode::anew;
  return merger_.is_known() || (has_walked_ && is_watched()) ? lookup_router::mode::refresh
                                                             : lookup_router::mode::normal;
}

live_view::time_point live_view::next_publication() const {
  return published_ + publishing_pause * (1 + view()->endpoints.size() / 500);
}

// Rule 4.
void live_view::on_progress(time_point now) {
  const bool has_enough = walking_->has_enough(now);
  if (walking_->is_settled() || (is_watched() && has_enough)) {
    finish_walk(now);
    return on_news_(now);
  }
  if (!has_enough) return;
  if (settled_ == walks_ && now < next_publication()) {
    publish_at_ = next_publication();
    return sleep();
  }
  publish_at_.reset();
  published_ = now;
  const std::uint64_t before = version();
  walk::conclusion found = walking_->conclude(errc::query_timed_out);
  schedule(found, now);
  merger_.on_walk(std::move(found), view_merger::walk_state::under_way);
  const bool is_news = std::exchange(settled_, walks_) != walks_ || version() != before;
  sleep();
  if (is_news) on_news_(now);
}

void live_view::finish_walk(time_point now) {
  walk::conclusion found = walking_->take_conclusion(errc::query_timed_out);
  if (walking_->is_done()) {
    walking_.reset();
  } else {
    lingering_ = std::move(walking_);
  }
  publish_at_.reset();
  schedule(found, now);
  merger_.on_walk(std::move(found), view_merger::walk_state::ended);
  has_walked_ = true;
  settled_ = walks_;
  sleep();
}

void live_view::release(time_point now) {
  if (!is_first_walk_ || options_.keep_fresh > milliseconds(0)) return;
  if (walking_) {
    walking_->stop();  // before the conclusion, which takes as much memory
    finish_walk(now);
    next_walk_ = std::max(now, begun_ + failing_pause);
  }
  lingering_.reset();
}

void live_view::schedule(const walk::conclusion& result, time_point now) {
  expires_ = result.expires;
  next_walk_ = result.again_at;
  is_spreading_ = !has_walked_ && !is_watched() && next_walk_ && !result.status;
  if (is_spreading_) {  // 20–100 % of the time
    const std::chrono::nanoseconds part = (*next_walk_ - now) / 5;
    next_walk_ = now + part + part * 4 / 65536 * (router_.random() >> 16);
  }
  if (result.failure) {
    const time_point retry = std::min(result.retry_at.value_or(now + latest_retry), now + latest_retry);
    next_walk_ = std::min(next_walk_.value_or(time_point::max()), std::max(retry, begun_ + failing_pause));
  }
  if (begun_ <= renewed_) next_walk_ = std::min(next_walk_.value_or(walk_after_renewal_), walk_after_renewal_);
  const milliseconds pause = is_watched() ? shortest_pause : shortest_used_pause;
  if (next_walk_) next_walk_ = std::max({*next_walk_, begun_ + pause, now});
}

void live_view::on_renewal(time_point now, std::uint32_t random) {
  held_.clear();
  renewed_ = now;
  anew_count_ = 0;
  anew_after_ = time_point::min();
  const bool is_kept_fresh = now <= fresh_until_;
  walk_after_renewal_ = is_kept_fresh ? now + milliseconds(random % (longest_jitter + 1)) : now;
  if (expires_) expires_ = std::min(*expires_, now);
  if (next_walk_) next_walk_ = std::min(*next_walk_, walk_after_renewal_);
  sleep();
}

void live_view::on_time(time_point now) {
  if (walking_ && publish_at_ && now >= *publish_at_) on_progress(now);
  if (!may_begin(now) || !is_due(now)) return;
  if (now > fresh_until_) return router_.wake_at(*this, publish_at_);
  const std::uint64_t before = version();
  begin_walk(next_mode(), std::nullopt, now);
  if (!walking_ || version() != before) on_news_(now);
}

// Only a view that is kept fresh needs a timer between walks.
void live_view::sleep() {
  const bool is_kept_fresh = next_walk_ && *next_walk_ <= fresh_until_;
  std::optional<time_point> next = publish_at_;
  if ((!walking_ || settled_ == walks_) && is_kept_fresh) next = next ? std::min(*next, *next_walk_) : next_walk_;
  router_.listen(*this, fresh_until_ != time_point::min() && (walking_ || is_kept_fresh));
  router_.wake_at(*this, next);
}

// Rule 5.
std::optional<std::uint64_t> live_view::ask_anew(time_point now) {
  if (walking_ && is_asking_anew_) return walks_;
  if (now < anew_after_) return std::nullopt;
  anew_after_ = later(now, anew_delay());
  walking_.reset();
  lingering_.reset();
  held_.clear();
  begin_walk(lookup_router::mode::anew, std::nullopt, now);
  return walks_;
}

std::chrono::nanoseconds live_view::anew_delay() {
  std::chrono::nanoseconds longest = first_anew_delay;
  for (const endpoint& e : view()->endpoints) {
    longest = std::max(longest, saturated<std::chrono::nanoseconds>(e.ttl));
  }
  const std::chrono::nanoseconds doubled =
      std::chrono::nanoseconds(first_anew_delay) * (std::int64_t{1} << std::min(anew_count_, most_doublings));
  ++anew_count_;
  const std::chrono::nanoseconds delay = std::min(doubled, longest);
  return delay - delay / 4 / 65536 * (router_.random() >> 16);
}

}  // namespace sdconnect::detail

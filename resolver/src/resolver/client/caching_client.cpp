#include "resolver/client/caching_client.hpp"

#include "net/base/entropy.hpp"
#include "net/base/saturating.hpp"
#include "transport/asio/dns_client_state.hpp"

#include <utility>

namespace sdconnect::detail {
namespace {

// Returns a random generator for refresh times and back-off. The system seeds it, which makes it
// unpredictable enough, and it draws numbers without system calls.
std::function<std::uint32_t()> seeded_jitter() {
  return [state = entropy64()]() mutable {
    state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator; the upper half is good
    return static_cast<std::uint32_t>(state >> 32);
  };
}

constexpr std::chrono::seconds look_interval{2};

}  // namespace

caching_client::turn::turn(std::shared_ptr<caching_client> of)
    : of_(std::move(of)), lock_(of_->mutex_), now_(boot_clock::now()) {
  of_->turn_ = this;
}

caching_client::turn::~turn() {
  of_->perform(now_);
  released_.swap(of_->released_);
}

caching_client::caching_client(dns_client client, const resolver_options& options,
                               std::optional<resolv_conf_tracker> conf)
    : client_(std::move(client)),
      conf_(std::move(conf)),
      suspends_(std::chrono::steady_clock::now(), boot_clock::now()),
      network_(std::chrono::steady_clock::now()),
      adapt_(options.adapt),
      router_(options, seeded_jitter()),
      timer_(client_.get_executor()) {
  router_.set_without_aaaa(conf_ && conf_->current().no_aaaa);
}

std::shared_ptr<caching_client> caching_client::make(dns_client client, const resolver_options& options,
                                                     std::optional<resolv_conf_tracker> conf) {
  const std::shared_ptr<caching_client> made(new caching_client(std::move(client), options, std::move(conf)));
  made->bind(made->get_executor(), made);
  return made;
}

caching_client::~caching_client() {
  for (const auto& [number, query] : under_way_) client_.state_->cancel(query);
}

// Operations hold handlers, whose destruction runs user code: this destroys them without the mutex.
void caching_client::on_context_shutdown() noexcept {
  std::optional<boot_timer> timer;
  std::unordered_map<const void*, std::shared_ptr<void>> operations;
  const std::lock_guard lock(mutex_);
  timer.swap(timer_);
  operations.swap(kept_);
}

void caching_client::release(const void* operation) {
  if (auto node = kept_.extract(operation)) released_.push_back(std::move(node.mapped()));
}

resolver_statistics caching_client::statistics() {
  const std::lock_guard lock(mutex_);
  resolver_statistics all = router_.statistics();
  all.network_changes = network_changes_;
  return all;
}

void caching_client::clear() {
  turn mine(shared_from_this());
  mine.router().clear(mine.now());
}

// A caller that arrives while another one looks continues with what is known, as it would have a
// moment earlier. The same applies to a caller that asks from within `adapt`.
void caching_client::look_around() {
  if (is_looking_.test_and_set(std::memory_order_acquire)) return;
  struct ending {
    std::atomic_flag& flag;
    ~ending() { flag.clear(std::memory_order_release); }
  };
  const ending looked{is_looking_};
  const auto now = std::chrono::steady_clock::now();
  bool has_changed = false;
  if (conf_ && conf_->has_changed(now)) {
    dns_client_options changed = options_from(conf_->current());
    if (adapt_) adapt_(changed);
    client_.replace_options(std::move(changed));
    has_changed = true;
  }
  const bool has_slept = suspends_.on_time(now, boot_clock::now()).count() > 0;
  const bool has_moved = network_.has_changed(now) || has_slept;
  if (has_moved) client_.reset_connections();
  if (!has_changed && !has_moved) return;
  turn mine(shared_from_this());
  if (has_changed) mine.router().set_without_aaaa(conf_->current().no_aaaa);
  if (has_moved) ++network_changes_;
  mine.router().renew(mine.now());
}

void caching_client::perform(boot_clock::time_point now) {
  if (!timer_) return;
  const lookup_router::actions next = router_.take_actions(now);
  for (const lookup_table::query_to_send& query : next.send) send(query);
  for (const lookup_table::id query : next.cancel) cancel(query);

  if (!router_.has_watchers()) {
    next_look_.reset();
  } else if (!next_look_) {
    next_look_ = now + look_interval;
  }
  std::optional<boot_clock::time_point> when = router_.next_event();
  if (next_look_ && (!when || *next_look_ < *when)) when = next_look_;
  wait_until(when);
}

// Keeps the timer if its time is too early: an unnecessary expiry costs less than setting the timer
// for each event.
void caching_client::wait_until(std::optional<boot_clock::time_point> when) {
  if (!when) {
    if (std::exchange(armed_, std::nullopt)) timer_->cancel();
    return;
  }
  if (armed_ && *armed_ <= *when) return;
  armed_ = when;
  timer_->expires_at(*when);
  timer_->async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!ec && self) self->on_timer();
  });
}

// Calls look_around() first, so that questions that become due go to the right servers.
void caching_client::on_timer() {
  look_around();
  turn mine(shared_from_this());
  if (!armed_ || mine.now() < *armed_) return;  // the timer was set again in the meantime
  armed_.reset();
  if (next_look_ && mine.now() >= *next_look_) next_look_.reset();
  mine.router().on_time(mine.now());
}

// The DNS client's clock stops while the machine sleeps; the remaining time is the same on both
// clocks. The two clocks cannot be read at the same instant, so a small change of their difference
// is ignored: equal deadlines stay equal.
dns_client::clock::time_point caching_client::steady_time_of(boot_clock::time_point when) {
  using steady_time = dns_client::clock::time_point;
  if (when == boot_clock::time_point::max()) return steady_time::max();
  const auto ahead = boot_clock::now().time_since_epoch() - dns_client::clock::now().time_since_epoch();
  if (std::chrono::abs(ahead - ahead_) > std::chrono::milliseconds(1)) ahead_ = ahead;
  return steady_time(std::chrono::duration_cast<dns_client::clock::duration>(when.time_since_epoch() - ahead_));
}

void caching_client::send(const lookup_table::query_to_send& next) {
  const query_engine::handle query =
      client_.state_->start(next.asked, steady_time_of(next.deadline),
                            [weak = weak_from_this(), number = next.number](error_code status, query_result&& result) {
                              const auto self = weak.lock();
                              if (!self) return;
                              turn mine(self);
                              self->under_way_.erase(number);
                              result.report.status = status;
                              mine.router().on_result(number, std::move(result), mine.now());
                            });
  under_way_.emplace(next.number, query);
}

void caching_client::cancel(lookup_table::id query) {
  const auto node = under_way_.extract(query);
  if (!node.empty()) client_.state_->cancel(node.mapped());
}

}  // namespace sdconnect::detail

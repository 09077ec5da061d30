#include "resolver/caching_client.hpp"

#include "sdconnect/dns/entropy.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

namespace {

// Jitter of refresh times and back-off: unpredictable enough when seeded by the system, and drawn without its help.
std::function<std::uint32_t()> seeded_jitter() {
  return [state = entropy64()]() mutable {
    state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator; the upper half is good
    return static_cast<std::uint32_t>(state >> 32);
  };
}

constexpr std::chrono::seconds look_interval{2};

}  // namespace

caching_client::caching_client(dns_client client, const resolver_options& options,
                               std::optional<resolv_conf_tracker> conf)
    : client_(std::move(client)),
      conf_(std::move(conf)),
      suspends_(std::chrono::steady_clock::now(), boot_clock::now()),
      network_(std::chrono::steady_clock::now()),
      adapt_(options.adapt),
      random_(seeded_jitter()),
      table_(options, seeded_jitter()),
      timer_(client_.get_executor()),
      look_timer_(client_.get_executor()) {}

caching_client::~caching_client() {
  while (!under_way_.empty()) cancel(under_way_.begin()->first);
}

resolver_statistics caching_client::statistics() const noexcept {
  resolver_statistics all = table_.statistics();
  all.network_changes = network_changes_;
  return all;
}

void caching_client::cancel(lookup_table::id query) {
  const auto node = under_way_.extract(query);
  const auto signal = node.empty() ? nullptr : node.mapped().lock();
  if (signal) signal->emit(asio::cancellation_type::terminal);
}

void caching_client::look_around() {
  const auto now = std::chrono::steady_clock::now();
  bool has_changed = false;
  if (conf_ && conf_->has_changed(now)) {
    dns_client_options changed = options_from(conf_->current());
    if (adapt_) adapt_(changed);
    client_.replace_options(std::move(changed));
    has_changed = true;
  }
  const bool has_slept = suspends_.on_time(now, boot_clock::now()).count() > 0;
  if (network_.has_changed(now) || has_slept) {
    client_.reset_connections();
    ++network_changes_;
    has_changed = true;
  }
  if (has_changed) renew();
}

void caching_client::renew() {
  const auto now = boot_clock::now();
  table_.renew(now);
  for (const std::weak_ptr<renewal_listener>& weak : std::vector(listeners_)) {
    if (const auto listener = weak.lock()) listener->on_renewal(now, random_());
  }
  asio::post(client_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->perform();
  });
}

void caching_client::listen(std::weak_ptr<renewal_listener> listener) {
  listeners_.push_back(std::move(listener));
  if (listeners_.size() == 1) wait_for_next_look();
}

// With the last one goes the timer, which would keep the loop busy.
void caching_client::stop_listening(const renewal_listener& listener) {
  std::erase_if(listeners_, [&](const auto& weak) {
    const auto known = weak.lock();
    return !known || known.get() == &listener;
  });
  if (listeners_.empty()) look_timer_.cancel();
}

void caching_client::wait_for_next_look() {
  look_timer_.expires_at(boot_clock::now() + look_interval);
  look_timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self) return;
    std::erase_if(self->listeners_, [](const auto& listener) { return listener.expired(); });
    if (self->listeners_.empty()) return;
    self->look_around();
    self->wait_for_next_look();
  });
}

void caching_client::perform() {
  if (std::exchange(is_performing_, true)) return;
  const auto self = shared_from_this();
  for (;;) {
    for (const lookup_table::query_to_send& next : table_.take_queries()) send(next);
    for (const lookup_table::id number : table_.take_cancelled()) cancel(number);
    std::vector<std::pair<lookup_table::id, lookup>> answers = table_.take_answers();
    if (answers.empty()) break;
    for (auto& [waiter, answer] : answers) {
      const auto node = users_.extract(waiter);
      const auto user = node.empty() ? nullptr : node.mapped().lock();
      if (user) user->on_lookup(waiter, std::move(answer));
    }
  }
  is_performing_ = false;
  if (const auto when = table_.next_event()) {
    wait_until(*when);
  } else {
    timer_.cancel();
  }
}

// The client's clock stands still while the machine sleeps; what is left to wait is the same on both. The clocks cannot
// be read at the same instant: that must not give equal deadlines an order.
dns_client::clock::time_point caching_client::steady_time_of(boot_clock::time_point when) {
  const auto ahead = boot_clock::now().time_since_epoch() - dns_client::clock::now().time_since_epoch();
  if (std::chrono::abs(ahead - ahead_) > std::chrono::milliseconds(1)) ahead_ = ahead;
  return dns_client::clock::time_point(
      std::chrono::duration_cast<dns_client::clock::duration>(when.time_since_epoch() - ahead_));
}

void caching_client::send(const lookup_table::query_to_send& next) {
  auto signal = std::make_shared<asio::cancellation_signal>();
  under_way_.emplace(next.number, signal);
  client_.async_query(next.asked, steady_time_of(next.deadline),
                      asio::bind_cancellation_slot(signal->slot(), [weak = weak_from_this(), number = next.number,
                                                                    signal](error_code status, query_result result) {
                        const auto self = weak.lock();
                        if (!self) return;
                        self->under_way_.erase(number);
                        result.report.status = status;
                        self->table_.on_result(number, std::move(result), boot_clock::now());
                        self->perform();
                      }));
}

void caching_client::wait_until(boot_clock::time_point when) {
  if (timer_.expiry() == when) return;
  timer_.expires_at(when);
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self) return;
    self->timer_.expires_at(boot_clock::time_point::min());
    self->table_.on_time(boot_clock::now());
    self->perform();
  });
}

}  // namespace sdconnect

#include "scenarios/connector_shell.hpp"

#include "connect/connector/pure_options.hpp"
#include "net/base/saturating.hpp"

#include <boost/asio/error.hpp>

namespace sdconnect::scenario {
using namespace sdconnect::detail;

connector_shell::connector_shell(world& in, client& with, backends& to, const connector_options& options,
                                 std::uint64_t seed)
    : world_(in),
      client_(with),
      backends_(to),
      core_(with.router(), core_options_of(options), random_engine(seed), in.steady(), [this] { schedule_news(); }) {}

void connector_shell::schedule_news() {
  if (std::exchange(is_news_scheduled_, true)) return;
  world_.post([this] {
    is_news_scheduled_ = false;
    core_.take_news(now());
    client_.perform();
  });
}

std::optional<world::duration> connector_shell::next_event() const {
  if (wakes_.empty()) return std::nullopt;
  return world_.when(wakes_.begin()->first.first);
}

void connector_shell::on_time() {
  while (!wakes_.empty() && wakes_.begin()->first.first <= world_.steady()) wakes_.begin()->second->on_timer();
}

one_connect::one_connect(connector_shell& shell, const service_query& query, listener done)
    : shell_(shell), query_(query), done_(std::move(done)) {}

one_connect::~one_connect() {
  wait_until(std::nullopt);
  if (service_) service_->remove(*this, shell_.now().boot);
}

void one_connect::start() {
  shell_.client_.look_around();
  const connect_time now = shell_.now();
  result_.began = shell_.world_.now();
  service_ = shell_.core_.serve(query_, now, shell_.client_.network_changes());
  service_->add(*this);
  race_options racing = shell_.core_.options.racing;
  racing.deadline = detail::later(now.steady, query_.timeout);
  machine_.emplace(
      service_, shell_.core_.limits, racing,
      [memory = service_->memory()](world::steady_time at) { return memory->plan(at); }, now);
  perform(machine_->start(now.steady));
  shell_.client_.perform();
}

void one_connect::cancel() {
  on_close(shell_.now());
  shell_.client_.perform();
}

void one_connect::on_close(const connect_time& now) {
  perform(machine_->stop(boost::asio::error::operation_aborted, now.steady));
}

void one_connect::on_timer() {
  const std::shared_ptr<one_connect> self = shared_from_this();  // its end may release it
  wait_until(std::nullopt);
  perform(machine_->on_timer(shell_.now().steady));
  shell_.client_.perform();
}

void one_connect::perform(const race::step& next) {
  const auto self = shared_from_this();
  for (const std::size_t candidate : next.abandon) open_.erase(candidate);
  if (next.done) return finish();
  for (const std::size_t candidate : next.start) connect(candidate);
  wait_until(next.wake);
}

void one_connect::connect(std::size_t candidate) {
  world& w = shell_.world_;
  if (!result_.first_attempt) result_.first_attempt = w.now();
  const attempt_target& to = machine_->candidate(candidate);
  const backends::manners how = shell_.backends_.on_connect(text_of(to.address, to.port));
  open_.insert(candidate);
  if (how.what == backends::kind::silent) return;
  const bool refuses = how.what == backends::kind::refuses;
  const error_code ec = refuses ? error_code(boost::asio::error::connection_refused) : error_code();
  w.at(w.now() + how.after, [weak = weak_from_this(), candidate, ec] {
    if (const auto self = weak.lock()) self->on_answer(candidate, ec);
  });
}

void one_connect::on_answer(std::size_t candidate, error_code ec) {
  if (!machine_ || !open_.contains(candidate)) return;
  const world::steady_time now = shell_.world_.steady();
  client& resolver = shell_.client_;
  if (ec) open_.erase(candidate);
  perform(ec ? machine_->on_failed(candidate, ec, now) : machine_->on_connected(candidate, now));
  resolver.perform();
}

void one_connect::wait_until(std::optional<world::steady_time> when) {
  if (wake_ && when == wake_->first) return;
  if (wake_) shell_.wakes_.erase(*wake_);
  wake_.reset();
  if (!when || *when == world::steady_time::max()) return;
  wake_.emplace(*when, ++shell_.last_wake_);
  shell_.wakes_.emplace(*wake_, this);
}

void one_connect::finish() {
  wait_until(std::nullopt);
  result_.seen = machine_->conclude();
  result_.seen.held.reset();
  result_.ended = shell_.world_.now();
  service_->remove(*this, shell_.now().boot);
  machine_.reset();
  service_.reset();
  done_(std::move(result_));
}

}  // namespace sdconnect::scenario

#include "scenarios/users.hpp"

#include "scenarios/event_text.hpp"
#include "scenarios/values.hpp"

#include <boost/asio/error.hpp>
#include <fmt/core.h>

#include <utility>

namespace sdconnect::scenario {
namespace {

using std::chrono::milliseconds;

milliseconds milliseconds_of(const script_line& line, std::string_view key, milliseconds fallback) {
  return std::chrono::duration_cast<milliseconds>(line.duration(key, fallback));
}

service_query query_from(const script_line& line) {
  line.only({"as", "timeout", "subtype", "instance", "version", "txt", "default-port", "resolution-delay"});
  line.only_words(3, {"no-txt", "same-domain", "ipv4", "ipv6", "require-authenticated"});
  service_query out;
  out.qname = name_from(line, line.word(2));
  out.timeout = milliseconds_of(line, "timeout", out.timeout);
  out.subtype = line.find("subtype");
  out.instance = line.find("instance");
  out.version = line.find("version");
  for (const script_line::option& o : line.options) {
    if (o.key == "txt") out.txt.push_back(txt_condition::from_text(o.value).value());
  }
  if (line.find("default-port")) out.default_port = static_cast<std::uint16_t>(line.number_of("default-port", 0));
  if (line.find("resolution-delay")) out.resolution_delay = milliseconds_of(line, "resolution-delay", {});
  out.want_txt = !line.has_word("no-txt");
  out.same_domain = line.has_word("same-domain");
  out.require_authenticated = line.has_word("require-authenticated");
  if (line.has_word("ipv4") || line.has_word("ipv6")) {
    out.want_ipv4 = line.has_word("ipv4");
    out.want_ipv6 = line.has_word("ipv6");
  }
  return out;
}

std::string label_of(const script_line& line) {
  const auto as = line.find("as");
  if (!as) line.fail("as= is missing");
  return *as;
}

// As resolve_operation.
class resolve final : public user, public std::enable_shared_from_this<resolve> {
 public:
  resolve(world& in, client& with, const script_line& line)
      : world_(in), client_(with), label_(label_of(line)), resolution_(query_from(line), {}, in.boot()) {
    out_.began = in.now();
  }

  void start() override {
    client_.look_around();
    resolution_.start(client_.table(), world_.boot());
    go_on();
  }
  void cancel() override {
    if (!is_done_) finish(lookup_table::leaving::giving_up, boost::asio::error::operation_aborted);
  }
  void on_lookup(lookup_table::id waiter, lookup answer) override {
    if (is_done_) return;
    resolution_.on_answer(client_.table(), waiter, std::move(answer), world_.boot());
    go_on();
  }
  std::optional<world::duration> next_event() const override {
    if (is_done_) return std::nullopt;
    return world::when(resolution_.next_event());
  }
  void on_time() override {
    resolution_.on_time(world_.boot());
    go_on();
  }
  std::optional<outcome> now() const override { return is_done_ ? std::optional(out_) : std::nullopt; }
  bool is_busy() const override { return !is_done_; }

 private:
  void go_on() {
    const auto self = shared_from_this();
    for (const lookup_table::id waiter : resolution_.take_new_waiters()) client_.route(waiter, self);
    if (resolution_.is_done()) return finish(lookup_table::leaving::satisfied, {});
    client_.perform();
  }
  void finish(lookup_table::leaving why, error_code if_unknown) {
    for (const lookup_table::id waiter : resolution_.leave(client_.table(), why, world_.boot())) {
      client_.forget(waiter);
    }
    walk::conclusion conclusion = resolution_.conclude(if_unknown ? if_unknown : errc::query_timed_out);
    if (if_unknown) conclusion.status = if_unknown;
    is_done_ = true;
    out_.status = conclusion.status;
    out_.found = std::move(conclusion.found);
    out_.ended = world_.now();
    world_.note(fmt::format("{}: {}", label_, text_of(out_.status)));
    client_.perform();
  }

  world& world_;
  client& client_;
  std::string label_;
  resolution resolution_;
  outcome out_;
  bool is_done_ = false;
};

// One question, as browse_operation puts it.
class ask final : public user, public std::enable_shared_from_this<ask> {
 public:
  ask(world& in, client& with, const script_line& line)
      : world_(in), client_(with), label_(label_of(line)), asked_{name_from(line, line.word(3)), {}} {
    line.only({"as", "timeout"});
    line.only_words(4, {"refresh"});
    asked_.type = type_from(line, line.word(2));
    deadline_ = in.boot() + line.duration("timeout", std::chrono::seconds(5));
    if (line.has_word("refresh")) mode_ = lookup_table::mode::refresh;
    out_.began = in.now();
  }

  void start() override {
    client_.look_around();
    lookup_table::asked asked = client_.table().ask(asked_, deadline_, mode_, world_.boot());
    if (asked.answer) {
      finish(*std::move(asked.answer));
    } else {
      waiter_ = asked.waiter;
      client_.route(waiter_, weak_from_this());
    }
    client_.perform();
  }
  void cancel() override {
    if (is_done_) return;
    client_.table().leave(waiter_, lookup_table::leaving::giving_up, world_.boot());
    client_.forget(waiter_);
    lookup nothing;
    nothing.status = boost::asio::error::operation_aborted;
    finish(std::move(nothing));
    client_.perform();
  }
  void on_lookup(lookup_table::id, lookup answer) override {
    if (!is_done_) finish(std::move(answer));
  }
  std::optional<world::duration> next_event() const override { return std::nullopt; }
  void on_time() override {}
  std::optional<outcome> now() const override { return is_done_ ? std::optional(out_) : std::nullopt; }
  bool is_busy() const override { return !is_done_; }

 private:
  void finish(lookup answer) {
    is_done_ = true;
    out_.status = answer.status;
    out_.ended = world_.now();
    world_.note(fmt::format("{}: {}{}", label_, text_of(answer.status), answer.stale ? ", stale" : ""));
    out_.answer = std::move(answer);
  }

  world& world_;
  client& client_;
  std::string label_;
  question asked_;
  boot_clock::time_point deadline_{};
  lookup_table::mode mode_ = lookup_table::mode::normal;
  lookup_table::id waiter_ = 0;
  outcome out_;
  bool is_done_ = false;
};

// As service_watcher::state, with a consumer who always waits for the next update.
class watch final : public watcher, public std::enable_shared_from_this<watch> {
 public:
  watch(world& in, client& with, const script_line& line, milliseconds min_interval)
      : world_(in),
        client_(with),
        label_(label_of(line)),
        query_(query_from(line)),
        held_(min_interval),
        machine_(query_) {
    out_.began = in.now();
  }

  void start() override {
    client_.listen(weak_from_this());
    begin_walk();
  }
  void cancel() override {
    if (std::exchange(is_closed_, true)) return;
    timer_.reset();
    if (walking_) {
      leave(lookup_table::leaving::giving_up);
      walking_.reset();
    }
    client_.perform();
  }
  void on_lookup(lookup_table::id waiter, lookup answer) override {
    if (!walking_ || !walking_->waits_for(waiter)) return;
    walking_->on_answer(client_.table(), waiter, std::move(answer), world_.boot());
    go_on();
  }
  void on_renewal(boot_clock::time_point at, std::uint32_t random) override {
    held_.clear();
    machine_.renew(at, random);
    if (!walking_ && !is_closed_) timer_ = machine_.next_walk();
  }
  std::optional<world::duration> next_event() const override {
    if (!timer_) return std::nullopt;
    return world::when(*timer_);
  }
  void on_time() override {
    timer_.reset();
    if (!walking_) return begin_walk();
    walking_->on_time(world_.boot());
    go_on();
  }
  std::optional<outcome> now() const override {
    outcome out = out_;
    out.found = *machine_.view();
    return out;
  }
  bool is_endless() const override { return !is_closed_; }
  bool is_busy() const override { return walking_.has_value(); }
  const std::vector<told_event>& told() const override { return told_; }

 private:
  void begin_walk() {
    client_.look_around();
    begun_ = world_.boot();
    held_.remove_expired(begun_);
    walking_.emplace(query_, resolution::how{machine_.mode(), walk::detail::parts, &held_}, begun_);
    walking_->start(client_.table(), begun_);
    go_on();
  }
  void go_on() {
    for (const lookup_table::id waiter : walking_->take_new_waiters()) client_.route(waiter, weak_from_this());
    if (walking_->is_done()) return finish_walk();
    timer_ = walking_->next_event();
    client_.perform();
  }
  void finish_walk() {
    leave(lookup_table::leaving::satisfied);
    walk::conclusion found = walking_->conclude(errc::query_timed_out);
    walking_.reset();
    machine_.on_walk(std::move(found), begun_, world_.boot());
    timer_ = machine_.next_walk();
    deliver();
    client_.perform();
  }
  void deliver() {
    const auto update = machine_.take(world_.boot());
    if (!update) return;
    out_.status = update->status;
    out_.ended = world_.now();
    for (const watch_event& e : update->events) {
      world_.note(fmt::format("{}: {}", label_, event_text(e)));
      told_.push_back({world_.now(), e});
    }
  }
  void leave(lookup_table::leaving why) {
    for (const lookup_table::id waiter : walking_->leave(client_.table(), why, world_.boot())) client_.forget(waiter);
  }

  world& world_;
  client& client_;
  std::string label_;
  service_query query_;
  held_answers held_;
  watch_machine machine_;
  std::optional<boot_clock::time_point> timer_;
  boot_clock::time_point begun_{};
  std::optional<resolution> walking_;
  outcome out_;
  std::vector<told_event> told_;
  bool is_closed_ = false;
};

}  // namespace

std::shared_ptr<user> make_resolve(world& in, client& with, const script_line& line) {
  return std::make_shared<resolve>(in, with, line);
}

std::shared_ptr<user> make_ask(world& in, client& with, const script_line& line) {
  return std::make_shared<ask>(in, with, line);
}

std::shared_ptr<watcher> make_watch(world& in, client& with, const script_line& line, milliseconds min_interval) {
  return std::make_shared<watch>(in, with, line, min_interval);
}

}  // namespace sdconnect::scenario

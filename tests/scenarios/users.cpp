#include "scenarios/users.hpp"

#include "scenarios/event_text.hpp"
#include "scenarios/query_line.hpp"
#include "scenarios/values.hpp"

#include <boost/asio/error.hpp>
#include <fmt/core.h>

#include <utility>

namespace sdconnect::scenario {
using namespace sdconnect::detail;
namespace {

using std::chrono::milliseconds;

class resolve final : public user {
 public:
  resolve(world& in, client& with, const script_line& line)
      : world_(in), client_(with), label_(label_of(line)), query_(query_from(line)) {
    out_.began = in.now();
  }

  void start() override {
    client_.look_around();
    task_.emplace(client_.router(), query_, resolve_task::how{}, world_.boot());
    task_->start(world_.boot(), [this](boot_clock::time_point) { go_on(); });
    go_on();
    client_.perform();
  }
  void cancel() override {
    if (task_) finish(boost::asio::error::operation_aborted);
    client_.perform();
  }
  std::optional<outcome> now() const override { return is_busy() ? std::nullopt : std::optional(out_); }
  bool is_busy() const override { return task_.has_value(); }

 private:
  void go_on() {
    if (task_->is_done()) finish({});
  }
  void finish(error_code ended_by) {
    walk::conclusion end = task_->conclude(ended_by ? ended_by : errc::query_timed_out);
    task_.reset();
    out_.status = ended_by ? ended_by : end.status;
    out_.found = std::move(end.found);
    out_.ended = world_.now();
    world_.note(fmt::format("{}: {}", label_, text_of(out_.status)));
  }

  world& world_;
  client& client_;
  std::string label_;
  service_query query_;
  std::optional<resolve_task> task_;
  outcome out_;
};

// One question, as browsing asks it.
class ask final : public user, public lookup_user {
 public:
  ask(world& in, client& with, const script_line& line)
      : world_(in), client_(with), label_(label_of(line)), asked_{name_from(line, line.word(3)), {}} {
    line.only({"as", "timeout"});
    line.only_words(4, {"refresh"});
    asked_.type = type_from(line, line.word(2));
    deadline_ = in.boot() + line.duration("timeout", std::chrono::seconds(5));
    if (line.has_word("refresh")) mode_ = lookup_router::mode::refresh;
    out_.began = in.now();
  }
  ~ask() override { client_.router().forget(*this); }

  void start() override {
    client_.look_around();
    lookup_table::asked asked = client_.router().ask(asked_, deadline_, mode_, *this, world_.boot());
    if (asked.answer) {
      finish(*std::move(asked.answer));
    } else {
      waiter_ = asked.waiter;
    }
    client_.perform();
  }
  void cancel() override {
    if (is_done_) return;
    client_.router().leave(waiter_);
    lookup nothing;
    nothing.status = boost::asio::error::operation_aborted;
    finish(std::move(nothing));
    client_.perform();
  }
  void on_lookup(lookup_table::id, lookup answer, time_point) override { finish(std::move(answer)); }
  void on_time(time_point) override {}
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
  lookup_router::mode mode_ = lookup_router::mode::normal;
  lookup_table::id waiter_ = 0;
  outcome out_;
  bool is_done_ = false;
};

// A consumer that always waits for the next update.
class watch final : public watcher {
 public:
  watch(world& in, client& with, const script_line& line, milliseconds min_interval)
      : world_(in), client_(with), label_(label_of(line)), query_(query_from(line)), min_interval_(min_interval) {
    out_.began = in.now();
  }

  void start() override {
    client_.look_around();
    view_.emplace(client_.router(), query_, view_options{min_interval_, milliseconds::max()},
                  [this](boot_clock::time_point) { deliver(); });
    view_->warm(world_.boot());
    deliver();
    client_.perform();
  }
  void cancel() override {
    view_.reset();
    client_.perform();
  }
  std::optional<outcome> now() const override {
    outcome out = out_;
    out.found = *last_view_;
    return out;
  }
  bool is_endless() const override { return view_.has_value(); }
  bool is_busy() const override { return view_ && view_->is_walking(); }
  const std::vector<told_event>& told() const override { return told_; }

 private:
  void deliver() {
    last_view_ = view_->view();
    const auto update = view_->take(world_.boot());
    if (!update) return;
    out_.status = update->status;
    out_.ended = world_.now();
    for (const watch_event& e : update->events) {
      world_.note(fmt::format("{}: {}", label_, event_text(e)));
      told_.push_back({world_.now(), e});
    }
  }

  world& world_;
  client& client_;
  std::string label_;
  service_query query_;
  milliseconds min_interval_;
  std::optional<live_view> view_;  // until it is cancelled
  std::shared_ptr<const service> last_view_;
  outcome out_;
  std::vector<told_event> told_;
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

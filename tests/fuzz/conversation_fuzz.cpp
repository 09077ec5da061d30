// A whole conversation in virtual time: a zone that the octets describe, behind a scripted server
// that answers in wire format, and a resolution, a watcher or a connector's view on top. Whatever
// the records of the zone lead to, the memory stays below 64 MiB, the resolution ends at its
// deadline, and its result is in order.
#include "fuzz/require.hpp"
#include "resolver/view/live_view.hpp"
#include "resolver/view/resolve_task.hpp"
#include "sdconnect/resolver/service.hpp"
#include "support/heap_meter.hpp"
#include "support/message_builder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using sdconnect::fuzz::require;
using time_point = boot_clock::time_point;

namespace {

constexpr std::size_t most_memory = std::size_t{64} << 20;
constexpr std::size_t largest_message = 65000;

class octet_source {
 public:
  explicit octet_source(std::span<const std::uint8_t> octets) : rest_(octets) {}

  std::size_t below(std::size_t limit) {
    std::size_t value = 0;
    for (int i = 0; i < 2; ++i) {
      value = value << 8 | (rest_.empty() ? 0 : rest_.front());
      if (!rest_.empty()) rest_ = rest_.subspan(1);
    }
    return value % limit;
  }
  bool flag() { return below(2) == 1; }

 private:
  std::span<const std::uint8_t> rest_;
};

// Names: _x._tcp.z leads to iN._x._tcp.z, which is an alias of aN-1._x._tcp.z ... or has SRV records
// with the targets tN.z, which are aliases of bN-1.z ... or have addresses.
class zone_of_octets {
 public:
  explicit zone_of_octets(octet_source& from)
      : ttl_(static_cast<std::uint32_t>(from.below(3) == 0 ? 0 : from.below(120))),
        instances_(from.below(4000)),
        is_instance_(from.flag()),
        srv_(from.below(2900)),
        targets_(1 + from.below(30000)),
        is_srv_shared_(from.flag()),
        priorities_(1 + from.below(20)),
        copies_(1 + from.below(3)),
        srv_aliases_(from.below(11)),
        are_aliases_joined_(from.flag()),
        is_chain_whole_(from.flag()),
        target_aliases_(from.below(11)),
        addresses_(from.below(3) == 0 ? 1 : from.below(2000)),
        are_refused_(from.below(5) == 0),
        txt_size_(from.below(4) == 0 ? from.below(60000) : from.below(300)),
        txt_variants_(1 + from.below(3)),
        additional_(from.below(3) == 0 ? from.below(1500) : 0),
        trouble_(from.below(8)) {}

  [[nodiscard]] octets reply_to(const question& q) const {
    message_builder out(1);
    out.response().question(q.qname, q.type);
    const std::string label(q.qname.first_label());
    const std::size_t number = label.size() > 1 ? number_in(label, 1) : 0;
    if (is_in_trouble(label, number, out)) return out.bytes();
    if (label == "_x") {
      if (q.type == rr_type::ptr && !is_instance_) add_instances(out);
      if (q.type == rr_type::srv && is_instance_) add_srv(out, wire_name::pointer(12), 0);
    } else if (q.type == rr_type::srv || q.type == rr_type::txt) {
      add_instance_records(out, q.type, label, number);
    } else if (q.type == rr_type::a || q.type == rr_type::aaaa) {
      add_addresses(out, q.type, label, number);
    }
    return out.bytes();
  }

 private:
  static std::size_t number_in(const std::string& text, std::size_t at) {
    std::size_t value = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) value = value * 10 + text[at] - '0';
    return value;
  }
  static std::size_t step_in(const std::string& label) {
    const std::size_t dash = label.find('-');
    return dash == label.npos ? 0 : number_in(label, dash + 1);
  }
  static bool is_full(const message_builder& out, std::size_t more) { return out.offset() + more > largest_message; }

  // One name of eight fails, or says nothing.
  [[nodiscard]] bool is_in_trouble(const std::string& label, std::size_t number, message_builder& out) const {
    if (trouble_ < 4 || label == "_x" || number % 8 != 7) return false;
    if (trouble_ == 4) out.rcode(2);
    if (trouble_ == 5) out.rcode(3);
    return true;
  }
  void add_instances(message_builder& out) const {
    for (std::size_t i = 0; i < instances_ && !is_full(out, 40); ++i) {
      const std::string label = 'i' + std::to_string(i);
      out.answer(wire_name::pointer(12), rr_type::ptr, ttl_, wire_name::pointer(12, {label}).bytes);
    }
  }
  // The alias chain of an instance or a target; returns false if it goes on elsewhere.
  [[nodiscard]] bool follow(message_builder& out, std::size_t depth, std::size_t step, const std::string& prefix,
                            const std::string& suffix, std::string& owner) const {
    for (; step < depth; ++step) {
      const std::string next = prefix + '-' + std::to_string(step + 1) + suffix;
      out.answer(owner, rr_type::cname, ttl_, rdata_name(next));
      owner = next;
      if (!is_chain_whole_) return false;
    }
    return true;
  }
  void add_instance_records(message_builder& out, rr_type type, const std::string& label, std::size_t number) const {
    const std::string prefix = are_aliases_joined_ ? "a0" : 'a' + std::to_string(number);
    std::string owner = label + "._x._tcp.z";
    if (!follow(out, srv_aliases_, step_in(label), prefix, "._x._tcp.z", owner)) return;
    if (type == rr_type::srv) return add_srv(out, owner, are_aliases_joined_ ? 0 : number);
    for (std::size_t i = 0; i < txt_variants_ && !is_full(out, txt_size_ + 300); ++i) {
      octets rdata{static_cast<std::uint8_t>(2), 'a', static_cast<std::uint8_t>('0' + i)};
      while (rdata.size() + 256 <= txt_size_) {
        rdata.push_back(255);
        rdata.insert(rdata.end(), 255, 'x');
      }
      out.answer(owner, rr_type::txt, ttl_, rdata);
    }
  }
  void add_srv(message_builder& out, const wire_name& owner, std::size_t instance) const {
    const std::size_t first = is_srv_shared_ ? 0 : instance * srv_;
    for (std::size_t i = 0; i < srv_ && !is_full(out, 40); ++i) {
      const std::string target = 't' + std::to_string((first + i) % targets_) + ".z";
      const auto priority = static_cast<unsigned>((first + i) % priorities_);
      const octets rdata = rdata_srv(priority, i % 7, 1 + (first + i) % 65535, target);
      for (std::size_t copy = 0; copy < copies_; ++copy) out.answer(owner, rr_type::srv, ttl_, rdata);
    }
    for (std::size_t i = 0; i < additional_ && !is_full(out, 40); ++i) {
      out.additional('t' + std::to_string((first + i) % targets_) + ".z", rr_type::a, ttl_, {192, 0, 2, 1});
    }
  }
  void add_addresses(message_builder& out, rr_type type, const std::string& label, std::size_t number) const {
    std::string owner = label + ".z";
    if (!follow(out, target_aliases_, step_in(label), 'b' + std::to_string(number), ".z", owner)) return;
    for (std::size_t i = 0; i < addresses_ && !is_full(out, 60); ++i) {
      octets address(type == rr_type::a ? 4 : 16, 0);
      address[0] = are_refused_ ? 0 : 0x20;
      address[address.size() - 2] = static_cast<std::uint8_t>(i >> 8);
      address.back() = static_cast<std::uint8_t>(i);
      out.answer(owner, type, ttl_, address);
    }
  }

  std::uint32_t ttl_;
  std::size_t instances_;
  bool is_instance_;
  std::size_t srv_, targets_;
  bool is_srv_shared_;
  std::size_t priorities_, copies_, srv_aliases_;
  bool are_aliases_joined_, is_chain_whole_;
  std::size_t target_aliases_, addresses_;
  bool are_refused_;
  std::size_t txt_size_, txt_variants_, additional_, trouble_;
};

// Answers one query after the other: a small message takes 0.1 ms, a full one 20 ms.
class server {
 public:
  server(const zone_of_octets& zone, lookup_router& router) : zone_(zone), router_(router) {}

  void perform(time_point now) {
    for (;;) {
      lookup_router::actions next = router_.take_actions(now);
      if (next.send.empty() && next.cancel.empty()) return;
      for (const lookup_table::query_to_send& query : next.send) {
        if (queue_.empty()) begin(now, query);
        queue_.push_back(query);
      }
      for (const lookup_table::id gone : next.cancel) cancelled(gone, now);
    }
  }
  [[nodiscard]] std::optional<time_point> next_event() const {
    std::optional<time_point> first = router_.next_event();
    if (!queue_.empty()) first = std::min(ready_at_, first.value_or(ready_at_));
    return first;
  }
  void on_time(time_point now) {
    if (!queue_.empty() && ready_at_ <= now) {
      const lookup_table::query_to_send done = queue_.front();
      queue_.pop_front();
      query_result result;
      result.report.asked = done.asked;
      result.report.server = "scripted";
      const error_code unreadable = reader_.read(message_, done.asked, result.answer);
      require(!unreadable, "the zone's messages are readable");
      result.report.status = result.answer.status;
      if (!queue_.empty()) begin(now, queue_.front());
      router_.on_result(done.number, std::move(result), now);
    }
    router_.on_time(now);
  }

 private:
  void begin(time_point now, const lookup_table::query_to_send& query) {
    message_ = zone_.reply_to(query.asked);
    ready_at_ = now + std::chrono::microseconds(100) + std::chrono::nanoseconds(300) * message_.size();
  }
  void cancelled(lookup_table::id number, time_point now) {
    const auto gone = std::ranges::find(queue_, number, &lookup_table::query_to_send::number);
    if (gone == queue_.end()) return;
    const bool was_first = gone == queue_.begin();
    queue_.erase(gone);
    if (was_first && !queue_.empty()) begin(now, queue_.front());
  }

  const zone_of_octets& zone_;
  lookup_router& router_;
  std::deque<lookup_table::query_to_send> queue_;
  octets message_;
  time_point ready_at_{};
  answer_reader reader_;
};

void require_order(const service& found) {
  require(found.endpoints.size() <= max_endpoints, "the endpoints are capped");
  require(std::ranges::is_sorted(found.endpoints, is_listed_before), "the endpoints are in their order");
  const auto by_name = [](const service_instance& a, const service_instance& b) { return a.fullname < b.fullname; };
  require(std::ranges::is_sorted(found.instances, by_name), "the instances are in their order");
  require(found.warnings.size() < 110, "the warnings are capped");
  std::size_t addresses = 0, names = 0;
  for (const endpoint& e : found.endpoints) {
    require(e.addresses.size() <= max_addresses_per_target, "the addresses of a target are capped");
    addresses += e.addresses.size();
    names += e.instances.size();
  }
  require(addresses <= 100'000 + 16 * max_endpoints && names <= 2 * max_endpoints, "so are those of a service");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  octet_source from({data, size});
  service_query query = service_query::from_text("_x._tcp.z").value();
  query.timeout = std::chrono::seconds(2);
  query.want_txt = from.flag();
  query.same_domain = from.flag();
  if (from.flag()) query.default_port = 80;
  if (from.flag()) query.resolution_delay = std::chrono::milliseconds(50);
  const std::size_t way = from.below(3);
  const zone_of_octets zone(from);

  const heap_meter meter;
  time_point now{std::chrono::hours(1)};
  const time_point begin = now;
  lookup_router router({}, [state = 1u]() mutable { return state = state * 1664525u + 1013904223u; });
  server answers(zone, router);
  std::optional<resolve_task> task;
  std::optional<live_view> view;
  if (way == 0) {
    task.emplace(router, query, resolve_task::how{}, now);
    task->start(now, {});
  } else {
    const std::chrono::milliseconds keep = way == 1 ? std::chrono::milliseconds::max() : std::chrono::milliseconds(0);
    view.emplace(router, query, view_options{std::chrono::milliseconds(1000), keep}, [](time_point) {});
    view->warm(now);
  }
  answers.perform(now);
  const time_point end = begin + std::chrono::seconds(way == 0 ? 10 : 4);
  for (auto next = answers.next_event(); next && *next <= end; next = answers.next_event()) {
    now = std::max(now, *next);
    answers.on_time(now);
    answers.perform(now);
    if (task && task->is_done()) break;
  }
  if (task) {
    require(task->is_done(), "a resolution ends");
    require(now - begin <= query.timeout + lookup_grace, "it ends at its deadline");
    require_order(task->conclude(errc::query_timed_out).found);
  } else {
    (void)view->take(now);
    require_order(*view->view());
  }
  require(!heap_meter::is_counting() || meter.peak() <= most_memory, "the memory stays within its limit");
  return 0;
}

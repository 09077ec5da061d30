#include "resolver/view/view_difference.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace sdconnect::detail {
namespace {

template <class T>
using pointers = std::vector<const T*>;

template <class T, class Less>
pointers<T> sorted(const std::vector<T>& values, Less less) {
  pointers<T> out;
  out.reserve(values.size());
  for (const T& value : values) out.push_back(&value);
  std::sort(out.begin(), out.end(), [&](const T* a, const T* b) { return less(*a, *b); });
  return out;
}

template <class T>
bool is_same_set(const std::vector<T>& a, const std::vector<T>& b) {
  if (a == b) return true;
  if (a.size() != b.size()) return false;
  const auto less = [](const T& x, const T& y) { return x < y; };
  const auto is_same = [](const T* x, const T* y) { return *x == *y; };
  return std::ranges::equal(sorted(a, less), sorted(b, less), is_same);
}

bool is_before(const endpoint& a, const endpoint& b) {
  return std::tie(a.target, a.port, a.priority) < std::tie(b.target, b.port, b.priority);
}

using view = std::shared_ptr<const service>;

/// Events share the views that they compare: as copies, 20,000 endpoints would take 30 MiB.
class comparison {
 public:
  comparison(const view& before, const view& after) : before_(before), after_(after) {}

  std::vector<watch_event> differences() {
    compare_endpoints();
    compare_txt();
    return std::move(events_);
  }

 private:
  void compare(const endpoint& before, const endpoint& after);
  void compare_groups(std::span<const endpoint*> before, std::span<const endpoint*> after);
  void compare_endpoints();
  void compare_txt();

  template <class T>
  static std::shared_ptr<const T> part_of(const view& whole, const T& part) {
    return std::shared_ptr<const T>(whole, &part);
  }

  const view &before_, &after_;
  std::vector<watch_event> events_;
};

void comparison::compare(const endpoint& before, const endpoint& after) {
  watch_event event{.kind = watch_event_kind::changed};
  event.priority_changed = before.priority != after.priority;
  event.weight_changed = before.weight != after.weight;
  event.addresses_changed = !is_same_set(before.addresses, after.addresses);
  event.instances_changed = !is_same_set(before.instances, after.instances);
  if (!event.priority_changed && !event.weight_changed && !event.addresses_changed && !event.instances_changed) return;
  event.before = part_of(before_, before);
  event.after = part_of(after_, after);
  events_.push_back(std::move(event));
}

// One (target, port): usually one endpoint on each side.
void comparison::compare_groups(std::span<const endpoint*> before, std::span<const endpoint*> after) {
  pointers<endpoint> old_left, new_left;
  while (!before.empty() && !after.empty()) {
    const endpoint& a = *before.front();
    const endpoint& b = *after.front();
    if (a.priority == b.priority) compare(a, b);
    if (a.priority < b.priority) old_left.push_back(&a);
    if (a.priority > b.priority) new_left.push_back(&b);
    if (a.priority <= b.priority) before = before.subspan(1);
    if (a.priority >= b.priority) after = after.subspan(1);
  }
  old_left.insert(old_left.end(), before.begin(), before.end());
  new_left.insert(new_left.end(), after.begin(), after.end());
  const std::size_t moved = std::min(old_left.size(), new_left.size());
  for (std::size_t i = 0; i < moved; ++i) compare(*old_left[i], *new_left[i]);
  for (std::size_t i = moved; i < old_left.size(); ++i) {
    events_.push_back({.kind = watch_event_kind::removed, .before = part_of(before_, *old_left[i])});
  }
  for (std::size_t i = moved; i < new_left.size(); ++i) {
    events_.push_back({.kind = watch_event_kind::added, .after = part_of(after_, *new_left[i])});
  }
}

void comparison::compare_endpoints() {
  pointers<endpoint> was = sorted(before_->endpoints, is_before);
  pointers<endpoint> is = sorted(after_->endpoints, is_before);
  auto a = was.begin();
  auto b = is.begin();
  while (a != was.end() || b != is.end()) {
    const endpoint& first = b == is.end() || (a != was.end() && endpoint_key(**a) < endpoint_key(**b)) ? **a : **b;
    const auto is_other = [&](const endpoint* e) { return endpoint_key(*e) != endpoint_key(first); };
    const auto a_end = std::find_if(a, was.end(), is_other);
    const auto b_end = std::find_if(b, is.end(), is_other);
    compare_groups({a, a_end}, {b, b_end});
    a = a_end;
    b = b_end;
  }
}

void comparison::compare_txt() {
  const auto by_name = [](const service_instance& x, const service_instance& y) { return x.fullname < y.fullname; };
  const pointers<service_instance> was = sorted(before_->instances, by_name);
  for (const service_instance* now : sorted(after_->instances, by_name)) {
    const auto found =
        std::lower_bound(was.begin(), was.end(), now, [&](const auto* x, const auto* y) { return by_name(*x, *y); });
    if (found == was.end() || (*found)->fullname != now->fullname || (*found)->txt == now->txt) continue;
    events_.push_back({.kind = watch_event_kind::txt_changed,
                       .instance_before = part_of(before_, **found),
                       .instance_after = part_of(after_, *now)});
  }
}

}  // namespace

std::vector<watch_event> differences(const view& before, const view& after) {
  return comparison(before, after).differences();
}

}  // namespace sdconnect::detail

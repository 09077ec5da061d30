#include "resolver/walk/endpoint_table.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::size_t most_instance_names = 2 * max_endpoints;

// One set of records and the instances that have it.
struct shared_records {
  const srv_set* records = nullptr;
  std::chrono::seconds ttl = std::chrono::seconds::max();
  std::vector<const name*> instances;
  std::uint64_t count = 0;  // of the instances, those without a name included
};

struct row {
  const srv_record* record = nullptr;
  const shared_records* from = nullptr;
};

// The rows of one endpoint.
struct merged_rows {
  std::span<const row> rows;
  std::uint32_t weight = 0;

  [[nodiscard]] const srv_record& first() const noexcept { return *rows.front().record; }
};

bool is_named_before(const name* a, const name* b) { return *a < *b; }

auto identity(const row& r) { return std::tie(r.record->priority, r.record->target, r.record->port); }

std::vector<shared_records> grouped(std::span<const instance_records> instances) {
  std::vector<const instance_records*> order;
  order.reserve(instances.size());
  for (const instance_records& one : instances) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const instance_records* a, const instance_records* b) {
    return std::less<>()(a->records.get(), b->records.get());
  });
  std::vector<shared_records> groups;
  for (const instance_records* one : order) {
    if (groups.empty() || groups.back().records != one->records.get())
      groups.push_back({one->records.get(), {}, {}, 0});
    shared_records& group = groups.back();
    group.ttl = group.count == 0 ? one->ttl : std::min(group.ttl, one->ttl);
    ++group.count;
    if (one->instance) group.instances.push_back(&*one->instance);
  }
  for (shared_records& group : groups) std::sort(group.instances.begin(), group.instances.end(), is_named_before);
  return groups;
}

std::vector<row> rows_of(const std::vector<shared_records>& groups) {
  std::vector<row> rows;
  for (const shared_records& group : groups) {
    for (const srv_record& record : *group.records) rows.push_back({&record, &group});
  }
  std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) { return identity(a) < identity(b); });
  return rows;
}

std::uint32_t weight_of(std::span<const row> rows) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t sum = 0;
  for (const row& r : rows) sum = std::min(most, sum + r.record->weight * r.from->count);
  return static_cast<std::uint32_t>(sum);
}

// In the order of is_listed_before().
std::vector<merged_rows> merged(std::span<const row> rows) {
  std::vector<merged_rows> all;
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last = std::find_if(first, rows.end(), [&](const row& r) { return identity(r) != identity(*first); });
    all.push_back({{first, last}, weight_of({first, last})});
    first = last;
  }
  std::sort(all.begin(), all.end(), [](const merged_rows& a, const merged_rows& b) {
    const srv_record &x = a.first(), &y = b.first();
    return std::tie(x.priority, b.weight, x.target, x.port) < std::tie(y.priority, a.weight, y.target, y.port);
  });
  return all;
}

// Lists the first `most` names in their order; returns the number of those left out. The first
// `most` of each group are enough for that.
std::size_t list_instances(std::span<const row> rows, std::size_t most, std::vector<name>& into) {
  std::vector<const shared_records*> groups;
  for (const row& r : rows) groups.push_back(r.from);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::vector<const name*> first;
  std::size_t count = 0;
  for (const shared_records* group : groups) {
    const std::size_t taken = std::min(group->instances.size(), most);
    first.insert(first.end(), group->instances.begin(), group->instances.begin() + static_cast<std::ptrdiff_t>(taken));
    count += group->instances.size();
  }
  std::sort(first.begin(), first.end(), is_named_before);
  first.resize(std::min(first.size(), most));
  into.reserve(first.size());
  for (const name* instance : first) into.push_back(*instance);
  return count - first.size();
}

void set_addresses(endpoint& e, const target_addresses* target, address_budget& budget, std::size_t& left_out) {
  if (target == nullptr) {
    e.unresolved = errc::no_data;
    return;
  }
  e.ttl = std::min(e.ttl, target->ttl);
  std::vector<ip_address> admitted;
  for (const ip_address& address : target->addresses) {
    if (budget.admit(admitted, address.family())) {
      admitted.push_back(address);
    } else {
      ++left_out;
    }
  }
  e.addresses.assign(admitted.begin(), admitted.end());  // without spare capacity
  if (e.addresses.empty()) e.unresolved = target->unresolved ? target->unresolved : errc::no_data;
}

}  // namespace

void sort_by_target(std::vector<target_addresses>& targets) {
  std::ranges::sort(
      targets, [](const name& a, const name& b) { return a < b; }, &target_addresses::target);
}

const target_addresses* find_target(std::span<const target_addresses> sorted, const name& target) {
  const auto at = std::ranges::lower_bound(
      sorted, target, [](const name& a, const name& b) { return a < b; }, &target_addresses::target);
  return at == sorted.end() || at->target != target ? nullptr : &*at;
}

bool address_budget::admit(const std::vector<ip_address>& to, ip_family family) {
  const bool fits = count_ < most || std::cmp_less(std::ranges::count(to, family, &ip_address::family), few);
  if (fits) ++count_;
  return fits;
}

endpoint_table make_endpoints(std::span<const instance_records> instances,
                              std::span<const target_addresses> sorted_targets) {
  const std::vector<shared_records> groups = grouped(instances);
  const std::vector<row> rows = rows_of(groups);
  std::vector<merged_rows> listed = merged(rows);

  endpoint_table out;
  out.over_limit = listed.size() > max_endpoints ? listed.size() - max_endpoints : 0;
  listed.resize(listed.size() - out.over_limit);
  const std::size_t most_names =
      std::max<std::size_t>(1, most_instance_names / std::max<std::size_t>(1, listed.size()));
  address_budget budget;
  out.endpoints.reserve(listed.size());
  for (const merged_rows& from : listed) {
    const srv_record& record = from.first();
    endpoint e{record.target, record.port, record.priority, from.weight, {}, {}, std::chrono::seconds::max(), {}};
    for (const row& r : from.rows) e.ttl = std::min(e.ttl, r.from->ttl);
    out.instances_left_out += list_instances(from.rows, most_names, e.instances);
    set_addresses(e, find_target(sorted_targets, e.target), budget, out.addresses_left_out);
    out.endpoints.push_back(std::move(e));
  }
  return out;
}

}  // namespace sdconnect::detail

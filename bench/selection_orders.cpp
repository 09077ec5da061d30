#include "selection_orders.hpp"

#include "selection_sets.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace sdconnect::bench {
namespace {

class our_order final : public order_maker {
 public:
  explicit our_order(std::span<const endpoint> endpoints) : drawer_(endpoints, selection_policy::rfc2782) {}
  std::span<const std::uint32_t> draw(random_engine& random) override { return drawer_.draw(random); }

 private:
  order_drawer drawer_;
};

struct record {
  std::uint32_t index, weight;
};

/// What the rivals share: buffers that are used again, and the generator in registers.
class rival_order : public order_maker {
 public:
  explicit rival_order(std::span<const endpoint> endpoints) : order_(endpoints.size()) {
    for (std::uint32_t i = 0; i < endpoints.size(); ++i) records_.push_back({i, endpoints[i].weight});
  }

  std::span<const std::uint32_t> draw(random_engine& random) override {
    random_engine local = random;
    draw_into_order(local);
    random = local;
    return order_;
  }

 protected:
  virtual void draw_into_order(random_engine& random) = 0;

  std::vector<record> records_, left_;
  std::vector<std::uint32_t> order_;
};

std::uint64_t sum_of(std::span<const record> records) {
  std::uint64_t sum = 0;
  for (const record& each : records) sum += each.weight;
  return sum;
}

/// RFC 2782 word by word: shuffle, sum up, draw, walk, erase.
class textbook final : public rival_order {
  using rival_order::rival_order;
  void draw_into_order(random_engine& random) override {
    left_ = records_;
    for (std::size_t i = left_.size(); i > 1; --i) std::swap(left_[i - 1], left_[uniform_below(random, i)]);
    for (std::uint32_t& next : order_) {
      const std::uint64_t drawn = uniform_below(random, sum_of(left_) + 1);
      auto at = left_.begin();
      for (std::uint64_t running = at->weight; running < drawn; running += at->weight) ++at;
      next = at->index;
      left_.erase(at);
    }
  }
};

/// As Go's net/dnsclient.go shuffleByWeight: what is drawn changes places with the first.
class swap_shuffle final : public rival_order {
  using rival_order::rival_order;
  void draw_into_order(random_engine& random) override {
    left_ = records_;
    std::span<record> left = left_;
    for (std::uint64_t sum = sum_of(left); sum > 0 && left.size() > 1; left = left.subspan(1)) {
      const std::uint64_t drawn = uniform_below(random, sum);
      std::size_t at = 0;
      for (std::uint64_t running = left[0].weight; running <= drawn; running += left[at].weight) ++at;
      std::swap(left[0], left[at]);
      sum -= left[0].weight;
    }
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = left_[i].index;
  }
};

/// Efraimidis and Spirakis: sorted by -log(u) / w, the key a float in the upper half of a word, the index in the lower.
/// A positive float is ordered as its bits are.
class sorted_keys final : public rival_order {
  using rival_order::rival_order;
  void draw_into_order(random_engine& random) override {
    keys_.clear();
    for (const record& each : records_) {
      const float uniform = (static_cast<float>(random() >> 40) + 0.5F) * 0x1p-24F;
      const float key = -std::log(uniform) / static_cast<float>(each.weight);
      keys_.push_back(std::uint64_t{std::bit_cast<std::uint32_t>(key)} << 32 | each.index);
    }
    std::sort(keys_.begin(), keys_.end());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(keys_[i]);
  }

  std::vector<std::uint64_t> keys_;
};

/// Running sums in a binary indexed tree (Fenwick): exact, a logarithm for each draw.
class fenwick final : public rival_order {
  using rival_order::rival_order;
  void draw_into_order(random_engine& random) override {
    const std::size_t count = records_.size(), top = std::bit_floor(count);
    sums_.assign(count + 1, 0);
    for (std::size_t i = 1; i <= count; ++i) {
      sums_[i] += records_[i - 1].weight;
      const std::size_t above = i + (i & (0 - i));
      if (above <= count) sums_[above] += sums_[i];
    }
    std::uint64_t sum = sum_of(records_);
    for (std::uint32_t& next : order_) {
      std::uint64_t drawn = uniform_below(random, sum);
      std::size_t at = 0;
      for (std::size_t step = top; step > 0; step /= 2) {
        if (at + step > count || sums_[at + step] > drawn) continue;
        at += step;
        drawn -= sums_[at];
      }
      const record& taken = records_[at];
      next = taken.index;
      sum -= taken.weight;
      for (std::size_t i = at + 1; i <= count; i += i & (0 - i)) sums_[i] -= taken.weight;
    }
  }

  std::vector<std::uint64_t> sums_;
};

template <class Maker>
std::unique_ptr<order_maker> make(std::span<const endpoint> endpoints) {
  return std::make_unique<Maker>(endpoints);
}

}  // namespace

std::vector<order_rival> order_rivals() {
  using enum selection_policy;
  return {
      {"sdconnect", make<our_order>, rfc2782},
      {"textbook, erase from vector", make<textbook>, rfc2782, true},
      {"swap shuffle", make<swap_shuffle>, weighted, true},
      {"sorted float keys", make<sorted_keys>, weighted},
      {"Fenwick tree", make<fenwick>, weighted},
  };
}

}  // namespace sdconnect::bench

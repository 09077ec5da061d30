/// \file
/// An object that repeatedly chooses one of a set.
#pragma once

#include "bench/support/goals.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::bench {

class chooser {
 public:
  chooser() = default;
  chooser(const chooser&) = delete;
  chooser& operator=(const chooser&) = delete;
  virtual ~chooser() = default;

  /// The loop to measure.
  virtual void choose(std::size_t times) = 0;
  /// Returns the index of one choice.
  virtual std::size_t choose_one() = 0;
};

/// `Choose` takes no arguments; `index_of` converts its result to an index.
template <class Choose, class IndexOf>
class chooser_of final : public chooser {
 public:
  chooser_of(Choose choose, IndexOf index_of) : choose_(std::move(choose)), index_of_(std::move(index_of)) {}

  void choose(std::size_t times) override {
    for (std::size_t i = 0; i < times; ++i) keep(choose_());
  }
  std::size_t choose_one() override { return index_of_(choose_()); }

 private:
  Choose choose_;
  IndexOf index_of_;
};

template <class Choose, class IndexOf>
std::unique_ptr<chooser> make_chooser(Choose choose, IndexOf index_of) {
  return std::make_unique<chooser_of<Choose, IndexOf>>(std::move(choose), std::move(index_of));
}
template <class Choose>
std::unique_ptr<chooser> make_chooser(Choose choose) {
  return make_chooser(std::move(choose), [](auto index) { return static_cast<std::size_t>(index); });
}

struct rival {
  std::string name;
  std::unique_ptr<chooser> (*make)(std::span<const endpoint> endpoints);
  bool is_shared = false;  ///< between threads; otherwise each thread needs its own
  bool is_linear = false;  ///< its cost grows with the set
};

/// The first one is the minimum: an alias table and a generator, nothing else.
[[nodiscard]] std::vector<rival> pick_rivals();

/// The alias table of the minimum; also the reference for publishing.
class bare_alias_table {
 public:
  explicit bare_alias_table(std::span<const std::uint32_t> weights);

  template <class Generator>
  [[nodiscard]] std::uint32_t pick(Generator& random) const noexcept {
    const unsigned_int128 product = unsigned_int128{random()} * columns_.size();
    const auto own = static_cast<std::uint32_t>(product >> 64);
    const auto [threshold, alias] = columns_[own];
    std::uint32_t mask = 0U - static_cast<std::uint32_t>(static_cast<std::uint32_t>(product >> 32) < threshold);
    asm("" : "+r"(mask));
    return (own & mask) | (alias & ~mask);
  }

 private:
  __extension__ typedef unsigned __int128 unsigned_int128;
  struct column {
    std::uint32_t threshold, alias;
  };
  std::vector<column> columns_;
};

}  // namespace sdconnect::bench

/// \file
/// The waiting candidates of a race, in their order.
#pragma once

#include <cstddef>
#include <iterator>
#include <vector>

namespace sdconnect::detail {

/// A vector with cheap removal at the front: a std::deque allocates twice before it holds anything.
class candidate_queue {
 public:
  using iterator = std::vector<std::size_t>::iterator;

  void reserve(std::size_t count) { items_.reserve(items_.size() + count); }
  void push_back(std::size_t candidate) { items_.push_back(candidate); }
  [[nodiscard]] bool empty() const noexcept { return taken_ == items_.size(); }
  /// REQUIRES: !empty()
  [[nodiscard]] std::size_t front() const noexcept { return items_[taken_]; }
  /// REQUIRES: !empty()
  void pop_front() noexcept { ++taken_; }

  [[nodiscard]] iterator begin() noexcept { return items_.begin() + static_cast<std::ptrdiff_t>(taken_); }
  [[nodiscard]] iterator end() noexcept { return items_.end(); }
  [[nodiscard]] auto rbegin() noexcept { return items_.rbegin(); }
  [[nodiscard]] auto rend() noexcept { return std::make_reverse_iterator(begin()); }

  template <class Iterator>
  void insert(iterator at, Iterator first, Iterator last) {
    items_.insert(at, first, last);
  }
  void erase(iterator at) { erase(at, at + 1); }
  /// Elements in front are only skipped.
  void erase(iterator first, iterator last) {
    if (first == begin()) {
      taken_ += static_cast<std::size_t>(last - first);
    } else {
      items_.erase(first, last);
    }
  }

 private:
  std::vector<std::size_t> items_;
  std::size_t taken_ = 0;  // number of items removed from the front
};

}  // namespace sdconnect::detail

/// \file
/// The questions of a walk that stayed unanswered, grouped for warnings that name them.
#pragma once

#include "sdconnect/dns/records.hpp"
#include "sdconnect/transport/query_report.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::detail {

/// " (EDE 7 (Signature Expired): text)" for each extended error of the report; escaped.
[[nodiscard]] std::string said_in(const query_report& report);

/// Null if there is none.
[[nodiscard]] const query_report* report_of(const question& asked, std::span<const query_report> reports) noexcept;

/// A warning names at most so many, and counts the rest.
inline constexpr std::size_t most_unanswered_named = 5;

class unanswered_parts {
 public:
  /// `reason` may be unknown; the report of the question then tells it.
  void note(const name& owner, rr_type type, error_code reason);

  /// One warning for each type and reason, in the order of the first of each. A caller that connects
  /// has enough: it gets no warning about TXT records, nor about addresses (FAULTS O10).
  [[nodiscard]] std::vector<std::string> warnings(std::span<const query_report> reports, bool connects) const;

 private:
  struct group {
    rr_type type{};
    error_code reason;
    std::vector<name> named;  // the first few
    std::size_t count = 0;
  };

  [[nodiscard]] static std::string names_in(const group& of);
  [[nodiscard]] static std::string reason_of(const group& of, std::span<const query_report> reports);

  std::vector<group> groups_;
};

}  // namespace sdconnect::detail

/// \file
/// The output of `sd-connect demo`, and whether all its checks passed.
#pragma once

#include "program/output.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/net/random.hpp"
#include "sdconnect/resolver/service.hpp"
#include "text/table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Enough picks to show the shares.
inline constexpr std::uint64_t demo_pick_count = 10'000;

/// Prints on stdout immediately; throws like print.
class demo_report {
 public:
  explicit demo_report(const appearance& look) noexcept : look_(look) {}

  void title(std::string_view text);
  void heading(std::string_view text);
  void line(std::string_view text);
  /// Prints an empty line, unless the last line is empty.
  void gap();
  /// Breaks the text between words to fit 80 columns.
  void paragraph(std::string_view text);
  void show(const table& rows);
  /// Prints each line with a bar in front, as received and therefore escaped.
  void page(std::string_view text);
  void command(std::string_view text);

  void queries(std::span<const query_report> asked);
  void instances(const service& found);
  void attempts(const connection& made);
  struct agreement {
    bool holds = false;
    std::string text;  ///< "chi-square p = 0.532"
  };
  /// Draws `count` times, prints the counts beside the shares, and returns whether they agree.
  agreement picks(const service& found, const options& opts, std::uint64_t count, random_engine& random);

  void check(bool holds, std::string_view what);
  [[nodiscard]] unsigned checks() const noexcept { return checks_; }
  [[nodiscard]] unsigned failed() const noexcept { return failed_; }

 private:
  void styled(std::string_view style, std::string_view text);

  appearance look_;
  bool has_gap_ = true;
  unsigned checks_ = 0;
  unsigned failed_ = 0;
};

}  // namespace sdconnect::cli

/// \file
/// Splits a master file (RFC 1035 §5.1) into its logical lines and their tokens. What a token means
/// is the reader's matter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::detail {

/// What is wrong with a zone; thrown inside the zone code only, `zone::parse` makes a load_error of
/// it.
struct zone_fault {
  int line;  ///< counted from 1; 0 for the file as a whole
  std::string reason;
};

/// Comments are gone, parentheses have joined the lines between them. Tokens are views of the text
/// with quotes and escapes intact.
struct zone_line {
  int number = 0;             ///< where it begins
  bool begins_blank = false;  ///< the owner is the one of the record before
  std::vector<std::string_view> tokens;
};

class zone_text {
 public:
  /// The text must outlive this and every line.
  explicit zone_text(std::string_view text);

  /// The next line that has tokens; nullopt at the end. Throws zone_fault.
  std::optional<zone_line> next();

 private:
  std::string_view take_token();

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace sdconnect::detail

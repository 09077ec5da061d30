/// \file
/// Splits a master file (RFC 1035 §5.1) into its logical lines and their tokens. The reader
/// interprets the tokens.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::detail {

/// An error in a zone. Only the zone code throws it; `zone::parse` converts it to a load_error.
struct zone_fault {
  int line;  ///< counted from 1; 0 for the whole file
  std::string reason;
};

/// A line without comments, with the lines between parentheses joined. Tokens are views of the
/// text, with quotes and escapes intact.
struct zone_line {
  int number = 0;             ///< line at which it begins
  bool begins_blank = false;  ///< the owner is that of the previous record
  std::vector<std::string_view> tokens;
};

class zone_text {
 public:
  /// The text must outlive this object and every line.
  explicit zone_text(std::string_view text);

  /// Returns the next line that has tokens; nullopt at the end. Throws zone_fault.
  std::optional<zone_line> next();

 private:
  std::string_view take_token();

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace sdconnect::detail

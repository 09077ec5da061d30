#include "program/report.hpp"

#include "net/base/printable.hpp"

#include <algorithm>
#include <cstdio>

namespace sdconnect::cli {
namespace {

// Long enough to recognise an argument or a name.
constexpr std::size_t quote_limit = 80;

std::string_view name_in_front;

}  // namespace

std::string in_quotes(std::string_view text) {
  if (text.size() <= quote_limit) return "'" + detail::escaped(text) + "'";
  std::size_t end = 0;
  while (end < quote_limit) {  // does not cut inside a character
    const std::size_t length = std::max<std::size_t>(detail::printable_length(text.substr(end)), 1);
    if (end + length > quote_limit) break;
    end += length;
  }
  return "'" + detail::escaped(text.substr(0, end)) + "...'";
}

failure fail(exit_code code, std::string_view what, std::string_view where, std::string_view hint) {
  std::string line(what);
  for (std::string_view part : {where, hint}) {
    if (part.empty()) continue;
    line += ": ";
    line += part;
  }
  return {code, line, {std::string(what), std::string(where), std::string(hint)}};
}

void name_program(std::string_view name) noexcept { name_in_front = name; }

void print_failure(std::string_view line) {
  std::string safe = std::string(name_in_front) + ": ";
  while (!line.empty()) {
    const std::size_t length = detail::printable_length(line);
    if (length == 0)
      safe += '?';
    else
      safe += line.substr(0, length);
    line.remove_prefix(std::max<std::size_t>(length, 1));
  }
  safe += '\n';
  // Uses one write, so that the lines of several processes do not mix.
  std::fwrite(safe.data(), 1, safe.size(), stderr);
  std::fflush(stderr);
}

}  // namespace sdconnect::cli

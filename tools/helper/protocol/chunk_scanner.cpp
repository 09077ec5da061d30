#include "helper/protocol/chunk_scanner.hpp"

#include "net/base/ascii.hpp"

#include <algorithm>

namespace sdconnect::helper {
namespace {

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f; }

}  // namespace

std::size_t chunk_scanner::take(std::string_view octets) {
  std::size_t taken = 0;
  while (taken < octets.size() && !is_done() && !has_failed()) {
    if (next_ != part::data) {
      take_one(octets[taken++]);
      continue;
    }
    const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size() - taken));
    left_ -= run;
    taken += run;
    if (left_ == 0) next_ = part::data_cr;
  }
  return taken;
}

void chunk_scanner::take_one(char c) {
  const auto expect = [&](char wanted, part then) { next_ = c == wanted ? then : part::failed; };
  const auto take_line = [&](part at_cr) {
    if (c == '\r')
      next_ = at_cr;
    else if (is_control(c) || ++line_octets_ > max_line_octets)
      next_ = part::failed;
  };
  switch (next_) {
    case part::size: return take_size(c);
    case part::extension: return take_line(part::size_lf);
    case part::size_lf:
      digits_ = 0;
      line_octets_ = 0;
      return expect('\n', left_ == 0 ? part::trailer : part::data);
    case part::data_cr: return expect('\r', part::data_lf);
    case part::data_lf: return expect('\n', part::size);
    case part::trailer:
      if (c != '\r') line_is_empty_ = false;
      return take_line(part::trailer_lf);
    case part::trailer_lf:
      expect('\n', line_is_empty_ ? part::done : part::trailer);
      line_is_empty_ = true;
      return;
    case part::data:
    case part::done:
    case part::failed: return;
  }
}

void chunk_scanner::take_size(char c) {
  if (const int digit = detail::hex_value(c); digit >= 0) {
    left_ = left_ * 16 + static_cast<unsigned>(digit);
    if (++digits_ > max_digits) next_ = part::failed;
  } else if (digits_ > 0 && (c == '\r' || c == ';')) {
    next_ = c == '\r' ? part::size_lf : part::extension;
  } else {
    next_ = part::failed;
  }
}

}  // namespace sdconnect::helper

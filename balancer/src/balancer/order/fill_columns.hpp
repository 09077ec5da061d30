/// \file
/// Fills alias tables (Walker; Vose).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::detail {

/// Fills `count` columns of the same capacity: calls write(column, own, alias) once for each. `own`
/// is the part of a column's own mass that stays in it; the rest of the column belongs to `alias`.
/// Vose's method: a column with room is filled up with the excess of another. A column gives until
/// it has room itself, and the next one then fills it up; so the mass of the giving column stays in
/// a register. All sums are exact, so that exactly full columns remain at the end. O(n). REQUIRES:
/// count > 0; mass_of(0) to mass_of(count - 1) sum to count * capacity.
template <class Mass, class MassOf, class Write>
void fill_columns(std::size_t count, Mass capacity, std::vector<std::uint32_t>& buffer, MassOf mass_of, Write write) {
  // Columns with room are stored from the front, the others from the back. Each column is written
  // to both ends, because the CPU could not predict a branch between them.
  if (buffer.size() < count) buffer.resize(count);
  std::uint32_t* const waiting = buffer.data();
  std::size_t room_end = 0, giver_begin = count;
  for (std::size_t column = 0; column < count; ++column) {
    const std::size_t has_room = mass_of(column) < capacity ? 1 : 0;
    waiting[room_end] = waiting[giver_begin - 1] = static_cast<std::uint32_t>(column);
    room_end += has_room;
    giver_begin -= 1 - has_room;
  }

  const std::uint32_t* next = waiting;
  const std::uint32_t* const no_more = waiting + room_end;
  std::size_t last_giver = count - 1;
  std::uint32_t giver = waiting[last_giver];
  Mass left = mass_of(giver);
  for (;;) {
    for (; left >= capacity && next != no_more; ++next) {
      const Mass own = mass_of(*next);
      write(*next, own, giver);
      left -= capacity - own;
    }
    if (left >= capacity) break;
    const std::uint32_t another = waiting[--last_giver];
    write(giver, left, another);
    left = mass_of(another) - (capacity - left);
    giver = another;
  }
  for (std::size_t full = giver_begin; full <= last_giver; ++full) write(waiting[full], capacity, waiting[full]);
}

}  // namespace sdconnect::detail

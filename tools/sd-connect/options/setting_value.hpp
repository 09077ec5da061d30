/// \file
/// The value of a setting, or a failure that names its source.
#pragma once

#include "program/parse.hpp"
#include "program/report.hpp"
#include "program/settings.hpp"
#include "program/value_text.hpp"

namespace sdconnect::cli {

/// The layers of an invocation.
[[nodiscard]] inline layers layers_of(const invocation& said) {
  return layers({&said.given.flags, &said.from_environment, &said.from_file.values});
}

/// Throws failure with the blame of the setting.
[[noreturn]] inline void refuse(const setting& said, const value_fault& fault) {
  throw fail(said.blame, fault.what, said.where + " " + in_quotes(said.text), fault.hint);
}

template <class T>
[[nodiscard]] T value_or_refuse(const setting& said, const parsed<T>& value) {
  if (!value) refuse(said, value.error());
  return *value;
}

}  // namespace sdconnect::cli

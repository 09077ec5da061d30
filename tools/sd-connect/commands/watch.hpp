/// \file
/// Formats changes of a service, apart from watching it.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// '+' added, '-' removed, '~' changed, '!' unknown or stale, '=' known again.
[[nodiscard]] char sign_of(watch_event_kind kind) noexcept;
/// The name of the enumerator: "added", "txt_changed", ...
[[nodiscard]] std::string_view event_name(watch_event_kind kind) noexcept;

/// The line before all changes; only CSV has one.
[[nodiscard]] std::string changes_header(output_format format);
/// One line. `view` is the service after the change, `time` is in the form of detail::utc_text().
[[nodiscard]] std::string change_line(output_format format, const watch_event& event, const service& view,
                                      std::string_view time, bool colored);

}  // namespace sdconnect::cli

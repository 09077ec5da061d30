#include "program/daemon/log.hpp"

#include "net/base/printable.hpp"
#include "net/base/utc_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

namespace json = boost::json;

// The numbers of syslog(3).
int priority_of(log_level level) noexcept {
  switch (level) {
    case log_level::error: return 3;
    case log_level::warning: return 4;
    case log_level::info: return 6;
    case log_level::debug: return 7;
  }
  return 3;
}

// In quotes where it would not be one word, so that a value cannot pass for other fields.
std::string text_value(std::string_view value) {
  const std::string shown = detail::escaped(value);
  if (!shown.empty() && shown.find_first_of(" \"=[]") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string text_line(const log_record& record, log_prefix prefix, std::chrono::system_clock::time_point time) {
  std::string line;
  if (prefix.has_priority) line += fmt::format("<{}>", priority_of(record.level));
  if (prefix.has_time) line += detail::utc_text(time) + ' ';
  if (!prefix.has_priority) line += fmt::format("{} ", to_string(record.level));
  if (!record.id.empty()) line += fmt::format("[{}] ", detail::escaped(record.id));
  line += detail::escaped(record.message);
  for (const log_field& field : record.fields) {
    const auto* number = std::get_if<std::uint64_t>(&field.value);
    line +=
        fmt::format(" {}={}", field.key,
                    number != nullptr ? std::to_string(*number) : text_value(std::get<std::string_view>(field.value)));
  }
  return line + '\n';
}

std::string json_line(const log_record& record, log_prefix prefix, std::chrono::system_clock::time_point time) {
  json::object object;
  if (prefix.has_time) object["time"] = detail::utc_text(time);
  object["level"] = to_string(record.level);
  if (!record.id.empty()) object["id"] = detail::escaped(record.id);
  object["message"] = detail::escaped(record.message);
  for (const log_field& field : record.fields) {
    const auto* number = std::get_if<std::uint64_t>(&field.value);
    object[field.key] = number != nullptr ? json::value(*number)
                                          : json::value(detail::escaped(std::get<std::string_view>(field.value)));
  }
  return json::serialize(object) + '\n';
}

}  // namespace

std::string_view to_string(log_level level) noexcept {
  switch (level) {
    case log_level::error: return "error";
    case log_level::warning: return "warning";
    case log_level::info: return "info";
    case log_level::debug: return "debug";
  }
  return "error";
}

std::string log_line(const log_record& record, log_format format, log_prefix prefix,
                     std::chrono::system_clock::time_point time) {
  return format == log_format::json ? json_line(record, prefix, time) : text_line(record, prefix, time);
}

logger::logger(const log_options& options, int descriptor) : options_(options), descriptor_(descriptor) {
  if (options.format == log_format::text && is_journal(descriptor)) prefix_ = {.has_time = false, .has_priority = true};
}

void logger::write(log_level level, std::string_view id, std::string_view message,
                   std::initializer_list<log_field> fields) const {
  if (!is_enabled(level)) return;
  const std::string line =
      log_line({.level = level, .id = id, .message = message, .fields = {fields.begin(), fields.size()}},
               options_.format, prefix_, std::chrono::system_clock::now());
  static_cast<void>(!::write(descriptor_, line.data(), line.size()));
}

bool is_journal(int descriptor) noexcept {
  const char* stream = secure_getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && ::fstat(descriptor, &status) == 0 &&
         fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

}  // namespace sdconnect::cli

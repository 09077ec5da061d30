// Only this file includes toml++, which takes four seconds to compile.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0

#include "program/config_file.hpp"

#include "net/base/printable.hpp"
#include "net/io/read_file.hpp"
#include "program/report.hpp"
#include "program/spelling.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

// A configuration file has a few hundred octets; a larger file was given by mistake.
constexpr std::size_t largest_file = 1 << 20;
constexpr const char* file_name = "config.toml";

class reader {
 public:
  reader(const description& program, std::string file) : program_(program), file_(std::move(file)) {}

  config read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (!program_.tables.name.empty() && key.str() == program_.tables.name)
        read_tables(node);
      else
        read_option(key, node);
    }
    return std::move(config_);
  }

  [[noreturn]] void refuse(const toml::source_region& at, std::string_view what, std::string_view hint) const {
    throw fail(exit_code::configuration, what, place(at), hint);
  }

 private:
  [[nodiscard]] std::string place(const toml::source_region& at) const {
    return fmt::format("{}:{}:{}", detail::escaped(file_), at.begin.line, at.begin.column);
  }

  void read_option(const toml::key& key, const toml::node& node) {
    const option_spec* spec = find_option(program_.options, key.str());
    if (spec == nullptr || !spec->in_config)
      refuse(key.source(), "unknown key " + in_quotes(key.str()), hint_for_key(key.str()));
    std::vector<setting>& values = config_.values[std::string(key.str())];
    if (spec->repeatable)
      values = read_list(key, node);
    else
      values.push_back(read_value(*spec, key, node));
  }

  [[nodiscard]] std::string hint_for_key(std::string_view key) const {
    std::vector<std::string_view> keys;
    for (const option_spec& spec : program_.options) {
      if (spec.in_config) keys.push_back(spec.name);
    }
    if (!program_.tables.name.empty()) keys.push_back(program_.tables.name);
    const std::string_view meant = nearest(key, keys);
    const std::string suggestion = meant.empty() ? "" : fmt::format("did you mean '{}'? ", meant);
    return suggestion + std::string(program_.config_keys);
  }

  setting read_value(const option_spec& spec, const toml::key& key, const toml::node& node) const {
    setting value{.text = {}, .where = where(node, key), .blame = exit_code::configuration};
    if (spec.value.empty()) {
      const auto* flag = node.as_boolean();
      const auto* word = spec.optional_value.empty() ? nullptr : node.as_string();
      if (word != nullptr) {
        value.text = word->get();
        return value;
      }
      if (flag == nullptr) refuse(node.source(), "wrong type for " + in_quotes(key.str()), "true or false");
      value.text = flag->get() ? "true" : "false";
      return value;
    }
    if (const auto* number = node.as_integer()) {
      value.text = std::to_string(number->get());
      return value;
    }
    if (const auto* number = node.as_floating_point()) {
      value.text = fmt::format("{}", number->get());
      return value;
    }
    const auto* text = node.as_string();
    if (text == nullptr) refuse(node.source(), "wrong type for " + in_quotes(key.str()), "a string, e.g. \"...\"");
    value.text = text->get();
    return value;
  }

  std::vector<setting> read_list(const toml::key& key, const toml::node& node) const {
    std::vector<setting> values;
    const auto add = [&](const toml::node& item) {
      const auto* text = item.as_string();
      if (text == nullptr)
        refuse(item.source(), "wrong type for " + in_quotes(key.str()), "a string or an array of strings");
      values.push_back({text->get(), where(item, key), exit_code::configuration});
    };
    if (const toml::array* items = node.as_array()) {
      for (const toml::node& item : *items) add(item);
    } else {
      add(node);
    }
    if (values.empty()) refuse(node.source(), "nothing in " + in_quotes(key.str()), "at least one");
    return values;
  }

  void read_tables(const toml::node& node) {
    const auto& [name, key, heading] = program_.tables;
    const std::string example = fmt::format("{} {} = [...]", heading, key);
    const toml::table* all = node.as_table();
    if (all == nullptr) refuse(node.source(), fmt::format("wrong type for '{}'", name), example);
    for (const auto& [title, value] : *all) {
      const toml::table* one = value.as_table();
      if (one == nullptr)
        refuse(value.source(), fmt::format("wrong type for {} {}", name, in_quotes(title.str())),
               "quote the name: " + example);
      config_table read{.name = std::string(title.str()), .place = place(title.source()), .values = {}};
      for (const auto& [inner_key, inner] : *one) {
        if (inner_key.str() != key)
          refuse(inner_key.source(), "unknown key " + in_quotes(inner_key.str()),
                 fmt::format("a {} has the key '{}'; a name with dots is quoted: {}", name, key, heading));
        read.values = read_list(inner_key, inner);
      }
      if (read.values.empty())
        refuse(title.source(), fmt::format("{} {} without {}", name, in_quotes(title.str()), key),
               fmt::format("{} = [...]", key));
      config_.tables.push_back(std::move(read));
    }
  }

  [[nodiscard]] std::string where(const toml::node& node, const toml::key& key) const {
    return fmt::format("{}: {}", place(node.source()), detail::escaped(key.str()));
  }

  const description& program_;
  std::string file_;
  config config_;
};

config config_from_named(const description& program, const std::string& file, const std::string& named_by) {
  // The file may be a FIFO: `--config <(...)` is one.
  const result<std::string> text = detail::read_file(file, largest_file, detail::file_kind::any);
  if (!text)
    throw fail(exit_code::no_input, "cannot read the configuration file", named_by + ": " + in_quotes(file),
               text.error().message());
  return config_from_text(program, *text, file);
}

/// A default file may be missing, or be in a home directory that this process cannot read (sudo -u,
/// services). If it exists and cannot be read, that is an error: ignoring it would also ignore its
/// servers and its require-authenticated.
std::optional<config> config_from_default(const description& program, const std::filesystem::path& file) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(file, ignored);
  if (!std::filesystem::status_known(status) || !std::filesystem::exists(status)) return std::nullopt;
  // Opening a FIFO would block until a writer opens it.
  const result<std::string> text = std::filesystem::is_fifo(status)
                                       ? make_error_code(boost::system::errc::invalid_argument)
                                       : detail::read_file(file, largest_file, detail::file_kind::any);
  if (!text)
    throw fail(exit_code::configuration, "cannot read the configuration file", in_quotes(file.string()),
               text.error().message());
  return config_from_text(program, *text, file.string());
}

std::filesystem::path user_file(const description& program, const environment& variables) {
  const auto path_of = [&](const char* variable) {
    const char* text = variables(variable);
    return std::filesystem::path(text == nullptr ? "" : text);
  };
  std::filesystem::path folder = path_of("XDG_CONFIG_HOME");
  // XDG Base Directory specification: a relative path is invalid and must be ignored.
  if (!folder.is_absolute()) {
    folder = path_of("HOME");
    if (!folder.is_absolute()) return {};
    folder /= ".config";
  }
  return folder / program.config_folder / file_name;
}

}  // namespace

config config_from_text(const description& program, std::string_view text, const std::string& file) {
  reader with(program, file);
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) with.refuse(parsed.error().source(), "not TOML", detail::escaped(parsed.error().description()));
  return with.read(parsed.table());
}

config load_config(const description& program, const std::optional<std::string>& named, const environment& variables,
                   std::filesystem::path system_file) {
  if (named) return config_from_named(program, *named, "--config");
  const char* file = variables(program.config_variable);
  if (file != nullptr && *file != '\0') return config_from_named(program, file, program.config_variable);
  if (const std::filesystem::path own = user_file(program, variables); !own.empty()) {
    if (auto read = config_from_default(program, own)) return std::move(*read);
  }
  if (system_file.empty()) system_file = std::filesystem::path("/etc") / program.config_folder / file_name;
  if (auto read = config_from_default(program, system_file)) return std::move(*read);
  return {};
}

}  // namespace sdconnect::cli

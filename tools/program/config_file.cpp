// Only this file includes toml++, which takes four seconds to compile.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0

#include "program/config_file.hpp"

#include "net/base/printable.hpp"
#include "net/io/read_file.hpp"
#include "program/report.hpp"
#include "program/spelling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
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
      const auto table = std::ranges::find(program_.tables, key.str(), &config_table_spec::name);
      if (table != program_.tables.end())
        read_table(*table, node);
      else
        read_option(key, node, {});
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

  void read_option(const toml::key& key, const toml::node& node, std::string_view table) {
    const option_spec* spec = find_key(key.str(), table);
    if (spec == nullptr) refuse(key.source(), "unknown key " + in_quotes(key.str()), hint_for_key(key.str(), table));
    read_values(config_.values[std::string(key.str())], *spec, key, node);
  }

  void read_values(std::vector<setting>& values, const option_spec& spec, const toml::key& key,
                   const toml::node& node) const {
    if (spec.repeatable)
      values = read_list(key, node);
    else
      values.push_back(read_value(spec, key, node));
  }

  [[nodiscard]] const option_spec* find_key(std::string_view key, std::string_view table) const {
    const auto found = std::ranges::find_if(program_.options, [&](const option_spec& o) -> bool {
      return o.name == key && o.in_config && o.table == table;
    });
    return found == program_.options.end() ? nullptr : &*found;
  }

  [[nodiscard]] std::string hint_for_key(std::string_view key, std::string_view table) const {
    std::vector<std::string_view> keys;
    for (const option_spec& spec : program_.options) {
      if (spec.in_config && spec.table == table) keys.push_back(spec.name);
    }
    if (table.empty()) {
      for (const config_table_spec& t : program_.tables) keys.push_back(t.name);
    }
    const std::string_view meant = nearest(key, keys);
    const std::string suggestion = meant.empty() ? "" : fmt::format("did you mean '{}'? ", meant);
    return suggestion + (table.empty() ? std::string(program_.config_keys) : keys_of(table, keys));
  }

  static std::string keys_of(std::string_view table, const std::vector<std::string_view>& keys) {
    return fmt::format("[{}] has the keys {}", table, fmt::join(keys, ", "));
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

  void read_table(const config_table_spec& spec, const toml::node& node) {
    const auto wrong_type = [&]() -> void {
      refuse(node.source(), fmt::format("wrong type for '{}'", spec.name), spec.example);
    };
    if (spec.how == config_table_spec::kind::listed) {
      const toml::array* all = node.as_array();
      if (all == nullptr) wrong_type();
      for (const toml::node& one : *all) {
        if (one.as_table() == nullptr) wrong_type();
        add_table(spec, {}, place(one.source()), one.source(), *one.as_table());
      }
      return;
    }
    const toml::table* table = node.as_table();
    if (table == nullptr) wrong_type();
    switch (spec.how) {
      case config_table_spec::kind::named: return read_named(spec, *table);
      case config_table_spec::kind::options:
        for (const auto& [inner_key, inner] : *table) read_option(inner_key, inner, spec.name);
        return;
      case config_table_spec::kind::pairs: return read_pairs(spec, *table);
      case config_table_spec::kind::listed: break;
    }
  }

  void read_named(const config_table_spec& spec, const toml::table& all) {
    for (const auto& [title, value] : all) {
      const toml::table* one = value.as_table();
      if (one == nullptr)
        refuse(value.source(), fmt::format("wrong type for {} {}", spec.name, in_quotes(title.str())),
               fmt::format("quote the name: {}", spec.example));
      add_table(spec, title.str(), place(title.source()), title.source(), *one);
    }
  }

  void add_table(const config_table_spec& spec, std::string_view title, std::string at,
                 const toml::source_region& region, const toml::table& one) {
    config_table read{.of = spec.name, .name = std::string(title), .place = std::move(at), .values = {}};
    const std::vector<std::string_view> keys = words_of(spec.keys);
    for (const auto& [key, node] : one) {
      const bool is_known = std::ranges::find(keys, key.str()) != keys.end();
      if (!is_known)
        refuse(key.source(), "unknown key " + in_quotes(key.str()),
               fmt::format("a {} has the key{} {}, as in {}", spec.name, keys.size() == 1 ? "" : "s",
                           fmt::join(keys, ", "), spec.example));
      read_values(read.values[std::string(key.str())], *find_option(program_.options, key.str()), key, node);
    }
    if (read.all(keys.front()).empty())
      refuse(region,
             fmt::format("{}{} without {}", spec.name, title.empty() ? "" : ' ' + in_quotes(title), keys.front()),
             spec.example);
    config_.tables.push_back(std::move(read));
  }

  void read_pairs(const config_table_spec& spec, const toml::table& all) {
    for (const auto& [key, node] : all) {
      const auto* text = node.as_string();
      if (text == nullptr) refuse(node.source(), "wrong type for " + in_quotes(key.str()), spec.example);
      config_.values[std::string(spec.keys)].push_back(
          {fmt::format("{}={}", key.str(), text->get()), where(node, key), exit_code::configuration});
    }
  }

  static std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (true) {
      const std::size_t blank = text.find(' ');
      out.push_back(text.substr(0, blank));
      if (blank == std::string_view::npos) return out;
      text.remove_prefix(blank + 1);
    }
  }

  [[nodiscard]] std::string where(const toml::node& node, const toml::key& key) const {
    return fmt::format("{}: {}", place(node.source()), detail::escaped(key.str()));
  }

  const description& program_;
  std::string file_;
  config config_;
};

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
  config read = config_from_text(program, *text, file.string());
  read.path = file.string();
  return read;
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

config config_from_file(const description& program, const std::string& file, std::string_view named_by) {
  // The file may be a FIFO: `--config <(...)` is one.
  const result<std::string> text = detail::read_file(file, largest_file, detail::file_kind::any);
  if (!text)
    throw fail(exit_code::no_input, "cannot read the configuration file",
               fmt::format("{}: {}", named_by, in_quotes(file)), text.error().message());
  config read = config_from_text(program, *text, file);
  read.path = file;
  return read;
}

config load_config(const description& program, const std::optional<std::string>& named, const environment& variables,
                   std::filesystem::path system_file) {
  if (named) return config_from_file(program, *named, "--config");
  const char* file = variables(program.config_variable);
  if (file != nullptr && *file != '\0') return config_from_file(program, file, program.config_variable);
  if (const std::filesystem::path own = user_file(program, variables); !own.empty()) {
    if (auto read = config_from_default(program, own)) return std::move(*read);
  }
  if (system_file.empty()) system_file = std::filesystem::path("/etc") / program.config_folder / file_name;
  if (auto read = config_from_default(program, system_file)) return std::move(*read);
  return {};
}

}  // namespace sdconnect::cli

#include "connect/probe/probe_error.hpp"
#include "connect/probe/probe_kinds.hpp"
#include "connect/race/attempt_targets.hpp"
#include "net/process/child_process.hpp"
#include "sdconnect/connect/endpoint_command.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <iterator>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {
namespace {

/// Returns the environment of this process, except variables that might describe another endpoint,
/// and adds those of this one.
std::vector<std::string> environment_for(const endpoint& where, const ip_address& address) {
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!is_endpoint_variable(text.substr(0, text.find('=')))) out.emplace_back(text);
  }
  for (const auto& [key, value] : endpoint_variables(where, address)) out.push_back(key + '=' + value);
  return out;
}

class exec_probe final : public probe_operation {
 public:
  using probe_operation::probe_operation;

 private:
  void begin() override {
    const connect_options& with = options().connecting;
    const endpoint* const only[] = {&where()};
    const std::vector<attempt_target> addresses = attempt_targets(only, with.use_ipv4, with.use_ipv6);
    const auto first = std::ranges::find(addresses, false, &attempt_target::refused);
    if (first == addresses.end())
      return finish(addresses.empty() ? errc::unreachable : refusal_of(addresses.front().address));
    seen().address = first->address;
    if (!is_safe_argument(where().target)) return finish(errc::bad_target);

    // The program name has no placeholders: the user decides which program runs, not DNS.
    std::vector<std::string> arguments = options().command;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      if (is_unsafe_instance(arguments[i], where())) return finish(errc::bad_service);
      arguments[i] = fill_placeholders(arguments[i], where(), first->address);
    }
    auto started = child_process::start(executor(), std::move(arguments), environment_for(where(), first->address));
    if (!started) return finish(started.error());
    child_ = std::move(*started);
    arm_deadline();
    child_->wait([self = shared_from_this(), this](error_code ec, int exit_code) {
      child_.reset();
      if (!is_pending()) return;
      if (ec) return finish(ec);
      seen().exit_code = exit_code;
      finish(exit_code == 0 ? error_code() : command_failed(exit_code));
    });
  }

  void abandon() noexcept override {
    if (child_) child_->kill();
  }

  std::shared_ptr<child_process> child_;
};

}  // namespace

std::shared_ptr<probe_operation> make_exec_probe(probe_operation::task given) {
  return std::make_shared<exec_probe>(std::move(given));
}

}  // namespace sdconnect::detail

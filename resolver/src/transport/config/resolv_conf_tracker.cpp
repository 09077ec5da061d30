#include "sdconnect/transport/resolv_conf_tracker.hpp"

#include "transport/config/resolv_conf_file.hpp"

#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

constexpr std::chrono::seconds file_look_interval{1};

}  // namespace

struct resolv_conf_tracker::state {
  std::filesystem::path file;
  resolv_environment environment;
  time_point last_look;
  file_state seen;           // state of the file when it was last read
  bool read_again = true;    // rule 3
  bool is_unproven = false;  // rule 4: the last check found no server for the first time
  resolv_conf current = resolv_conf::parse({});
  error_code error;

  [[nodiscard]] result<resolv_conf> read() {
    seen = state_of(file);
    return resolv_conf::load(file, environment);
  }

  [[nodiscard]] bool look() {
    const file_state found = state_of(file);
    const bool is_same = found == seen;
    if (is_same && !read_again) return false;
    read_again = !is_same;

    result<resolv_conf> loaded = read();
    error = loaded ? error_code() : loaded.error();
    if (!loaded) {
      is_unproven = false;
      read_again = true;  // a lack of descriptors ends without a change in the file's state
      return false;
    }
    if (loaded->names_no_server && !current.names_no_server && !(is_same && is_unproven)) {
      is_unproven = true;
      read_again = true;
      return false;
    }
    is_unproven = false;
    if (*loaded == current) return false;
    current = std::move(*loaded);
    return true;
  }
};

resolv_conf_tracker::resolv_conf_tracker(time_point now, std::filesystem::path file, resolv_environment environment)
    : state_(std::make_unique<state>()) {
  state_->file = std::move(file);
  state_->environment = std::move(environment);
  state_->last_look = now;
  result<resolv_conf> loaded = state_->read();
  if (loaded) {
    state_->current = std::move(*loaded);
  } else {
    state_->error = loaded.error();
  }
}

resolv_conf_tracker::resolv_conf_tracker(resolv_conf_tracker&&) noexcept = default;
resolv_conf_tracker& resolv_conf_tracker::operator=(resolv_conf_tracker&&) noexcept = default;
resolv_conf_tracker::~resolv_conf_tracker() = default;

bool resolv_conf_tracker::has_changed(time_point now) {
  if (state_->current.no_reload || now - state_->last_look < file_look_interval) return false;
  state_->last_look = now;
  return state_->look();
}

const resolv_conf& resolv_conf_tracker::current() const noexcept { return state_->current; }

error_code resolv_conf_tracker::error() const noexcept { return state_->error; }

}  // namespace sdconnect

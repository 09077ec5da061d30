/// \file
/// The users of a resolver in a scenario: resolve tasks, single questions and live views.
#pragma once

#include "resolver/view/live_view.hpp"
#include "resolver/view/resolve_task.hpp"
#include "scenarios/client.hpp"
#include "scenarios/script.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::scenario {
using namespace sdconnect::detail;

/// The results that an expectation can test.
struct outcome {
  error_code status;
  std::optional<service> found;  ///< of a resolution, or a watcher's view
  std::optional<lookup> answer;  ///< of a single question
  world::duration began{};
  world::duration ended{};
};

class user {
 public:
  virtual ~user() = default;
  virtual void start() = 0;
  virtual void cancel() = 0;
  /// Returns nullopt while the user is running; for a watcher, the view.
  [[nodiscard]] virtual std::optional<outcome> now() const = 0;
  /// Whether it runs until it is cancelled.
  [[nodiscard]] virtual bool is_endless() const { return false; }
  [[nodiscard]] virtual bool is_busy() const = 0;
};

struct told_event {
  world::duration at{};
  watch_event what;
};

class watcher : public user {
 public:
  [[nodiscard]] virtual const std::vector<told_event>& told() const = 0;
};

[[nodiscard]] std::shared_ptr<user> make_resolve(world& in, client& with, const script_line& line);
[[nodiscard]] std::shared_ptr<user> make_ask(world& in, client& with, const script_line& line);
[[nodiscard]] std::shared_ptr<watcher> make_watch(world& in, client& with, const script_line& line,
                                                  std::chrono::milliseconds min_interval);

}  // namespace sdconnect::scenario

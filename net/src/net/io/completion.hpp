/// \file
/// Keeps a caller's completion handler until its operation ends, and calls it as Asio requires.
#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>
#include <utility>

namespace sdconnect::detail {

/// Calls the handler once, through the handler's own executor, never inside the initiating call.
/// Until then that executor has outstanding work. Not thread safe: the lock of the operation
/// protects it. Only drop() runs user code; all other functions may be called with that lock held.
///
/// The executor and the handler belong to an execution_context: an operation that may outlive the
/// context drops them in on_context_shutdown() (context_bound.hpp). After moving from a completion,
/// and after post(), it holds neither.
template <class... Args>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(Args...)>;

  /// `handler` must not be empty.
  completion(handler_type handler, const boost::asio::any_io_executor& io)
      : handler_(std::move(handler)),
        io_(io),
        executor_(boost::asio::prefer(boost::asio::get_associated_executor(handler_, io),
                                      boost::asio::execution::outstanding_work.tracked)) {}

  completion(completion&&) noexcept = default;
  // Deleted, because in Boost 1.81 the move assignment of any_completion_handler recurses
  // endlessly.
  completion& operator=(completion&&) = delete;
  ~completion() = default;

  /// Makes every type of cancellation call `operation->cancel()`, which must end in post().
  /// Terminal, partial and total cancellation are the same here, because an operation leaves
  /// nothing half done. Call this once, from the initiating function.
  ///
  /// A cancellation signal is not thread safe, and its owner may destroy it when the operation has
  /// ended. So only this function accesses the slot, as in Asio's own operations. The slot may call
  /// cancel() at any later time: after post() it must do nothing.
  template <class Operation>
  void on_cancel(const std::shared_ptr<Operation>& operation) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<Operation>(operation)](boost::asio::cancellation_type) {
      if (const auto alive = weak.lock()) alive->cancel();
    });
  }

  /// Posts the handler to its executor. REQUIRES: is_pending().
  void post(Args... args) {
    // any_completion_executor cannot guarantee that it does not run a function at once; the I/O
    // executor can.
    boost::asio::post(std::exchange(io_, {}), [executor = std::move(executor_), handler = std::move(handler_),
                                               ... values = std::move(args)]() mutable {
      boost::asio::dispatch(std::move(executor),
                            [handler = std::move(handler), ... inner = std::move(values)]() mutable {
                              std::move(handler)(std::move(inner)...);
                            });
    });
  }

  /// Destroys the handler without calling it. This runs user code, so call it without holding a
  /// lock. With a lock held, move the completion away and destroy it later.
  void drop() noexcept { const completion gone(std::move(*this)); }

  [[nodiscard]] bool is_pending() const noexcept { return static_cast<bool>(handler_); }

 private:
  handler_type handler_;
  boost::asio::any_io_executor io_;
  boost::asio::any_completion_executor executor_;
};

}  // namespace sdconnect::detail

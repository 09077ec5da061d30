/// \file
/// Keeps a caller's completion handler until its operation ends, and calls it as Asio demands.
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

/// The handler is called once, through its own executor, never from inside the initiating call;
/// until then that executor has work. Not thread safe: guarded by the lock of the operation. No
/// function but drop() runs user code, so all others may be called with that lock held.
///
/// Its executor and handler belong to an execution_context: an operation that may outlive the
/// context drops them in on_context_shutdown() (context_bound.hpp). Moving from a completion, and
/// post(), leave nothing behind.
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
  completion& operator=(completion&&) = delete;  // in Boost 1.81 that of any_completion_handler calls itself for ever
  ~completion() = default;

  /// Every type of cancellation calls `operation->cancel()`, which must end in post(). Terminal,
  /// partial and total are one here: an operation leaves nothing half done. Call it from the
  /// initiating function, once.
  ///
  /// A cancellation signal is not thread safe, and its owner may destroy it once the operation has
  /// ended. So the slot is touched here only, as Asio's own operations do it. cancel() may be
  /// called at any later time: after post() it must do nothing.
  template <class Operation>
  void on_cancel(const std::shared_ptr<Operation>& operation) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<Operation>(operation)](boost::asio::cancellation_type) {
      if (const auto alive = weak.lock()) alive->cancel();
    });
  }

  /// Hands the handler over to its executor. REQUIRES: is_pending().
  void post(Args... args) {
    // any_completion_executor cannot promise not to run things at once; the I/O executor can.
    boost::asio::post(std::exchange(io_, {}), [executor = std::move(executor_), handler = std::move(handler_),
                                               ... values = std::move(args)]() mutable {
      boost::asio::dispatch(std::move(executor),
                            [handler = std::move(handler), ... inner = std::move(values)]() mutable {
                              std::move(handler)(std::move(inner)...);
                            });
    });
  }

  /// Destroys the handler without calling it, which is user code: with no lock held. With a lock
  /// held move the completion away instead, and destroy it later.
  void drop() noexcept { const completion gone(std::move(*this)); }

  [[nodiscard]] bool is_pending() const noexcept { return static_cast<bool>(handler_); }

 private:
  handler_type handler_;
  boost::asio::any_io_executor io_;
  boost::asio::any_completion_executor executor_;
};

}  // namespace sdconnect::detail

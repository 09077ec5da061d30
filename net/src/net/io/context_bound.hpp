/// \file
/// Lets an object outlive its io_context: when the context shuts down, the object drops everything
/// that belongs to the context.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace sdconnect::detail {

class bound_objects;

/// Base of a shared object that holds I/O objects, executors or handlers of an execution_context
/// (io_context, thread_pool, a strand on either, system_executor). Use:
///
///     // the first base:
///     struct state final : context_bound, std::enable_shared_from_this<state> { ... };
///     // once:
///     auto made = std::make_shared<state>(executor); made->bind(executor, made);
///
/// The shutdown of the context calls on_context_shutdown() of every object that is alive, and waits
/// for objects that other threads are destroying. After that the object can only be destroyed, at
/// any time and in any thread: it must not access the context. context_bound must be the first base
/// because bases are destroyed last and in reverse order: so the shutdown waits until the I/O
/// objects of the derived class are destroyed.
///
/// Thread safe. Binding costs one look-up in the context's list of services and one lock,
/// destruction one lock.
class context_bound {
 public:
  context_bound(const context_bound&) = delete;
  context_bound& operator=(const context_bound&) = delete;

  /// REQUIRES: not bound yet; `self` owns this.
  void bind(const boost::asio::any_io_executor& executor, std::weak_ptr<context_bound> self);

 protected:
  context_bound() = default;
  ~context_bound();

 private:
  friend class bound_objects;

  /// Drops everything that belongs to the context: I/O objects, executors (a strand's destructor
  /// uses its context), outstanding work, handlers. At this point no handler runs and no lock is
  /// held. Destroy handlers without holding a lock of the object: their destructors are user code.
  /// Do not start an operation, not even a post().
  virtual void on_context_shutdown() noexcept = 0;

  std::shared_ptr<bound_objects> list_;  // null: not bound
  std::weak_ptr<context_bound> self_;    // this and the following: protected by the list's lock
  context_bound* next_ = nullptr;
  context_bound* previous_ = nullptr;
};

}  // namespace sdconnect::detail

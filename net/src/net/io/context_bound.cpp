#include "net/io/context_bound.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace sdconnect::detail {

namespace asio = boost::asio;

// The service and the objects share it, because the objects may outlive the service.
class bound_objects {
 public:
  void add(context_bound& object) {
    const std::lock_guard lock(mutex_);
    object.next_ = std::exchange(first_, &object);
    if (object.next_ != nullptr) object.next_->previous_ = &object;
  }

  // The last action of an object that is being destroyed.
  void remove(context_bound& object) noexcept {
    const std::lock_guard lock(mutex_);
    unlink(object);
    if (first_ == nullptr) is_empty_.notify_all();
  }

  void shut_down() noexcept {
    std::unique_lock lock(mutex_);
    for (;;) {
      std::shared_ptr<context_bound> alive = first_alive();
      if (!alive) break;
      unlink(*alive);
      lock.unlock();
      alive->on_context_shutdown();
      alive.reset();  // may be the last reference: the destructor takes the lock
      lock.lock();
    }
    // Other threads are destroying the remaining objects.
    is_empty_.wait(lock, [this] { return first_ == nullptr; });
  }

 private:
  [[nodiscard]] std::shared_ptr<context_bound> first_alive() const noexcept {
    for (context_bound* at = first_; at != nullptr; at = at->next_) {
      if (auto alive = at->self_.lock()) return alive;
    }
    return nullptr;
  }

  void unlink(context_bound& object) noexcept {
    if (first_ == &object) first_ = object.next_;
    if (object.next_ != nullptr) object.next_->previous_ = object.previous_;
    if (object.previous_ != nullptr) object.previous_->next_ = object.next_;
    object.next_ = object.previous_ = nullptr;
  }

  std::mutex mutex_;
  std::condition_variable is_empty_;
  context_bound* first_ = nullptr;
};

namespace {

class context_bound_service final : public asio::execution_context::service {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): Asio requires this name
  static inline asio::execution_context::id id;

  explicit context_bound_service(asio::execution_context& context) : service(context) {}

  [[nodiscard]] const std::shared_ptr<bound_objects>& list() const noexcept { return list_; }

 private:
  void shutdown() override { list_->shut_down(); }

  std::shared_ptr<bound_objects> list_ = std::make_shared<bound_objects>();
};

}  // namespace

void context_bound::bind(const asio::any_io_executor& executor, std::weak_ptr<context_bound> self) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  self_ = std::move(self);
  list_ = asio::use_service<context_bound_service>(context).list();
  list_->add(*this);
}

context_bound::~context_bound() {
  if (list_) list_->remove(*this);
}

}  // namespace sdconnect::detail

#include "sim/pool/kernel_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

namespace descent {

struct KernelPool::Threads {
  explicit Threads(std::size_t count) : pool(count) {}
  boost::asio::thread_pool pool;
};

KernelPool::KernelPool(std::size_t threads) : threads_(std::make_unique<Threads>(threads)), count_(threads) {}

KernelPool::~KernelPool() {
  threads_->pool.stop();
  threads_->pool.join();
}

std::future<void> KernelPool::submit(std::function<void()> kernel) {
  std::packaged_task<void()> task(std::move(kernel));
  std::future<void> result = task.get_future();
  boost::asio::post(threads_->pool, std::move(task));
  return result;
}

}  // namespace descent

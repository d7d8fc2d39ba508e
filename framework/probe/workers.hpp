// Threads that wait for steps. Not a task scheduler: in a step every thread does exactly its own part, which
// is what a measurement by thread count is about; one that steals or sleeps would measure something else.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace ironlaw {

class Workers {
 public:
  // Starts `count` - 1 threads; the calling thread is worker 0. Throws std::system_error when the system has
  // no more threads.
  explicit Workers(int count);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls part(worker) on every worker and returns when all have returned. part must not throw. Called by the
  // thread that made the workers.
  void step(const std::function<void(int)>& part);

 private:
  void serve(int worker);

  const std::function<void(int)>* part_ = nullptr;
  std::atomic<unsigned> step_{0};     // number of the current step
  std::atomic<unsigned> working_{0};  // workers that have not finished it
  std::atomic<bool> is_over_{false};
  std::vector<std::jthread> threads_;  // last: they use the others from their first moment
};

// The part [first, last) of [0, size) that falls to a worker, in multiples of `grain` (but for the last).
struct Part {
  std::size_t first, last;
};
Part part_of(std::size_t size, int worker, int workers, std::size_t grain = 1);

}  // namespace ironlaw

#include "datasets/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "framework/base/error.hpp"

namespace ironlaw {

FileLock::FileLock(const std::string& path, double timeout_s) {
  const std::string lock = path + ".lock";
  descriptor_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0)
    throw Error(
        fmt::format("Database '{}' cannot be written: its lock file '{}' cannot be made: {}. Its directory "
                    "must exist and be writable.",
                    path, lock, std::strerror(errno)));
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout_s);
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    if (code == EINTR) continue;
    if (code == EWOULDBLOCK && Clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    close(descriptor_);
    if (code == EWOULDBLOCK)
      throw Error(
          fmt::format("Database '{}' is being written by another process; waited {} s for it. Try again.",
                      path, timeout_s));
    throw Error(fmt::format("The lock file '{}' cannot be locked: {}.", lock, std::strerror(code)));
  }
}

FileLock::~FileLock() {
  close(descriptor_);
}

}  // namespace ironlaw

// An exclusive lock between processes, so that only one writes a database at a time.
#pragma once

#include <string>

namespace ironlaw {

// Held from construction to destruction through flock() on a file of its own, which stays behind: removing it
// would let two processes hold "the" lock on different files.
class FileLock {
 public:
  // Waits for the lock of the database `path` (the file `path`.lock) at most `timeout_s` seconds. Throws
  // Error when it is still held by another then, or when the lock file cannot be made.
  FileLock(const std::string& path, double timeout_s);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace ironlaw

#include "framework/plugin/file_safety.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAdvice = "; change that, or set IRONLAW_ALLOW_UNSAFE_PLUGINS=1";

// This executable: what may change it may change us anyway.
struct Self {
  fs::path path;
  struct stat status {};  // zero when it cannot be read: root's, and nobody else may write to it

  Self() {
    std::error_code error;
    path = fs::canonical("/proc/self/exe", error);
    if (error || stat(path.c_str(), &status) != 0) status = {};
  }
  bool lies_below(const fs::path& folder) const {
    const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
  }
};

// Of one file or folder: who may write to it. `name` says which one: "it", "its parent folder /x".
std::string writers_defect(const struct stat& it, const Self& self, std::string_view name) {
  if (it.st_uid != 0 && it.st_uid != geteuid() && it.st_uid != self.status.st_uid)
    return fmt::format("{} belongs to user {}, who is neither root nor you{}", name, it.st_uid, kAdvice);
  const bool everybody_writes_self = (self.status.st_mode & S_IWOTH) != 0;
  if ((it.st_mode & S_IWOTH) && !everybody_writes_self)
    return fmt::format("everybody may write to {}{}", name, kAdvice);
  const bool group_writes_self = (self.status.st_mode & S_IWGRP) != 0 && self.status.st_gid == it.st_gid;
  if ((it.st_mode & S_IWGRP) && !group_writes_self && !everybody_writes_self)
    return fmt::format("group {} may write to {}{}", it.st_gid, name, kAdvice);
  return {};
}

}  // namespace

std::string safety_defect(const fs::path& path) {
  static const Self self;
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return "its permissions cannot be read";
  std::string defect = writers_defect(status, self, "it");
  for (fs::path folder = path.parent_path(); defect.empty() && !self.lies_below(folder);
       folder = folder.parent_path()) {
    if (stat(folder.c_str(), &status) != 0)
      return fmt::format("the permissions of its parent folder {} cannot be read", folder.string());
    // Sticky: only the owner of an entry may replace it, and the entry has passed.
    if (status.st_mode & S_ISVTX) status.st_mode &= ~static_cast<mode_t>(S_IWGRP | S_IWOTH);
    defect = writers_defect(status, self, fmt::format("its parent folder {}", folder.string()));
    if (folder == folder.root_path()) break;
  }
  return defect;
}

}  // namespace ironlaw

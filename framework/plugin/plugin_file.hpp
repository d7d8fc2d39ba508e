// One plugin file: checked, then opened, then asked for its table.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "ironlaw/abi.h"

namespace ironlaw {

// What the name of a file promises.
enum class PluginFileKind { wall, hardware, neither };
PluginFileKind kind_of(const std::filesystem::path& file);

// What became of a file: a table, or the stage that refused it and why.
struct PluginFile {
  const ironlaw_plugin* table = nullptr;
  std::string stage;   // "search", "safety", "file", "load", "entry" or "table"; empty when it is loaded
  std::string reason;  // empty when it is loaded
};

// Called when a stage begins, with its name.
using StageObserver = std::function<void(const char* stage)>;

// Loads a file. Nothing of it runs before it has passed "search" (its name), "safety" (who may change it:
// file_safety.hpp; not asked when `allows_unsafe`) and "file" (that it is a complete shared object). What is
// loaded is the canonical path, which after "safety" nobody but root and this user can make another file.
//   load   the loader maps it and runs its constructors; every symbol is resolved now
//   entry  its entry function gives a table, of an ABI that this host speaks
//   table  the table keeps the contract of abi.h and holds what the file's name says
// Afterwards the locale, the floating-point environment and the working directory are what they were before,
// whatever the library did to them.
//
// Never throws for the plugin's sake. A library that has been opened stays so until the process ends, so the
// table is good for ever.
PluginFile load_plugin_file(const std::filesystem::path& path, bool allows_unsafe,
                            const StageObserver& observer = {});

}  // namespace ironlaw

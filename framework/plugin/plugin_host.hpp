// Finds, checks and loads the plugins: walls and hardware targets, each in a shared library.
//
// One bad file never stops the others: what cannot be used is kept as a value that names the file, the stage
// and the reason. Libraries stay loaded until the process ends, even when the PluginHost is gone, so every
// table and function pointer from here is good for ever.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw {

// One folder to look in. A named one (IRONLAW_PLUGIN_PATH) must exist; an implied one may be missing.
struct SearchDirectory {
  std::filesystem::path path;
  bool is_named = true;
};

struct SearchPath {
  std::vector<SearchDirectory> directories;  // earlier ones win
  bool allows_unsafe = false;                // loads files that others may change; see PluginHost
};

// The usual places, in this order: the entries of $IRONLAW_PLUGIN_PATH (absolute, between colons), then
// <executable>/../lib/ironlaw/plugins and <executable>/../<libdir of the installation>/ironlaw/plugins, which
// serve the build folder and an installation alike. $IRONLAW_ALLOW_UNSAFE_PLUGINS=1 sets allows_unsafe.
SearchPath search_path();

// Why a file, or a folder, could not be used.
struct PluginFailure {
  std::filesystem::path path;
  std::string stage;   // one of plugin_file.hpp, "names", or what leave_out() was told
  std::string reason;  // "wall memory, function traffic: input bytes is declared twice"
};

// A plugin that is hidden by one of the same name in an earlier folder.
struct ShadowedPlugin {
  std::filesystem::path path;
  std::filesystem::path by;
  std::string name;  // "hardware H100-SXM-80GB", "wall number 2"
};

struct LoadedPlugin {
  std::filesystem::path path;
  std::filesystem::path directory;  // the entry of the search path it was found in; empty: none
  const ironlaw_plugin* table = nullptr;
};

class PluginHost {
 public:
  // Loads <name>.wall.so and <name>.hardware.so from every folder, in the order of the folders and by name
  // within one; any other .so is a failure, any other file is left alone. Never throws for a plugin's sake.
  //
  // A plugin runs with the rights of this process. A folder or file is therefore refused when somebody may
  // change it, or put another in its place, who could not change this executable: see file_safety.hpp.
  explicit PluginHost(const SearchPath& search);
  // The same, and before all of them one plugin that is loaded already: it hides others of its names. Its
  // file is left alone where it lies in one of the folders.
  PluginHost(const SearchPath& search, const LoadedPlugin& candidate);

  // Takes a plugin out again, as a failure of this stage: one that loads and does not fit the others, say.
  void leave_out(const ironlaw_plugin& plugin, std::string stage, std::string reason);

  const std::vector<LoadedPlugin>& plugins() const { return plugins_; }  // in the order they were loaded
  const std::vector<PluginFailure>& failures() const { return failures_; }
  const std::vector<ShadowedPlugin>& shadowed() const { return shadowed_; }

  std::span<const ironlaw_wall* const> walls() const { return walls_; }            // by number
  std::span<const ironlaw_hardware* const> hardware() const { return hardware_; }  // by id

  // The target that `name` means, as match_device finds it: "h100" is H100-SXM-80GB. Throws Error with
  // suggestions when there is none or more than one.
  const ironlaw_hardware& find_hardware(std::string_view name) const;
  // The wall of this number or, loosely, of this id. Throws Error as above.
  const ironlaw_wall& find_wall(std::string_view name_or_number) const;

 private:
  void scan(const SearchPath& search);
  void scan(const SearchDirectory& directory, bool allows_unsafe);
  bool is_loaded(const std::filesystem::path& file) const;
  void add(const LoadedPlugin& plugin);
  void fail(const std::filesystem::path& path, std::string stage, std::string reason);

  std::vector<LoadedPlugin> plugins_;
  std::vector<PluginFailure> failures_;
  std::vector<ShadowedPlugin> shadowed_;
  std::vector<const ironlaw_wall*> walls_;
  std::vector<const ironlaw_hardware*> hardware_;
};

}  // namespace ironlaw

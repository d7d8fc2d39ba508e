#include "framework/plugin/plugin_file.hpp"

#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "framework/base/watch.hpp"
#include "framework/plugin/elf_check.hpp"
#include "framework/plugin/file_safety.hpp"
#include "framework/plugin/process_guard.hpp"
#include "framework/plugin/table_check.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr ironlaw_host kHost = {sizeof(ironlaw_host), IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR};
constexpr unsigned kHighestProbe = 99;  // ABI versions that the message about a missing entry tries

// Keeps a library loaded for ever, whatever came of it: its tables are in use, or its constructors have run
// and what they registered would dangle.
const boost::dll::shared_library& keep(boost::dll::shared_library library) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<boost::dll::shared_library>>;
  const std::lock_guard lock(mutex);
  kept->push_back(std::make_unique<boost::dll::shared_library>(std::move(library)));
  return *kept->back();
}

// The name of a file that a library stays loaded from.
const char* for_ever(const fs::path& path) {
  static std::mutex mutex;
  static auto* const names = new std::deque<std::string>;
  const std::lock_guard lock(mutex);
  return names->emplace_back(path.string()).c_str();
}

std::string missing_entry(const boost::dll::shared_library& library) {
  for (unsigned major = 0; major <= kHighestProbe; ++major)
    if (library.has(fmt::format("{}{}", IRONLAW_ENTRY_PREFIX, major)))
      return fmt::format("it was built for ABI {}, and this host speaks {}", major, IRONLAW_ABI_MAJOR);
  return "it has no symbol " IRONLAW_ENTRY_SYMBOL;
}

std::string version_defect(const ironlaw_plugin* plugin) {
  if (!plugin) return fmt::format("it refuses this host (ABI {}.{})", IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR);
  if (!IRONLAW_HAS(plugin, abi_minor)) return "its table is cut short before its version";
  if (plugin->abi_major != IRONLAW_ABI_MAJOR || plugin->abi_minor > IRONLAW_ABI_MINOR)
    return fmt::format("it was built for ABI {}.{}, and this host speaks {}.{}", plugin->abi_major,
                       plugin->abi_minor, IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR);
  return {};
}

// A file's name promises what is in it, so that a listing of the folder is true.
std::string kind_defect(const fs::path& file, const ironlaw_plugin& plugin) {
  const bool is_wall = kind_of(file) == PluginFileKind::wall;
  if ((plugin.n_walls > 0) == is_wall && (plugin.n_hardware > 0) == !is_wall) return {};
  return fmt::format("it holds {} walls and {} hardware targets, which its name does not say", plugin.n_walls,
                     plugin.n_hardware);
}

}  // namespace

PluginFileKind kind_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".wall.so")) return PluginFileKind::wall;
  if (name.ends_with(".hardware.so")) return PluginFileKind::hardware;
  return PluginFileKind::neither;
}

PluginFile load_plugin_file(const fs::path& path, bool allows_unsafe, const StageObserver& observer) {
  PluginFile result;
  const auto enter = [&](const char* stage) {
    result.stage = stage;
    if (observer) observer(stage);
  };
  const auto refused = [&](std::string reason) {
    result.reason = std::move(reason);
    return result;
  };
  try {
    enter("search");
    if (kind_of(path) == PluginFileKind::neither)
      return refused("its name ends neither in .wall.so nor in .hardware.so");

    enter("safety");
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) return refused("its permissions cannot be read");
    if (std::string defect; !allows_unsafe && !(defect = safety_defect(real)).empty())
      return refused(std::move(defect));

    enter("file");
    if (std::string defect = elf_defect(real); !defect.empty()) return refused(std::move(defect));

    const ProcessGuard guard;
    const Watched watched(for_ever(real), "its constructors and its entry");
    enter("load");
    // rtld_now: a symbol that is missing is an error here, and not the end of the process at its first call.
    // The form that throws keeps the loader's own words.
    boost::dll::shared_library opened;
    opened.load(real, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    const boost::dll::shared_library& library = keep(std::move(opened));

    enter("entry");
    // has() asks the loader; Boost's library_info reads a table that stripped files lack.
    if (!library.has(IRONLAW_ENTRY_SYMBOL)) return refused(missing_entry(library));
    const auto& entry = library.get<std::remove_pointer_t<ironlaw_plugin_entry_fn>>(IRONLAW_ENTRY_SYMBOL);
    const ironlaw_plugin* const table = entry(&kHost);
    if (std::string defect = version_defect(table); !defect.empty()) return refused(std::move(defect));

    enter("table");
    std::string defect = table_defect(table);
    if (defect.empty()) defect = kind_defect(path, *table);
    if (!defect.empty()) return refused(std::move(defect));
    return {table, {}, {}};
  } catch (const std::exception& e) {
    return refused(e.what());
  } catch (...) {
    return refused("it threw something that is no std::exception");
  }
}

}  // namespace ironlaw

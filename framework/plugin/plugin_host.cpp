#include "framework/plugin/plugin_host.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>

#include "framework/base/device_names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/plugin/elf_check.hpp"
#include "framework/plugin/table_check.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWallEnd = ".wall.so", kHardwareEnd = ".hardware.so";
constexpr ironlaw_host kHost = {sizeof(ironlaw_host), IRONLAW_ABI_MAJOR, IRONLAW_ABI_MINOR};
constexpr unsigned kHighestProbe = 99;  // ABI versions that the message about a missing entry tries

fs::path executable() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

// Who may change a file or folder, beside root and this user.
struct Writers {
  uid_t owner;
  gid_t group;
  mode_t mode;
};

bool read_writers(const fs::path& path, Writers& writers) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return false;
  writers = {status.st_uid, status.st_gid, status.st_mode};
  return true;
}

// Why a file or folder is less safe than the executable that would load it; empty when it is not.
std::string safety_defect(const fs::path& path) {
  Writers it{}, self{0, 0, 0};
  if (!read_writers(path, it)) return "its permissions cannot be read";
  read_writers(executable(), self);  // when this fails, root's file that nobody else may write to is assumed
  constexpr std::string_view kAdvice = "; change that, or set IRONLAW_ALLOW_UNSAFE_PLUGINS=1";
  if (it.owner != 0 && it.owner != geteuid() && it.owner != self.owner)
    return fmt::format("it belongs to user {}, who is neither root nor you{}", it.owner, kAdvice);
  const bool everybody_writes_self = (self.mode & S_IWOTH) != 0;
  if ((it.mode & S_IWOTH) && !everybody_writes_self)
    return fmt::format("everybody may write to it{}", kAdvice);
  const bool group_writes_self = (self.mode & S_IWGRP) != 0 && self.group == it.group;
  if ((it.mode & S_IWGRP) && !group_writes_self && !everybody_writes_self)
    return fmt::format("group {} may write to it{}", it.group, kAdvice);
  return {};
}

// Keeps a library loaded for ever, whatever came of it: its tables are in use, or its constructors have run
// and what they registered would dangle.
const boost::dll::shared_library& keep(boost::dll::shared_library library) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<boost::dll::shared_library>>;
  const std::lock_guard lock(mutex);
  kept->push_back(std::make_unique<boost::dll::shared_library>(std::move(library)));
  return *kept->back();
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
std::string kind_defect(const std::string& file, const ironlaw_plugin& plugin) {
  const bool is_wall = file.ends_with(kWallEnd);
  if ((plugin.n_walls > 0) == is_wall && (plugin.n_hardware > 0) == !is_wall) return {};
  return fmt::format("it holds {} walls and {} hardware targets, which its name does not say", plugin.n_walls,
                     plugin.n_hardware);
}

}  // namespace

SearchPath search_path() {
  SearchPath search;
  if (const char* entries = std::getenv("IRONLAW_PLUGIN_PATH")) {
    std::string_view rest = entries;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) search.directories.push_back({rest.substr(0, end), true});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  const fs::path root = executable().parent_path().parent_path();
  if (!root.empty())
    for (const char* libdir : {"lib", IRONLAW_LIBDIR})
      search.directories.push_back({root / libdir / "ironlaw" / "plugins", false});
  const char* unsafe = std::getenv("IRONLAW_ALLOW_UNSAFE_PLUGINS");
  search.allows_unsafe = unsafe && std::string_view(unsafe) == "1";
  return search;
}

PluginHost::PluginHost(const SearchPath& search) {
  std::vector<fs::path> seen;
  for (const SearchDirectory& directory : search.directories) {
    std::error_code error;
    const fs::path real = fs::canonical(directory.path, error);  // two names of one folder are one
    if (!error && std::find(seen.begin(), seen.end(), real) != seen.end()) continue;
    if (!error) seen.push_back(real);
    scan(directory, search.allows_unsafe);
  }
  std::sort(walls_.begin(), walls_.end(), [](const auto* a, const auto* b) { return a->number < b->number; });
  std::sort(hardware_.begin(), hardware_.end(),
            [](const auto* a, const auto* b) { return std::string_view(a->id) < b->id; });
}

void PluginHost::scan(const SearchDirectory& directory, bool allows_unsafe) {
  const fs::path& folder = directory.path;
  // The loader would look a relative path up in the working directory, which anybody may have chosen.
  if (!folder.is_absolute()) return fail(folder, "search", "it is not an absolute path");
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    if (directory.is_named) fail(folder, "search", "there is no such folder");
    return;
  }
  if (std::string defect; !allows_unsafe && !(defect = safety_defect(folder)).empty())
    return fail(folder, "safety", std::move(defect));

  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".so") files.push_back(it->path());
  if (error) fail(folder, "search", "it cannot be read: " + error.message());
  std::sort(files.begin(), files.end());  // the order of readdir differs from machine to machine

  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    if (!name.ends_with(kWallEnd) && !name.ends_with(kHardwareEnd)) {
      fail(file, "search", "its name ends neither in .wall.so nor in .hardware.so");
      continue;
    }
    if (std::string defect; !allows_unsafe && !(defect = safety_defect(file)).empty()) {
      fail(file, "safety", std::move(defect));
      continue;
    }
    load(file, folder);
  }
}

void PluginHost::load(const fs::path& path, const fs::path& directory) {
  const char* stage = "file";
  try {
    if (std::string defect = elf_defect(path); !defect.empty()) return fail(path, stage, std::move(defect));

    stage = "load";
    // rtld_now: a symbol that is missing is an error here, and not the end of the process at its first call.
    // The form that throws keeps the loader's own words.
    boost::dll::shared_library opened;
    opened.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    const boost::dll::shared_library& library = keep(std::move(opened));

    stage = "entry";
    // has() asks the loader; Boost's library_info reads a table that stripped files lack.
    if (!library.has(IRONLAW_ENTRY_SYMBOL)) return fail(path, stage, missing_entry(library));
    const auto& entry = library.get<std::remove_pointer_t<ironlaw_plugin_entry_fn>>(IRONLAW_ENTRY_SYMBOL);
    const ironlaw_plugin* table = entry(&kHost);
    if (std::string defect = version_defect(table); !defect.empty())
      return fail(path, stage, std::move(defect));

    stage = "table";
    std::string defect = table_defect(table);
    if (defect.empty()) defect = kind_defect(path.filename().string(), *table);
    if (!defect.empty()) return fail(path, stage, std::move(defect));
    add({path, directory, table});
  } catch (const std::exception& e) {
    fail(path, stage, e.what());
  } catch (...) {
    fail(path, stage, "it threw something that is no std::exception");
  }
}

// Takes the plugin in, unless a name of it is taken: by a plugin of an earlier folder that is how one
// replaces a plugin, in the same folder it is a mistake.
void PluginHost::add(const LoadedPlugin& plugin) {
  const auto clash = [](const ironlaw_plugin& a, const ironlaw_plugin& b) -> std::string {
    for (const ironlaw_wall* x : std::span(a.walls, a.n_walls))
      for (const ironlaw_wall* y : std::span(b.walls, b.n_walls)) {
        if (std::string_view(x->id) == y->id) return fmt::format("wall {}", x->id);
        if (x->number == y->number) return fmt::format("wall number {}", x->number);
      }
    for (const ironlaw_hardware* x : std::span(a.hardware, a.n_hardware))
      for (const ironlaw_hardware* y : std::span(b.hardware, b.n_hardware))
        if (normalised(x->id) == normalised(y->id)) return fmt::format("hardware {}", x->id);
    return {};
  };
  for (const LoadedPlugin& earlier : plugins_) {
    std::string name = clash(*plugin.table, *earlier.table);
    if (name.empty()) continue;
    if (earlier.directory == plugin.directory)
      return fail(plugin.path, "names",
                  fmt::format("{} is already provided by {}", name, earlier.path.string()));
    shadowed_.push_back({plugin.path, earlier.path, std::move(name)});
    return;
  }
  plugins_.push_back(plugin);
  walls_.insert(walls_.end(), plugin.table->walls, plugin.table->walls + plugin.table->n_walls);
  hardware_.insert(hardware_.end(), plugin.table->hardware,
                   plugin.table->hardware + plugin.table->n_hardware);
}

void PluginHost::fail(const fs::path& path, const char* stage, std::string reason) {
  failures_.push_back({path, stage, std::move(reason)});
}

const ironlaw_hardware& PluginHost::find_hardware(std::string_view name) const {
  std::vector<std::string> ids;
  for (const ironlaw_hardware* h : hardware_) ids.emplace_back(h->id);
  return *hardware_[match_device("hardware", name, ids)];
}

const ironlaw_wall& PluginHost::find_wall(std::string_view name_or_number) const {
  std::uint32_t number = 0;
  const char* end = name_or_number.data() + name_or_number.size();
  if (const auto parsed = std::from_chars(name_or_number.data(), end, number);
      parsed.ec == std::errc() && parsed.ptr == end) {
    for (const ironlaw_wall* w : walls_)
      if (w->number == number) return *w;
    throw Error(fmt::format("wall {} is not loaded.", number));
  }
  std::vector<std::string> ids;
  for (const ironlaw_wall* w : walls_) ids.emplace_back(w->id);
  return *walls_[match_name("wall", name_or_number, ids)];
}

}  // namespace ironlaw

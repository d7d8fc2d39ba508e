#include "framework/plugin/plugin_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "framework/base/device_names.hpp"
#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/plugin/file_safety.hpp"
#include "framework/plugin/plugin_file.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

fs::path executable() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
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
  scan(search);
}

PluginHost::PluginHost(const SearchPath& search, const LoadedPlugin& candidate) {
  add(candidate);
  scan(search);
}

void PluginHost::scan(const SearchPath& search) {
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
  // The folder first: its files are not worth a line each.
  const fs::path real = fs::canonical(folder, error);
  if (error) return fail(folder, "search", "it cannot be read: " + error.message());
  if (std::string defect; !allows_unsafe && !(defect = safety_defect(real)).empty())
    return fail(folder, "safety", std::move(defect));

  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".so") files.push_back(it->path());
  if (error) fail(folder, "search", "it cannot be read: " + error.message());
  std::sort(files.begin(), files.end());  // the order of readdir differs from machine to machine

  for (const fs::path& path : files) {
    if (is_loaded(path)) continue;
    PluginFile file = load_plugin_file(path, allows_unsafe);
    if (file.table)
      add({path, folder, file.table});
    else
      fail(path, std::move(file.stage), std::move(file.reason));
  }
}

// A candidate, when its own folder is scanned; all other files are met once.
bool PluginHost::is_loaded(const fs::path& file) const {
  std::error_code error;
  return !plugins_.empty() && plugins_.front().directory.empty() &&
         fs::equivalent(plugins_.front().path, file, error);
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

void PluginHost::leave_out(const ironlaw_plugin& plugin, std::string stage, std::string reason) {
  const auto found = std::find_if(plugins_.begin(), plugins_.end(),
                                  [&](const LoadedPlugin& p) { return p.table == &plugin; });
  if (found == plugins_.end()) return;
  fail(found->path, std::move(stage), std::move(reason));
  plugins_.erase(found);
  const auto erase = [](auto& list, auto* const* items, std::uint32_t n) {
    std::erase_if(list, [&](auto* item) { return std::find(items, items + n, item) != items + n; });
  };
  erase(walls_, plugin.walls, plugin.n_walls);
  erase(hardware_, plugin.hardware, plugin.n_hardware);
}

void PluginHost::fail(const fs::path& path, std::string stage, std::string reason) {
  failures_.push_back({path, std::move(stage), std::move(reason)});
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

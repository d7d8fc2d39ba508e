#include "framework/kit/project.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "framework/base/error.hpp"
#include "framework/kit/cpp_text.hpp"
#include "framework/kit/template.hpp"
#include "framework/plugin/table_check.hpp"
#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLastOfTaxonomy = 22;
constexpr std::size_t kLongestWallId = 40;  // quantities are named after it, and their names end at 64

// ---- what may be written -------------------------------------------------------------------------------

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

void check_hardware_id(const std::string& id) {
  const auto is_allowed = [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-' || c == '+';
  };
  if (!id.empty() && is_alphanumeric(id.front()) && std::all_of(id.begin(), id.end(), is_allowed)) return;
  throw Error(
      fmt::format("The name of a target is '{}'; it must be made of A-Z, a-z, 0-9, '_', '.', '-' and '+' and "
                  "begin with a letter or digit, as My-Chip-1.",
                  id));
}

void check_wall_id(const std::string& id) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_allowed = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; };
  if (!id.empty() && id.size() <= kLongestWallId && is_lower(id.front()) &&
      std::all_of(id.begin(), id.end(), is_allowed))
    return;
  throw Error(
      fmt::format("The name of a wall is '{}'; it must be made of a-z, 0-9 and '_', begin with a letter "
                  "and have at most {} characters, as dram_refresh.",
                  id, kLongestWallId));
}

// Why the host would not load a plugin of these figures; empty when it would.
std::string defect_of(const HardwareProject& project) {
  std::vector<ironlaw_spec> specs;
  std::vector<const ironlaw_spec*> pointers;
  specs.reserve(project.figures.size());
  pointers.reserve(project.figures.size());
  for (const ProjectFigure& f : project.figures) {
    specs.push_back({sizeof(ironlaw_spec), f.flags, f.quantity.c_str(), f.unit.c_str(), f.value,
                     f.source.c_str(), f.note.c_str()});
    pointers.push_back(&specs.back());
  }
  const ironlaw_hardware target{sizeof(ironlaw_hardware),
                                project.year,
                                project.id.c_str(),
                                project.vendor.c_str(),
                                project.family.c_str(),
                                project.kind.c_str(),
                                static_cast<std::uint32_t>(pointers.size()),
                                pointers.data(),
                                nullptr};
  const ironlaw_hardware* const targets[] = {&target};
  const ironlaw_plugin plugin{sizeof(ironlaw_plugin),
                              IRONLAW_ABI_MAJOR,
                              IRONLAW_ABI_MINOR,
                              project.id.c_str(),
                              "1.0.0",
                              "",
                              0,
                              1,
                              nullptr,
                              targets};
  return table_defect(&plugin);
}

void check_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  if (!fs::is_directory(folder, error))
    throw Error(fmt::format("{} is there already and is no folder. Choose another.", folder.string()));
  if (!fs::is_empty(folder, error) || error)
    throw Error(
        fmt::format("The folder {} is there already and is not empty. Choose another.", folder.string()));
}

// ---- what is written -----------------------------------------------------------------------------------

std::vector<std::string> sources_of(const HardwareProject& project) {
  std::vector<std::string> sources;
  for (const ProjectFigure& f : project.figures)
    if (std::find(sources.begin(), sources.end(), f.source) == sources.end()) sources.push_back(f.source);
  return sources;
}

// The constant that holds the source number `index` of `count`.
std::string source_name(std::size_t index, std::size_t count) {
  return count == 1 ? "kSource" : fmt::format("kSource{}", index + 1);
}

std::string source_constants(const std::vector<std::string>& sources) {
  std::string text;
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += fmt::format("constexpr const char* {} = {};\n", source_name(i, sources.size()),
                        cpp_string(sources[i]));
  return text;
}

std::string flags_text(std::uint32_t flags) {
  std::vector<std::string> names;
  if (flags & kSparse) names.emplace_back("kSparse");
  if (flags & kUnverified) names.emplace_back("kUnverified");
  return fmt::format("{}", fmt::join(names, " | "));
}

std::string figure_row(const ProjectFigure& figure, const std::vector<std::string>& sources) {
  const bool is_known = std::any_of(std::begin(spec::known), std::end(spec::known),
                                    [&](const SpecName& s) { return s.quantity == figure.quantity; });
  const std::string name =
      is_known ? "spec::" + figure.quantity
               : fmt::format("{{{}, {}}}", cpp_string(figure.quantity), cpp_string(figure.unit));
  const auto source = std::find(sources.begin(), sources.end(), figure.source) - sources.begin();
  std::string row = fmt::format("    {{{}, {}, {}", name, cpp_number(figure.value),
                                source_name(static_cast<std::size_t>(source), sources.size()));
  if (!figure.note.empty() || figure.flags) row += ", " + cpp_string(figure.note);
  if (figure.flags) row += ", " + flags_text(figure.flags);
  return row + "},\n";
}

std::string figure_rows(const HardwareProject& project, const std::vector<std::string>& sources) {
  std::string rows;
  for (const ProjectFigure& f : project.figures) rows += figure_row(f, sources);
  return rows;
}

// "dram_refresh" -> "Dram refresh".
std::string title_of(std::string id) {
  std::replace(id.begin(), id.end(), '_', ' ');
  id[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(id[0])));
  return id;
}

std::vector<fs::path> write_project(const fs::path& templates, const char* kind, const fs::path& folder,
                                    const TemplateFields& fields) {
  RenderedFiles files = render_folder(templates / "common", fields);
  files.merge(render_folder(templates / kind, fields));
  check_folder(folder);
  write_files(folder, files);
  std::vector<fs::path> names;
  names.reserve(files.size());
  for (const auto& [name, text] : files) names.push_back(name);
  return names;
}

}  // namespace

std::string project_name(std::string_view id) {
  std::string name;
  for (const char c : id)
    name += is_alphanumeric(c) ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
  return name;
}

std::vector<fs::path> write_hardware_project(const fs::path& templates, const fs::path& folder,
                                             const HardwareProject& project) {
  check_hardware_id(project.id);
  if (const std::string defect = defect_of(project); !defect.empty())
    throw Error(fmt::format("A plugin of this would not load: {}.", defect));
  const std::vector<std::string> sources = sources_of(project);
  return write_project(
      templates, "hardware", folder,
      {{"name", project_name(project.id)},
       {"kind", "hardware"},
       {"id", project.id},
       {"info",
        fmt::format("    .id = {},\n    .vendor = {},\n    .family = {},\n    .kind = {},\n    .year = {}",
                    cpp_string(project.id), cpp_string(project.vendor), cpp_string(project.family),
                    cpp_string(project.kind), project.year)},
       {"sources", source_constants(sources)},
       {"figures", figure_rows(project, sources)},
       {"shape_include", project.shape.empty() ? "" : "#include <ironlaw/shapes.hpp>\n"},
       {"shape", project.shape.empty() ? "" : ", " + project.shape}});
}

std::vector<fs::path> write_wall_project(const fs::path& templates, const fs::path& folder,
                                         const WallProject& project) {
  check_wall_id(project.id);
  if (project.number <= kLastOfTaxonomy)
    throw Error(fmt::format("The number of a wall is {}; 1 to {} are the taxonomy's, any above is yours.",
                            project.number, kLastOfTaxonomy));
  return write_project(templates, project.is_analysis ? "analysis" : "wall", folder,
                       {{"name", project.id},
                        {"kind", "wall"},
                        {"number", std::to_string(project.number)},
                        {"title", title_of(project.id)}});
}

}  // namespace ironlaw

// ironlaw plugin new: a project for a plugin of one's own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/kit/project.hpp"
#include "framework/report/json.hpp"
#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kFirstFreeWall = 23;
constexpr std::string_view kSparseEnd = "_sparse";

// A figure that has an option of its own.
struct FigureOption {
  const char* option;
  SpecName spec;
};
constexpr FigureOption kFigureOptions[] = {{"peak-fp64", spec::peak_fp64},
                                           {"peak-fp32", spec::peak_fp32},
                                           {"peak-tf32", spec::peak_tf32},
                                           {"peak-bf16", spec::peak_bf16},
                                           {"peak-fp16", spec::peak_fp16},
                                           {"peak-fp8", spec::peak_fp8},
                                           {"peak-int8", spec::peak_int8},
                                           {"peak-fp4", spec::peak_fp4},
                                           {"peak-int4", spec::peak_int4},
                                           {"memory", spec::memory_capacity},
                                           {"bandwidth", spec::memory_bandwidth},
                                           {"link", spec::scaleup_bandwidth},
                                           {"power", spec::power},
                                           {"price", spec::price}};

// Of hardware only; those of figures come on top.
constexpr Option kHardwareOptions[] = {
    {"set", "NAME=VALUE", "any other figure of hardware.hpp, as \"scaleup_size=8\"; repeatable", true},
    {"source", "TEXT", "where the figures were read"},
    {"vendor", "NAME", "who makes it"},
    {"family", "NAME", "chips it shares its architecture with: what it inherits fitted efficiencies from"},
    {"kind", "KIND", "gpu, tpu, cpu, wafer, mcu, ..."},
    {"year", "YEAR", "of general availability"},
    {"shape", "FUNCTION",
     "gpu_tiles:CORES or systolic_array:SIZExARRAYS, how matrix products fill the chip"}};

std::string figure_help(const FigureOption& figure) {
  if (std::string_view(figure.option).starts_with("peak-"))
    return fmt::format("dense peak in {}, as \"500 TFLOP/s\"", figure.option + 5);
  if (figure.spec.quantity == spec::memory_capacity.quantity) return "capacity of its memory, as 64GiB";
  if (figure.spec.quantity == spec::memory_bandwidth.quantity) return "of that memory, as \"2 TB/s\"";
  if (figure.spec.quantity == spec::scaleup_bandwidth.quantity)
    return "to its neighbours, per direction, as \"450 GB/s\"";
  return figure.spec.quantity == spec::power.quantity ? "design power, as 500W"
                                                      : "purchase price, as 20000USD";
}

// The texts of the options' help, which outlive every Usage.
const std::vector<std::string>& figure_helps() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> result;
    for (const FigureOption& f : kFigureOptions) result.push_back(figure_help(f));
    return result;
  }();
  return texts;
}

constexpr const char* kHardwareExample =
    "ironlaw plugin new hardware My-Chip-1 --peak-bf16 \"500 TFLOP/s\" --memory 64GiB --bandwidth \"2 TB/s\" "
    "--power 500W --source \"datasheet, page 3\"";

Usage usage() {
  Usage result{
      .command = "plugin new",
      .synopsis = "hardware|wall|analysis NAME [options]",
      .summary =
          "Writes a project for a plugin of your own: it builds as it stands against this Ironlaw, has a "
          "test, and `cmake --install` puts the plugin where this program finds it. A target takes its "
          "figures "
          "from the options; a wall and an analysis come with a small one that works, to be replaced.",
      .options = {{"dir", "FOLDER", "where; a folder named after NAME here"},
                  {"number", "N", "of a wall or analysis, 23 or above; the first that is free"},
                  {"format", "F", "text or json; text"}},
      .least_names = 2,
      .most_names = 2,
      .more =
          "examples: ironlaw plugin new hardware My-Chip-1 --peak-bf16 \"500 TFLOP/s\" --memory 64GiB \\\n"
          "              --bandwidth \"2 TB/s\" --power 500W --source \"datasheet, page 3\"\n"
          "          ironlaw plugin new wall dram_refresh",
  };
  for (std::size_t i = 0; i < std::size(kFigureOptions); ++i)
    result.options.push_back({kFigureOptions[i].option, "VALUE", figure_helps()[i].c_str()});
  result.options.insert(result.options.end(), std::begin(kHardwareOptions), std::end(kHardwareOptions));
  return result;
}

// What was asked for is worked out as a project of one kind, with what has to be said about it.
struct Written {
  std::string kind, id;
  fs::path folder;
  std::vector<fs::path> files;
  std::vector<std::string> assumed;  // "vendor unknown"
};

// ---- hardware ------------------------------------------------------------------------------------------

// "scaleup_size=8" as a figure. Throws Error with suggestions for a name that hardware.hpp does not have.
ProjectFigure figure_of(const std::string& assignment, const std::string& source) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(fmt::format("--set is '{}'; it must be NAME=VALUE, as scaleup_size=8.", assignment));
  const std::string name = assignment.substr(0, equals);
  const bool is_sparse = name.ends_with(kSparseEnd);
  const std::string dense = is_sparse ? name.substr(0, name.size() - kSparseEnd.size()) : name;
  std::vector<std::string> names;
  for (const SpecName& s : spec::known) {
    names.emplace_back(s.quantity);
    if (dense != s.quantity || (is_sparse && !dense.starts_with("peak_"))) continue;
    const double value = parse_quantity("--set " + name, assignment.substr(equals + 1), s.unit);
    return {name, s.unit, value, source, "", is_sparse ? std::uint32_t{kSparse} : std::uint32_t{kDense}};
  }
  throw Error(
      fmt::format("--set {}: a datasheet has no such figure that walls know; it has {}, and "
                  "peak_X_sparse.{} Figures of your own are added in the project's source.",
                  name, fmt::join(names, ", "), did_you_mean(name, names)));
}

std::vector<ProjectFigure> figures_of(const Arguments& arguments, const std::string& source) {
  std::vector<ProjectFigure> figures;
  for (const FigureOption& f : kFigureOptions)
    if (const auto given = arguments.text(f.option))
      figures.push_back({f.spec.quantity, f.spec.unit,
                         parse_quantity(fmt::format("--{}", f.option), *given, f.spec.unit), source});
  for (const std::string& assignment : arguments.all("set")) figures.push_back(figure_of(assignment, source));
  return figures;
}

// All that a target cannot do without, in one message.
void require_figures(const std::vector<ProjectFigure>& figures, const std::string& source) {
  const auto has = [&](const auto& is_it) { return std::any_of(figures.begin(), figures.end(), is_it); };
  const auto is = [](const SpecName& name) {
    return [&name](const ProjectFigure& f) { return f.quantity == name.quantity; };
  };
  std::vector<std::string> missing;
  if (!has([](const ProjectFigure& f) { return f.quantity.starts_with("peak_") && !(f.flags & kSparse); }))
    missing.emplace_back("a dense peak (--peak-bf16, --peak-fp16, --peak-fp8, ...)");
  if (!has(is(spec::memory_capacity))) missing.emplace_back("its memory (--memory)");
  if (!has(is(spec::memory_bandwidth))) missing.emplace_back("its memory bandwidth (--bandwidth)");
  if (source.empty()) missing.emplace_back("where the figures were read (--source)");
  if (missing.empty()) return;
  throw Error(
      fmt::format("A target needs more: {}. For example: {}", fmt::join(missing, ", "), kHardwareExample));
}

// "gpu_tiles:132" as shapes.hpp has it: GpuTiles<132>.
std::string shape_of(const std::string& given) {
  constexpr int kMost = 1'000'000;
  const std::size_t colon = given.find(':');
  const std::string name = given.substr(0, colon);
  const std::vector<std::string> names = {"gpu_tiles", "systolic_array"};
  one_of("--shape", name, names);
  const std::string numbers = colon == std::string::npos ? "" : given.substr(colon + 1);
  const auto number = [&](const std::string& text) {
    return parse_integer(fmt::format("A number of --shape {}", name), text, 1, kMost);
  };
  if (name == "gpu_tiles") return fmt::format("GpuTiles<{}>", number(numbers));
  const std::size_t times = numbers.find('x');
  const int arrays = times == std::string::npos ? 1 : number(numbers.substr(times + 1));
  return fmt::format("SystolicArray<{}, {}>", number(numbers.substr(0, times)), arrays);
}

std::uint32_t this_year() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return static_cast<std::uint32_t>(static_cast<int>(std::chrono::year_month_day(today).year()));
}

HardwareProject hardware_project(const Arguments& arguments, const std::string& id,
                                 std::vector<std::string>& assumed) {
  constexpr int kFirstYear = 1970, kLastYear = 2100;
  const std::string source = arguments.text("source").value_or("");
  HardwareProject project{
      .id = id, .vendor = {}, .family = {}, .kind = {}, .figures = figures_of(arguments, source)};
  require_figures(project.figures, source);
  const auto given_or = [&](const char* option, const std::string& usual) {
    if (auto given = arguments.text(option)) return *given;
    assumed.push_back(fmt::format("{} {}", option, usual));
    return usual;
  };
  project.vendor = given_or("vendor", "unknown");
  project.family = given_or("family", project_name(id));
  project.kind = given_or("kind", "accelerator");
  if (const auto year = arguments.integer("year", kFirstYear, kLastYear))
    project.year = static_cast<std::uint32_t>(*year);
  else
    assumed.push_back(fmt::format("year {}", project.year = this_year()));
  if (const auto shape = arguments.text("shape")) project.shape = shape_of(*shape);
  return project;
}

void refuse_name_in_catalogue(const PluginHost& host, const std::string& id) {
  for (const ironlaw_hardware* h : host.hardware())
    if (normalised(h->id) == normalised(id))
      throw Error(
          fmt::format("There is a hardware target {} already; two of one name hide one another. Choose "
                      "another name.",
                      h->id));
}

// ---- walls ---------------------------------------------------------------------------------------------

void refuse_hardware_options(const Arguments& arguments, const std::string& kind) {
  std::vector<std::string> names;
  for (const FigureOption& f : kFigureOptions) names.emplace_back(f.option);
  for (const Option& o : kHardwareOptions) names.emplace_back(o.name);
  for (const std::string& name : names)
    if (arguments.has(name))
      throw Error(fmt::format("--{} is a hardware target's; {} {} has no datasheet.", name,
                              kind == "wall" ? "a" : "an", kind));
}

std::uint32_t number_of(const Arguments& arguments, const PluginHost& host) {
  constexpr int kMost = 1'000'000;
  const auto owner = [&](std::uint32_t number) {
    const auto found = std::find_if(host.walls().begin(), host.walls().end(),
                                    [&](const ironlaw_wall* w) { return w->number == number; });
    return found == host.walls().end() ? nullptr : *found;
  };
  if (const auto given = arguments.integer("number", kFirstFreeWall, kMost)) {
    const auto number = static_cast<std::uint32_t>(*given);
    if (const ironlaw_wall* w = owner(number))
      throw Error(fmt::format("--number is {}; that is the number of wall {} already.", number, w->id));
    return number;
  }
  std::uint32_t number = kFirstFreeWall;
  while (owner(number)) ++number;
  return number;
}

WallProject wall_project(const Arguments& arguments, const PluginHost& host, const std::string& kind,
                         const std::string& id) {
  refuse_hardware_options(arguments, kind);
  for (const ironlaw_wall* w : host.walls())
    if (normalised(w->id) == normalised(id))
      throw Error(
          fmt::format("There is a wall {} already, number {}. Choose another name.", w->id, w->number));
  return {id, number_of(arguments, host), kind == "analysis"};
}

// ---- the answer ----------------------------------------------------------------------------------------

// Where this program's CMake package is, unless CMake finds it by the PATH.
std::string package_option() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const char* path = std::getenv("PATH");
  if (path && fmt::format(":{}:", path).find(fmt::format(":{}:", folder.string())) != std::string::npos)
    return "";
  return fmt::format(" -DCMAKE_PREFIX_PATH={}", folder.parent_path().string());
}

std::vector<std::string> next_commands(const Written& w) {
  std::vector<std::string> commands = {
      fmt::format("cd {}", w.folder.string()), fmt::format("cmake -B build{}", package_option()),
      "cmake --build build", "ctest --test-dir build", "cmake --install build"};
  if (w.kind == "hardware")
    commands.push_back(fmt::format("ironlaw solve llama-3.1-8b {} --params textbook", w.id));
  else
    commands.push_back(fmt::format("ironlaw explain {}{}", w.id,
                                   w.kind == "analysis" ? " llama-3.1-8b h100 --params textbook" : ""));
  return commands;
}

std::string to_text(const Written& w) {
  std::string text =
      fmt::format("{}\n", bold(fmt::format("{} is a project for {} {}", w.folder.string(), w.kind, w.id)));
  for (const fs::path& file : w.files) text += fmt::format("  {}\n", file.string());
  if (!w.assumed.empty())
    text += fmt::format("\nNot given, so assumed: {}. They are in the project's source.\n",
                        fmt::join(w.assumed, ", "));
  text += "\nNext:\n";
  for (const std::string& command : next_commands(w)) text += fmt::format("  {}\n", command);
  return text;
}

Json to_json(const Written& w) {
  Json json{{"kind", w.kind},
            {"name", w.id},
            {"folder", w.folder.string()},
            {"assumed", w.assumed},
            {"next", next_commands(w)},
            {"files", Json::array()}};
  for (const fs::path& file : w.files) json["files"].push_back(file.string());
  return json;
}

}  // namespace

ExitCode cmd_plugin_new(CommandWords words) {
  const auto arguments = parse(usage(), words);
  if (!arguments) return ExitCode::ok;
  const bool is_json = format_of(*arguments, false) == Format::json;
  const std::vector<std::string> kinds = {"hardware", "wall", "analysis"};
  Written w;
  w.kind = one_of("The kind of plugin", arguments->names()[0], kinds);
  w.id = arguments->names()[1];
  w.folder = arguments->text("dir").value_or(project_name(w.id));

  const PluginHost host = load_plugins();
  if (w.kind == "hardware") {
    if (arguments->has("number")) throw Error("--number is a wall's; a hardware target has none.");
    refuse_name_in_catalogue(host, w.id);
    w.files =
        write_hardware_project(templates_dir(), w.folder, hardware_project(*arguments, w.id, w.assumed));
  } else {
    w.files = write_wall_project(templates_dir(), w.folder, wall_project(*arguments, host, w.kind, w.id));
  }
  print(is_json ? json_text(to_json(w)) : to_text(w));
  return ExitCode::ok;
}

}  // namespace ironlaw

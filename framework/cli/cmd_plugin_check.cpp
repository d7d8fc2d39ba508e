// ironlaw plugin check: does a plugin keep its promises? The candidate runs in a process of its own.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/conformance/child.hpp"
#include "framework/conformance/supervisor.hpp"
#include "framework/report/conformance_report.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr double kUsualSeconds = 10;
constexpr const char* kQuick = "quick";
constexpr const char* kFull = "full";

const Usage kUsage{
    .command = "plugin check",
    .synopsis = "FILE [options]",
    .summary =
        "Runs a plugin through the conformance checks, in a process of its own: a crash is a finding. A line "
        "for each check: passed, warning, failed or skipped, and why. The installed plugins are what it is "
        "tried with, and the catalogue's nearest device what it is compared with.",
    .options = {{"quick", "", "fewer workloads: a second instead of some"},
                {"timeout", "S", "the most seconds that one step of a check may take; 10"},
                {"format", "F", "text or json; text"}},
    .least_names = 1,
    .most_names = 1,
    .more = "exit code: 0 it conforms (warnings apart), 1 there is no such file, 3 a check failed",
};

fs::path file_of(const Arguments& arguments) {
  const std::string& given = arguments.names()[0];
  std::error_code error;
  const fs::path file = fs::absolute(given, error);
  if (error || !fs::exists(file, error)) throw Error(fmt::format("There is no file '{}'.", given));
  if (fs::is_directory(file, error))
    throw Error(fmt::format("'{}' is a folder; plugin check takes one file.", given));
  return file;
}

}  // namespace

ExitCode cmd_plugin_check(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const fs::path file = file_of(*arguments);
  const bool is_quick = arguments->has("quick");
  const conformance::Report report = conformance::supervise(
      {.file = file,
       .seconds = arguments->positive("timeout").value_or(kUsualSeconds),
       .child_words = [&](int descriptor, std::size_t first_check) -> std::vector<std::string> {
         return {"plugin",
                 kPluginCheckChild,
                 file.string(),
                 std::to_string(descriptor),
                 std::to_string(first_check),
                 is_quick ? kQuick : kFull};
       }});
  print(format == Format::json ? json_text(conformance_json(report)) : conformance_text(report, bold));
  if (report.conforms()) return ExitCode::ok;
  throw Error(fmt::format("{} does not conform: {} failed.", file.filename().string(),
                          conformance::counted(report.count(conformance::Verdict::failed), "check")),
              ExitCode::limit_violated);
}

// FILE DESCRIPTOR FIRST_CHECK quick|full: what the command above starts. Nobody else should.
ExitCode cmd_plugin_check_child(CommandWords words) {
  constexpr std::size_t kWords = 4;
  const auto number = [&](std::size_t i) {
    int value = -1;
    std::from_chars(words[i].data(), words[i].data() + words[i].size(), value);
    return value;
  };
  if (words.size() != kWords || number(1) < 0 || number(2) < 0)
    throw Error(
        fmt::format("plugin {} is a part of plugin check and no command of its own.", kPluginCheckChild));
  const int code = conformance::run_child({.file = words[0],
                                           .descriptor = number(1),
                                           .first_check = static_cast<std::size_t>(number(2)),
                                           .is_quick = words[3] == kQuick},
                                          search_path());
  return static_cast<ExitCode>(code);
}

}  // namespace ironlaw

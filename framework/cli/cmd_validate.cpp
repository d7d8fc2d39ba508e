// ironlaw validate: fits without some rows, predicts them, and says how wrong that was.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/workbench.hpp"
#include "framework/report/operators_report.hpp"
#include "framework/report/study_report.hpp"
#include "framework/report/validation_report.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "validate",
    .synopsis = "[--holdout WHAT=NAME | --folds K] [options]",
    .summary =
        "Fits without some rows, predicts them, and reports how wrong that was, beside baselines that know "
        "no "
        "physics. Without a hold-out it makes the whole report: each round from what was published before "
        "it, "
        "and each device, model, submitter and source from all others.",
    .options = {{"holdout", "WHAT=NAME",
                 "round=inference-v5.1, hardware=, model=, submitter=, source= or shape="},
                {"operators", "", "only single operators: shapes and devices that were not fitted"},
                {"folds", "K", "K folds of whole cells, pooled"},
                {"quick", "", "the rounds, and the hold-outs that the goals are about"},
                {"only", "KIND,...", "hold-outs of these kinds only: round, hardware, model, ..."},
                {"cold", "K", "fit K of the hold-outs from nothing too and show what that changes"},
                {"html", "FILE", "write the report with its plots as one page"},
                {"rows", "FILE", "write every held-out row with its prediction as CSV"},
                {"report", "FILE", "rewrite the block `<!-- begin: accuracy -->` of FILE (README.md)"},
                {"format", "F", "text or json; text"}},
};

void refuse_with(const Arguments& arguments, const char* chosen) {
  for (const char* option : {"quick", "only", "cold", "html", "rows", "report"})
    if (arguments.has(option))
      throw Error(
          fmt::format("--{} belongs to the whole report and cannot be given with --{}.", option, chosen));
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("report: {} cannot be read.", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const char* option, const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.flush();
  if (!out) throw Error(fmt::format("{}: {} cannot be written.", option, path));
}

// The file with the block between the markers made anew. Looked at before the minutes of fitting, too.
std::string with_block(const std::string& path, const std::string& text, const std::string& block) {
  constexpr std::string_view kBegin = "<!-- begin: accuracy -->\n";
  constexpr std::string_view kEnd = "<!-- end -->";
  const auto begin = text.find(kBegin);
  const auto end = begin == std::string::npos ? begin : text.find(kEnd, begin);
  if (end == std::string::npos)
    throw Error(fmt::format("report: {} has no block from `<!-- begin: accuracy -->` to `{}`.", path, kEnd));
  return text.substr(0, begin + kBegin.size()) + block + text.substr(end);
}

// The kinds of hold-outs that are wanted; none: all.
std::vector<std::string> kinds_of(const Arguments& arguments) {
  if (arguments.has("quick") && arguments.has("only"))
    throw Error("--quick and --only cannot be given together.");
  if (arguments.has("quick")) return {"round"};
  const std::vector<std::string> known(std::begin(kHoldOutKeys), std::end(kHoldOutKeys));
  std::vector<std::string> kinds;
  std::string rest = arguments.text("only").value_or("");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string kind = rest.substr(0, comma);
    rest.erase(0, comma + 1);
    if (std::find(known.begin(), known.end(), kind) == known.end())
      throw Error(fmt::format("only: there are no hold-outs of kind '{}'; allowed are {}.{}", kind,
                              fmt::join(known, ", "), did_you_mean(kind, known)));
    kinds.push_back(kind);
  }
  return kinds;
}

ExitCode report_all(const Arguments& arguments, Format format) {
  StudyOptions options;
  options.keys = kinds_of(arguments);
  options.with_goals = arguments.has("quick");
  options.cold = arguments.integer("cold", 1, 1000).value_or(0);
  options.progress = slow_progress("validate");
  const auto page = arguments.text("html");
  const auto rows = arguments.text("rows");
  const auto readme = arguments.text("report");
  if (readme) with_block(*readme, read_file(*readme), "");
  if (page) write_file("html", *page, "");
  if (rows) write_file("rows", *rows, "");

  Workbench bench;
  const ValidationInputs inputs = bench.inputs();
  const std::optional<Fit> full = load_fit(bench.store(), kFullSplit, bench.identity());
  const std::unique_ptr<Study> study = run_study(inputs, full, options);
  if (page) write_file("html", *page, study_html(*study, today()));
  if (rows) write_file("rows", *rows, study_csv(*study));
  if (readme)
    write_file("report", *readme, with_block(*readme, read_file(*readme), study_markdown(*study, today())));
  print(format == Format::json ? study_json(*study) : study_text(*study));
  return ExitCode::ok;
}

ExitCode report_operators(Format format) {
  Workbench bench;
  const ValidationInputs inputs = bench.inputs();
  FitOptions options = inputs.options;
  options.progress = slow_progress("fit");
  Unlowered unlowered;
  const OperatorStudy study =
      study_operators(bench.store().operators(), inputs.hardware, inputs.predictor, options, unlowered);
  print(format == Format::json ? operators_json(study, unlowered) : operators_text(study, unlowered));
  return ExitCode::ok;
}

}  // namespace

ExitCode cmd_validate(CommandWords words) {
  const std::optional<Arguments> arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const auto holdout = arguments->text("holdout");
  if (arguments->has("operators")) return report_operators(format);
  const auto folds = arguments->integer("folds", 2, 50);
  if (holdout && folds) throw Error("--holdout and --folds cannot be given together.");
  if (!holdout && !folds) return report_all(*arguments, format);
  refuse_with(*arguments, holdout ? "holdout" : "folds");

  Workbench bench;
  const ValidationInputs inputs = bench.inputs();
  const Validation validation =
      folds ? validate_folds(*folds, inputs) : validate(parse_holdout(*holdout, inputs), inputs);
  print(format == Format::json ? validation_json(validation) : validation_text(validation));
  return ExitCode::ok;
}

}  // namespace ironlaw

// ironlaw validate: fits without some rows, predicts them, and says how wrong that was.
#include <fmt/format.h>

#include "calibration/operator_study.hpp"
#include "framework/base/error.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/workbench.hpp"
#include "framework/report/validation_report.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "validate",
    .synopsis = "--holdout WHAT=NAME | --folds K",
    .summary =
        "Fits without the rows that are held out, predicts them, and reports by group how wrong that was, "
        "beside "
        "baselines that know no physics. round= is fitted on what was published before that round.",
    .options = {{"holdout", "WHAT=NAME", "round=inference-v5.1, hardware=, model=, submitter= or source="},
                {"operators", "", "single operators: shapes and devices that were not fitted"},
                {"folds", "K", "K folds of whole cells, pooled"},
                {"format", "F", "text or json; text"}},
};

}  // namespace

ExitCode cmd_validate(CommandWords words) {
  const std::optional<Arguments> arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const auto holdout = arguments->text("holdout");
  if (arguments->has("operators")) {
    Workbench bench;
    const ValidationInputs inputs = bench.inputs();
    Unlowered unlowered;
    FitOptions options;
    options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
    const OperatorStudy study = study_operators(inputs.store->operators(), inputs.hardware, inputs.predictor, options,
                                                4, unlowered);
    for (const auto& [reason, count] : unlowered) fmt::print("{:6} {}\n", count, reason);
    for (const auto* part : {&study.shapes, &study.devices}) {
      fmt::print("\n");
      for (const OperatorErrors& e : *part)
        fmt::print("{:20} {:5} {:32} n {:5} med {:5.1f}% p90 {:5.1f}% bias {:+.1f}% in90 {:.0f}%\n", e.op, e.precision,
                   e.device, e.metrics.n, 100 * *e.metrics.median_ape, 100 * *e.metrics.p90_ape, 100 * *e.metrics.bias,
                   100 * *e.metrics.coverage90);
    }
    return ExitCode::ok;
  }
  const auto folds = arguments->integer("folds", 2, 50);
  if (holdout.has_value() == folds.has_value())
    throw Error(
        "validate needs either --holdout WHAT=NAME or --folds K. `ironlaw validate --help` explains.");

  Workbench bench;
  const ValidationInputs inputs = bench.inputs();
  const Validation validation =
      folds ? validate_folds(*folds, inputs) : validate(parse_holdout(*holdout, inputs), inputs);
  print(format == Format::json ? validation_json(validation) : validation_text(validation));
  return ExitCode::ok;
}

}  // namespace ironlaw

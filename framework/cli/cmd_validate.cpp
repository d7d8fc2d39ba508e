// ironlaw validate: fits without some rows, predicts them, and says how wrong that was.
#include <fmt/format.h>

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
                {"folds", "K", "K folds of whole cells, pooled"},
                {"format", "F", "text or json; text"}},
};

}  // namespace

ExitCode cmd_validate(CommandWords words) {
  const std::optional<Arguments> arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const auto holdout = arguments->text("holdout");
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

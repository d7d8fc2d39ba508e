// ironlaw drift: holds today's predictions against the golden grid.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "calibration/drift/golden_grid.hpp"
#include "calibration/drift/made_from.hpp"
#include "calibration/stored_fit.hpp"
#include "framework/base/error.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/options.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/report/drift_report.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

const Usage kUsage{
    .command = "drift",
    .synopsis = "[--grid DIR] [--update] [options]",
    .summary =
        "Predicts the points of the golden grid (devices x models x phases x sizes) and says which numbers "
        "moved since it was written, how far, and why: an equation, a datasheet, a model, the data or the "
        "fit. "
        "Exit code 3 when one moved beyond its bound.",
    .options =
        {{"grid", "DIR", "where the grid is; the source tree's tests/golden"},
         {"params", "SET",
          "calibrated: all of it; textbook: only what needs no fit, textbook and prior times; calibrated"},
         {"update", "", "write the grid anew, after saying what moved; needs the fit"},
         {"format", "F", "text or json; text"}},
    .more =
        "`make golden` builds, fits and updates. A commit that moves numbers on purpose brings the new grid.",
};

// The grid as it would be written today.
Golden golden_of_today(const PluginHost& host, bool with_fit) {
  const std::vector<const ironlaw_wall*> walls(host.walls().begin(), host.walls().end());
  Golden golden;
  golden.made_from = made_from(host.walls(), host.hardware(), facts_dir());
  std::optional<ParameterSet> fitted;
  if (with_fit) {
    fitted = load_calibrated(database_path(), host.walls(), host.hardware());
    golden.made_from.fit =
        fit_marks(data_hash(database_path().string()), text_of(FitOptions{}), fitted->origin);
  }
  golden.rows =
      golden_rows(golden_points(host.hardware()), walls, host.hardware(), fitted ? &*fitted : nullptr);
  return golden;
}

std::string text_of_drift(const Drift& drift, const fs::path& grid, Format format) {
  return format == Format::json ? json_text(drift_json(drift, grid.string()))
                                : drift_text(drift, grid.string(), bold);
}

// What moved, if there is a grid to compare with, and the new grid.
void update(const fs::path& grid, const Golden& today, Format format) {
  try {
    const Golden before = read_golden(grid);
    print(text_of_drift(compare_golden(before, today), grid, format));
  } catch (const Error& e) {
    std::fputs(fmt::format("drift: nothing to compare with: {}\n", e.what()).c_str(), stderr);
  }
  write_golden(grid, today);
  std::fputs(fmt::format("drift: wrote {} points to {}\n", today.rows.size(), grid.string()).c_str(), stderr);
}

}  // namespace

ExitCode cmd_drift(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, false);
  const std::vector<std::string> sets = {"calibrated", "textbook"};
  const bool with_fit = one_of("--params", arguments->text("params").value_or(sets[0]), sets) == sets[0];
  const fs::path grid = arguments->text("grid").value_or(IRONLAW_SOURCE_GOLDEN_DIR);
  const bool updates = arguments->has("update");
  if (updates && !with_fit)
    throw Error("--update writes calibrated times too and cannot be given with --params textbook.");
  if (!updates) read_golden(grid);  // a wrong one is told before the seconds of predicting

  const PluginHost host = load_plugins();
  const Golden today = golden_of_today(host, with_fit);
  if (updates) {
    update(grid, today, format);
    return ExitCode::ok;
  }
  const Golden before = read_golden(grid);
  const Drift drift = compare_golden(before, today);
  print(text_of_drift(drift, grid, format));
  if (!drift.is_violated()) return ExitCode::ok;
  throw Error(
      "Predictions moved beyond their bounds. If that is meant, `make golden` writes the grid anew: commit "
      "it "
      "with the change.",
      ExitCode::limit_violated);
}

}  // namespace ironlaw

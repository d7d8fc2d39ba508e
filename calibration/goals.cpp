#include "calibration/goals.hpp"

namespace ironlaw {

const std::vector<Goal>& goals() {
  static const std::vector<Goal> all = {
      {"next inference round, device and model seen before",
       "plain statistics 4-9%; submitters on identical systems differ by 0.9% (p90 5.7%)", 0.04, "round",
       "inference", "seen", ""},
      {"next inference round, new device", "plain statistics 83-94%; a ten-parameter physics sketch 20-30%",
       0.12, "round", "inference", "new_device", ""},
      {"next inference round, new model", "plain statistics 99%; the same sketch 14-120% by model", 0.20,
       "round", "inference", "new_model", ""},
      {"next training round, device and model seen", "plain statistics 5-10%", 0.05, "round", "training",
       "seen", ""},
      {"next training round, new device", "plain statistics 7-62%", 0.12, "round", "training", "new_device",
       ""},
      {"next training round, new model", "plain statistics above 100%", 0.20, "round", "training",
       "new_model", ""},
      {"Megatron SC21 tables, fitted elsewhere", "Calculon 10% (its own tuned cases 3.65%)", 0.05, "source",
       "", "", "megatron-sc21"},
      {"1,440 single-node A100 iterations, fitted on part, held-out shapes",
       "Calculon 39% (median 36%), vTrain 8.4% (profiled)", 0.08, "shape", "", "", "vtrain"},
      {"matrix products n,k >= 1024, held-out shapes",
       "a 10-parameter wave model 4-7%; a 35,000-row table 3.6%", 0.05, "shape", "", "", "", "gemm"},
      {"the same, device never measured", "9-13% with family medians", 0.09, "hardware", "", "", "", "gemm"},
      {"decode attention above 50 MB of KV, held-out sizes", "2-4%", 0.03, "shape", "", "", "", kLargeCache},
      {"collectives, held-out sizes", "3.6-5.5%", 0.04, "shape", "", "", "", kCollectives},
      {"serving TPOT, held-out models",
       "AIConfigurator 24% median on the rows it answers (44% unanswered); two numbers for all 18.5%; BLIS "
       "7% on its own engine, 13-16% on unseen GPUs",
       0.12, "model", "serving", "", ""},
  };
  return all;
}

bool is_about(const Goal& goal, const Observation& o) {
  const std::string_view suite = goal.suite;
  return !*goal.operators && (suite.empty() || o.suite == suite) && o.source.starts_with(goal.source);
}

std::optional<Metrics> reached(const Goal& goal, const Study& study) {
  if (*goal.operators) {
    if (!study.operators) return std::nullopt;
    const bool is_shape = std::string_view(goal.key) == "shape";
    for (const OperatorErrors& e : is_shape ? study.operators->shapes : study.operators->devices)
      if (e.op == goal.operators && e.precision.empty()) return e.metrics;
    return std::nullopt;
  }
  const std::string group = goal.group;
  const auto rows = study.select(goal.key, [&](const HeldRow& h) {
    return is_about(goal, h.row->observation) && (group.empty() || h.group == group);
  });
  if (rows.empty()) return std::nullopt;
  return measure(goal.what, rows);
}

}  // namespace ironlaw

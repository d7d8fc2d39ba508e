#include <fmt/format.h>

#include <cmath>

#include "framework/report/study_report.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : "";
}

}  // namespace

std::string study_csv(const Study& study) {
  std::vector<std::string> head = {"hold_out",  "id",        "suite",  "round",        "published",
                                   "source",    "submitter", "device", "accelerators", "model",
                                   "scenario",  "precision", "cell",   "group",        "observed",
                                   "predicted", "low_90",    "high_90"};
  head.insert(head.end(), kRivalNames.begin(), kRivalNames.end());
  std::string text = csv_line(head);
  for (const HeldRow& h : study.rows) {
    const Observation& o = h.row->observation;
    const double half = h.variance.half90();
    std::vector<std::string> cells = {study.holdouts[h.holdout].holdout.text(),
                                      std::to_string(o.id),
                                      o.suite,
                                      o.round,
                                      o.published,
                                      o.source,
                                      o.submitter,
                                      o.device,
                                      o.accelerators ? std::to_string(*o.accelerators) : "",
                                      o.model,
                                      o.scenario,
                                      name_of(h.row->scenario.precision),
                                      h.row->cell,
                                      h.group,
                                      number(o.value),
                                      number(h.rate),
                                      number(h.rate * std::exp(-half)),
                                      number(h.rate * std::exp(half))};
    for (const std::optional<double>& rate : h.rivals) cells.push_back(number(rate));
    text += csv_line(cells);
  }
  return text;
}

}  // namespace ironlaw

// The validation report as one page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "framework/report/study_report.hpp"
#include "framework/report/svg.hpp"

namespace ironlaw {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> kColours = {
    {{"seen", "#2b6ca3"}, {"new_device", "#d9822b"}, {"new_model", "#3d9950"}, {"new_both", "#b03060"}}};
constexpr const char* kNames[] = {"device and model seen", "new device", "new model", "both new"};
constexpr int kRowsForBox = 5;

std::vector<const HeldRow*> rounds_of(const Study& study, const std::string& suite) {
  return study.select("round", [&](const HeldRow& h) { return h.row->observation.suite == suite; });
}

std::string parity(const Study& study, const std::string& suite) {
  const std::vector<const HeldRow*> rows = rounds_of(study, suite);
  if (rows.empty()) return "";
  double low = rows[0]->rate;
  double high = low;
  for (const HeldRow* h : rows) {
    low = std::min({low, h->rate, h->row->observation.value});
    high = std::max({high, h->rate, h->row->observation.value});
  }
  low = std::pow(10, std::floor(std::log10(low)));
  high = std::pow(10, std::ceil(std::log10(high)));
  SvgPlot plot(fmt::format("Predicted and observed, {} rounds", suite),
               {"observed [tokens/s or samples/s]", low, high, true}, {"predicted", low, high, true});
  plot.line({{low, low}, {high, high}}, "#555", "", true);
  for (std::size_t g = 0; g < kColours.size(); ++g) {
    std::vector<std::pair<double, double>> xy;
    std::vector<std::string> tips;
    for (const HeldRow* h : rows)
      if (std::string_view(h->group) == kColours[g].first) {
        const Observation& o = h->row->observation;
        xy.emplace_back(o.value, h->rate);
        tips.push_back(fmt::format("{} {} x {}, {}, {}: {:.4g} predicted, {:.4g} observed", o.model,
                                   o.accelerators.value_or(0), o.device, o.round, o.submitter, h->rate,
                                   o.value));
      }
    if (!xy.empty()) plot.points(xy, kColours[g].second, fmt::format("{} ({})", kNames[g], xy.size()), tips);
  }
  return plot.text();
}

std::string coverage(const Study& study) {
  SvgPlot plot("Do the intervals hold what they say?", {"content of the central interval [%]", 0, 100},
               {"rows inside [%]", 0, 100});
  plot.line({{0, 0}, {100, 100}}, "#555", "", true);
  constexpr std::pair<const char*, const char*> kSuites[] = {{"inference", "#2b6ca3"},
                                                             {"training", "#d9822b"}};
  for (const auto& [suite, colour] : kSuites) {
    std::vector<Scored> rows;
    for (const HeldRow* h : rounds_of(study, suite)) rows.push_back(h->scored());
    if (rows.empty()) continue;
    std::vector<std::pair<double, double>> xy;
    for (int c = 5; c < 100; c += 5) xy.emplace_back(c, 100 * coverage_at(rows, c / 100.0));
    plot.line(xy, colour, fmt::format("{} rounds", suite));
  }
  return plot.text();
}

// Residuals of the rounds by what a row has in a column of the observation.
std::string residuals(const Study& study, const std::string& what, std::string Observation::*member) {
  std::map<std::string, std::vector<double>> errors;
  for (const HeldRow* h : study.select("round", [](const HeldRow&) { return true; }))
    errors[h->row->observation.*member].push_back(100 * std::expm1(h->scored().log_error));
  std::vector<SvgBox> boxes;
  for (const auto& [name, values] : errors) {
    if (values.size() < kRowsForBox) continue;
    boxes.push_back({fmt::format("{} ({})", name, values.size()), *quantile(values, 0.05),
                     *quantile(values, 0.25), *quantile(values, 0.5), *quantile(values, 0.75),
                     *quantile(values, 0.95)});
  }
  if (boxes.empty()) return "";
  return svg_boxes(fmt::format("Residuals by {}: rounds from their past; box 25-75%, line 5-95%", what),
                   {"predicted / observed - 1 [%]", -100, 150}, 0, boxes);
}

std::string table_html(const StudyTable& t) {
  std::string out = fmt::format("<h2>{}</h2>\n", escape_markup(t.title));
  if (!t.note.empty()) out += fmt::format("<p>{}</p>\n", escape_markup(t.note));
  out += "<table>\n";
  for (std::size_t r = 0; r < t.rows.size(); ++r) {
    out += "<tr>";
    for (const std::string& cell : t.rows[r])
      out += fmt::format("<{0}>{1}</{0}>", r == 0 ? "th" : "td", escape_markup(cell));
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string study_html(const Study& study, const std::string& date) {
  std::string out =
      "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Ironlaw: "
      "validation</title>\n<style>\n"
      "body{font-family:sans-serif;max-width:1150px;margin:2em auto;padding:0 1em;color:#222}\n"
      "table{border-collapse:collapse;font-size:13px}td,th{padding:3px 9px;border-bottom:1px solid #ddd;"
      "text-align:right;vertical-align:top}td:first-child,th:first-child,td:last-child{text-align:left}\n"
      "svg{margin:0 1em 1em 0;border:1px solid #eee;max-width:100%}\n</style></head><body>\n"
      "<h1>How wrong Ironlaw is</h1>\n";
  out += fmt::format(
      "<p>Made on {} by <code>ironlaw validate --html</code>. {} of {} observations can be predicted; {} "
      "hold-outs.</p>\n",
      date, study.lowered, study.observations, study.holdouts.size());
  for (const char* suite : {"inference", "training"}) out += parity(study, suite);
  out += coverage(study);
  out += residuals(study, "model", &Observation::model) + residuals(study, "device", &Observation::device) +
         residuals(study, "round", &Observation::round);
  for (const StudyTable& t : study_tables(study)) out += table_html(t);
  return out + "</body></html>\n";
}

}  // namespace ironlaw

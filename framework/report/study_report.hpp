// A whole validation as text, JSON, Markdown and HTML.
#pragma once

#include <string>
#include <vector>

#include "calibration/goals.hpp"
#include "calibration/study.hpp"

namespace ironlaw {

// A table of a report: the first row is its head.
struct StudyTable {
  std::string title, note;
  std::vector<std::vector<std::string>> rows;
};

// What every form of the report shows, in its order.
std::vector<StudyTable> study_tables(const Study& study);

std::string study_text(const Study& study);

// One object: goals, rounds (pooled: groups by suite with rivals), holdouts (each with metrics), kinds
// (hold-outs of one kind pooled by suite), worst (with suspicions), coverage (content and share by suite).
std::string study_json(const Study& study);

// Every held-out row with what was predicted for it, one line each: rates in the unit of the observation, the
// 90% interval, the rivals' predictions (empty: none).
std::string study_csv(const Study& study);

// The README's section, between its markers.
std::string study_markdown(const Study& study, const std::string& date);

// One self-contained page: the tables, a parity plot, residuals by group, the coverage curve.
std::string study_html(const Study& study, const std::string& date);

// A group that is predicted badly, with what its predictions hang on.
struct WorstGroup {
  std::string holdout;
  Metrics metrics;
  std::vector<std::string> suspicions;
};
// Hold-outs of devices and models by their median error, the worst first.
std::vector<WorstGroup> worst_groups(const Study& study, std::size_t most);

}  // namespace ironlaw

// Readers of results quoted from publications: training, inference, serving; and of what other programs
// predict.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/csv.hpp"
#include "datasets/records.hpp"

namespace ironlaw {

// One observation of a result table, read and checked, with its names as stated. `reason` says why it is
// none; empty when it is one. `source_title` says what the source is, where the table itself names its
// sources.
struct ResultRow {
  Observation observation;
  std::string reason;
  std::string source_title;
  // Of a training run, where the table states them: seconds to train, as MLPerf averages runs, and the factor
  // by which it scales them. Kept apart from the observation, for it is an outcome.
  std::optional<double> train_time_s, scaling;
};

// Each throws Error with file, line and column for a field that is wrong.
ResultRow read_published_training(const CsvRow& row);
ResultRow read_published_inference(const CsvRow& row);
ResultRow read_vtrain(const CsvRow& row);
// Time to first token and time per output token of one run.
std::vector<ResultRow> read_serving(const CsvRow& row);

std::vector<PeerRecord> read_calculon(const CsvRow& row);
std::vector<PeerRecord> read_aiconfigurator(const CsvRow& row);
// Calculon's prediction beside a row of the table of vTrain; none where it has none.
std::vector<PeerRecord> read_vtrain_peer(const CsvRow& row);

}  // namespace ironlaw

// A checkout of a results repository of MLPerf, as a table of the kind that the importers read.
#pragma once

#include <string>

#include "datasets/csv.hpp"

namespace ironlaw {

// The table of MLPerf inference or training results that the folder `path` holds. What it is, it shows
// itself:
//   inference: a summary_results.json in it, or else
//     <division>/<submitter>/results/<platform>/<benchmark>/<scenario>/performance/run_1/mlperf_log_summary.txt,
//   training: <submitter>/results/<system>/<benchmark>/result_*.txt,
// with systems/<platform>.json beside `results`. `round` ("v5.1"); '' takes it from the folder's name
// (inference_results_v5.1). Throws Error that names the file for a folder that is neither, one without its
// round, a file that is no JSON, a system that is not described, and a count that is none.
CsvTable read_checkout(const std::string& path, const std::string& round);

// The two kinds. `path` and `round` as above, `round` not ''.
CsvTable read_inference_checkout(const std::string& path, const std::string& round);
CsvTable read_training_checkout(const std::string& path, const std::string& round);

}  // namespace ironlaw

// What is known beforehand of the software behind an observation.
#pragma once

#include <vector>

#include "calibration/rows.hpp"

namespace ironlaw {

// Sets of each row's scenario:
//   generation   the month of publication, "2025-06"; of a table in a paper, which says the year at
//                best, that of the last training round before
//   framework    of such a table: its own software, else its source
//   tuning_left  (given) of a benchmark: 1 in the first round with its model, e^-1 half a year later; other
//                rows are taken as tuned
// `observations`: all that are known, among them what is not fitted. Never looks at an observed rate.
void set_software(const std::vector<Observation>& observations, std::vector<Row>& rows);

}  // namespace ironlaw

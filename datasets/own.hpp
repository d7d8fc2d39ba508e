// One's own measurements, as CSV: the columns are the names of the store's, units are SI.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/csv.hpp"
#include "datasets/operators.hpp"
#include "datasets/published.hpp"

namespace ironlaw {

// A table to fill in: the header and a few rows that show how. `what` is one of own_templates(); Error
// otherwise.
std::string own_template(std::string_view what);
std::vector<std::string> own_templates();  // "measurements", "operators"

// One row of it. Throws Error with file, line and column for a field that is wrong or missing.
ResultRow read_own_measurement(const CsvRow& row);
OperatorRow read_own_operator(const CsvRow& row);

// The columns that a table must have; further ones are those of the template, each optional.
const std::vector<std::string>& own_measurement_columns();
const std::vector<std::string>& own_operator_columns();

}  // namespace ironlaw

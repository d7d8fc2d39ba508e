// What both kinds of results repositories share: JSON files and the description of a system.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/csv.hpp"

namespace ironlaw {

using CheckoutJson = nlohmann::json;
// A row of the table being made, by column.
using CheckoutRow = std::map<std::string, std::string>;

// The file's contents. Throws Error that names the file.
CheckoutJson read_json_file(const std::string& path);

// A member as text: a string as it is, a number in its shortest form, '' when it is not there or null.
std::string member_text(const CheckoutJson& object, const std::string& key);

// A count that a system states, as "8", 8 or "8 " (MLPerf's files write all of these), as a number's digits;
// '' when it is not stated or says "N/A". Throws Error with `file` for anything else.
std::string stated_count(const std::string& file, const CheckoutJson& object, const std::string& key);

// systems/<platform>.json: its name, status, accelerator and counts, as columns of a result table
// (accelerator_stated, accelerators_per_node, accelerators_total, nodes, ...).
CheckoutRow read_system(const std::string& file);

// A table called `shown` of the columns that a kind requires and any more that a row has.
CsvTable make_table(const std::string& shown, const std::vector<std::string>& required,
                    const std::vector<CheckoutRow>& rows);

}  // namespace ironlaw

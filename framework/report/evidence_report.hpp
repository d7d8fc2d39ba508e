// What an answer rests on, for people and for scripts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "framework/report/evidence.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

// "3 given, 2 of the model, 4 datasheet figures (1 unverified), 9 fitted, 4 inherited, 2 assumed"
std::string counts_text(const Evidence& evidence);
// "device fitted; model fitted; batch 64 within 1 to 8,192"; "" where nothing was fitted.
std::string standing_text(const Evidence& evidence);

// Rows of a closing table: what it rests on, where it stands, and a Note for each warning. `parameters` says
// which set it is (ParameterSet::origin).
std::vector<std::pair<std::string, std::string>> evidence_rows(const Evidence& evidence,
                                                               const std::string& parameters);

// Every number, as --explain shows them.
std::string evidence_list_text(const Evidence& evidence);

// Counts, standing and warnings; with_list: every number too.
Json evidence_json(const Evidence& evidence, bool with_list);

}  // namespace ironlaw

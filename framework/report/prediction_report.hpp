// One answer, for people and for scripts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/predict/remedy.hpp"
#include "framework/report/evidence.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

struct Answer {
  Prediction prediction;
  std::string parameters;                  // which set it rests on: ParameterSet::origin
  std::vector<Remedy> remedies;            // of an infeasible prediction
  std::map<std::string, std::string> set;  // overridden quantities, as they were written
  std::vector<std::string> notes;          // what was chosen for the user, beside the prediction's own notes
  std::optional<Evidence> evidence;        // every number of it, and where it stands to what was fitted
  bool explain = false;                    // list those numbers
};

// The rows of a closing table that say what an answer rests on: label and text.
std::vector<std::pair<std::string, std::string>> rests_on(const Answer& answer);

// What a prediction is about: model, hardware, phase, sizes, split.
Json scenario_json(const Prediction& p);
// The same in two lines.
std::string scenario_text(const Prediction& p, std::string (*heading)(std::string_view));

// The object that scripts rely on. Times are null when it is infeasible; the terms and the ledger are then
// those of a device with memory enough.
Json prediction_json(const Answer& answer);

// A header and one row of the scalar members, nested ones as "iron_law.mfu".
std::string prediction_csv(const Answer& answer);

// A page. `heading` wraps titles (in bold, say).
std::string prediction_text(const Answer& answer, std::string (*heading)(std::string_view));

}  // namespace ironlaw

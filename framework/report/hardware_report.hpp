// A hardware target on a page: its datasheet with sources, ridge points, what is fitted of it, what data
// stands behind that, its nearest relatives, and prices.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/store.hpp"
#include "framework/pipeline/parameters.hpp"
#include "framework/predict/predictor.hpp"
#include "framework/predict/relatives.hpp"
#include "framework/report/json.hpp"
#include "registry/places.hpp"

namespace ironlaw {

// A parameter that varies by chip, as it is for this one before workload class, precision and software
// generation add theirs.
struct ChipParameter {
  const ironlaw_port* port;
  double value, prior;     // in the port's unit
  Interval range;          // one standard error on the link scale to both sides
  std::string decided_by;  // "device H100-SXM-80GB", "family hopper", "all devices"; "" : the prior
  std::vector<std::string> new_levels;  // those nobody has measured: "device X"
};

struct HardwareDossier {
  const ironlaw_hardware* hardware = nullptr;
  std::string plugin_version;
  std::string parameters;  // "fitted to 943 rows in 319 cells"
  std::string no_fit;      // why there is none; empty when there is one
  std::vector<ChipParameter> fitted;
  std::vector<ObservationCount> observed;  // on this device
  std::int64_t family_used = 0;            // rows of other devices of its family that the fit rests on
  std::string no_data;                     // why nobody can tell what was observed; else empty
  std::vector<Relative> relatives;
  std::vector<RentalPrice> rents;  // of exactly this device
  std::string no_prices;           // why they cannot be read; else empty
};

// The parameters of a pipeline that vary by vendor, family or device.
std::vector<ChipParameter> chip_parameters(const ironlaw_hardware& hardware, const Pipeline& pipeline,
                                           const ParameterSet& parameters);

// What the datasheet says: the entry of a list.
Json hardware_json(const ironlaw_hardware& hardware, const std::string& plugin_version);
// Everything.
Json dossier_json(const HardwareDossier& dossier);
std::string dossier_text(const HardwareDossier& dossier, std::string (*heading)(std::string_view));

}  // namespace ironlaw

// Fits as the store keeps them, and what they are valid for.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "datasets/store.hpp"

namespace ironlaw {

inline constexpr const char* kFullSplit = "all";  // the fit that `solve` uses: every row, nothing held out

// A hash of a wall's interface: its ports with their priors, and what its functions hold for.
std::string ports_hash(const ironlaw_wall& wall);

// A hash of the equations: every wall's interface, version and numbers (conformance/numbers.hpp: whether or
// not somebody raised the version), but not of an analysis, which changes no prediction; every figure and
// shape function of every datasheet. A stored fit is used only with the model that it was made with.
std::string model_hash(std::span<const ironlaw_wall* const> walls,
                       std::span<const ironlaw_hardware* const> hardware);

// A hash of the bytes of these files: tells whether a fit would come out the same if it were made again.
std::string files_hash(const std::vector<std::filesystem::path>& files);

// What identifies a stored fit besides its split; kept in its options as JSON.
struct FitIdentity {
  std::string data;     // of the observations
  std::string model;    // model_hash of the walls and of `devices`
  std::string program;  // files_hash of the executable and the plugins
  // Hardware ids that the fit may rest on; other targets come and go freely.
  std::vector<std::string> devices;
  std::string fit = text_of(FitOptions{});  // the options it was made with
};

// The identity of a fit of `observations` with these plugins.
FitIdentity identify(const Store& store, const std::vector<Observation>& observations,
                     std::span<const ironlaw_wall* const> walls,
                     std::span<const ironlaw_hardware* const> hardware,
                     const std::vector<std::filesystem::path>& files);

// Saves a fit of `rows` under `split`; `held` are the held-out rows' residuals.
void save_fit(Store& store, const std::string& split, const FitIdentity& identity, const Fit& fit,
              const std::vector<Row>& rows, const std::vector<FitResidual>& held);

// The stored fit of `split` if it was made with exactly this identity.
std::optional<Fit> load_fit(const Store& store, const std::string& split, const FitIdentity& identity);

// The stored fit of `split` whatever data it was made of, if all else is the same: where to begin when rows
// were added.
std::optional<Fit> load_start(const Store& store, const std::string& split, const FitIdentity& identity);

// The parameters of the stored full fit. Throws Error with what to do when the database or the fit is
// missing, or when the walls, the datasheets, the data or the options of the fit have changed since.
ParameterSet load_calibrated(const std::filesystem::path& database,
                             std::span<const ironlaw_wall* const> walls,
                             std::span<const ironlaw_hardware* const> hardware);

}  // namespace ironlaw

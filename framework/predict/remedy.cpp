#include "framework/predict/remedy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>

#include "framework/base/error.hpp"
#include "framework/predict/split.hpp"
#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

constexpr int kMostDevices = 65536;

class Trials {
 public:
  Trials(const Scenario& scenario, Predictor& predictor, const ParameterSet& parameters)
      : scenario_(scenario), predictor_(predictor), parameters_(parameters) {}

  bool works(const Scenario& s) const {
    try {
      return predictor_.predict(s, parameters_).feasible;
    } catch (const Error&) {
      return false;  // a split or a precision that does not exist
    }
  }

  std::optional<Remedy> more_devices() const {
    for (int n = 2 * scenario_.split.devices(); n <= kMostDevices; n *= 2) {
      Scenario s = scenario_;
      try {
        s.split = default_split(s, n);
      } catch (const Error&) {
        continue;
      }
      if (s.task == Task::train || !is_closed_loop(s.task))
        s.batch = std::max(s.batch, static_cast<double>(s.split.data));
      if (works(s))
        return Remedy{fmt::format("{} devices (TP {} x PP {} x DP {})", n, s.split.tensor, s.split.pipeline,
                                  s.split.data),
                      fmt::format("--gpus {} --tp {} --pp {} --dp {}", n, s.split.tensor, s.split.pipeline,
                                  s.split.data)};
    }
    return std::nullopt;
  }

  std::optional<Remedy> narrower_precision() const {
    if (scenario_.task == Task::train) return std::nullopt;
    std::vector<Precision> known = precisions_of(*scenario_.hardware);
    std::sort(known.begin(), known.end(), [](Precision a, Precision b) { return bytes_of(a) > bytes_of(b); });
    for (const Precision p : known) {
      if (bytes_of(p) >= bytes_of(scenario_.precision)) continue;
      Scenario s = scenario_;
      s.precision = p;
      if (works(s)) return Remedy{name_of(p), fmt::format("--precision {}", name_of(p))};
    }
    return std::nullopt;
  }

  // The largest whole value below the present one that works, times `unit`.
  std::optional<Remedy> less(const char* what, const char* option, double present, double unit,
                             const std::function<void(Scenario&, double)>& set) const {
    double low = 0;
    double high = std::floor(present / unit);
    while (high - low > 1) {
      const double middle = std::floor((low + high) / 2);
      Scenario s = scenario_;
      set(s, middle * unit);
      (works(s) ? low : high) = middle;
    }
    if (low == 0) return std::nullopt;
    return Remedy{fmt::format("{} {}", what, low * unit), fmt::format("--{} {}", option, low * unit)};
  }

  // Weights that stay outside, where the datasheet says at what rate they arrive.
  std::optional<Remedy> streaming() const {
    constexpr const char* kSource = "weight_source";
    if (scenario_.given.contains(kSource) || std::isnan(figure_of(scenario_, "stream_bandwidth")) ||
        !std::isnan(figure(*scenario_.hardware, kSource)))
      return std::nullopt;
    const bool is_wafer = std::string_view(scenario_.hardware->kind) == "wafer";
    Scenario s = scenario_;
    s.given[kSource] = {is_wafer ? weight_source::wafer : weight_source::host, "remedy"};
    if (!works(s)) return std::nullopt;
    return Remedy{"weights that stream in", fmt::format("--set {}={}", kSource, is_wafer ? "wafer" : "host")};
  }

  std::optional<Remedy> recomputation() const {
    if (scenario_.task != Task::train || scenario_.recompute == Recompute::full) return std::nullopt;
    Scenario s = scenario_;
    s.recompute = Recompute::full;
    if (!works(s)) return std::nullopt;
    return Remedy{"full activation recomputation", "--recompute full"};
  }

  std::optional<Remedy> sharding() const {
    if (scenario_.task != Task::train) return std::nullopt;
    constexpr int kHighest = 3;
    for (int stage = scenario_.zero_stage + 1; stage <= kHighest; ++stage) {
      Scenario s = scenario_;
      s.zero_stage = stage;
      if (works(s)) return Remedy{fmt::format("ZeRO stage {}", stage), fmt::format("--zero {}", stage)};
    }
    return std::nullopt;
  }

 private:
  const Scenario& scenario_;
  Predictor& predictor_;
  const ParameterSet& parameters_;
};

}  // namespace

std::vector<Remedy> remedies(const Prediction& infeasible, Predictor& predictor,
                             const ParameterSet& parameters) {
  const Case& c = infeasible.resolved;
  const Scenario& s = c.scenario;
  const Trials trials(s, predictor, parameters);
  std::vector<Remedy> result;
  const auto add = [&](std::optional<Remedy> remedy) {
    if (remedy) result.push_back(std::move(*remedy));
  };
  add(trials.sharding());
  add(trials.recomputation());
  add(trials.narrower_precision());
  if (s.batch > 0 && s.task != Task::train)
    add(trials.less("batch", "batch", s.batch, s.split.data, [](Scenario& x, double n) { x.batch = n; }));
  if (s.model->kind == ModelKind::decoder && s.task != Task::train)
    add(trials.less("input length", "input-len", c.input_len, 1,
                    [](Scenario& x, double n) { x.input_len = n; }));
  add(trials.streaming());
  add(trials.more_devices());
  return result;
}

}  // namespace ironlaw

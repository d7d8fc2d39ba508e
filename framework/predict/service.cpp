#include "framework/predict/service.hpp"

#include <cmath>

#include "framework/base/error.hpp"
#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

double arrival_rate(const Case& c) {
  const int input = c.pipeline->input(q::arrival_rate.name);
  if (input < 0) throw Error("phase serve: no loaded wall knows arrival_rate (wall 7 does).");
  const double rate = c.inputs[static_cast<std::size_t>(input)];
  if (!(rate > 0))
    throw Error(
        "arrival_rate is not given: phase serve needs the requests a second that arrive "
        "(--set arrival_rate=10/s).");
  return rate;
}

}  // namespace

Service settle_service(const Case& serve, const CaseParameters& parameters, Evaluator& evaluator) {
  Service service{serve, serve};
  service.loaded.capacity_row = 0;
  const double wanted = arrival_rate(serve) / serve.replicas;
  const auto input = static_cast<std::size_t>(serve.pipeline->input(q::configured_requests.name));
  Case& c = service.loaded;
  const auto rate = [&] {  // of one replica
    Outcome out;
    const Case* const the_case = &c;
    const CaseParameters* const the_parameters = &parameters;
    evaluator.evaluate({&the_case, 1}, {&the_parameters, 1}, {&out, 1});
    return std::pair{out.requests / out.time, out.requests};
  };
  const auto [most, limit] = rate();
  if (wanted >= most) return service;

  c.inputs[input] = 1;
  if (rate().first >= wanted) return service;
  double low = 0;  // in log requests
  double high = std::log(limit);
  constexpr int kHalvings = 48;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    c.inputs[input] = std::exp(middle);
    (rate().first < wanted ? low : high) = middle;
  }
  service.is_balanced = true;
  return service;
}

}  // namespace ironlaw

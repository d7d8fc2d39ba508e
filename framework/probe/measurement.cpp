#include "framework/probe/measurement.hpp"

#include <fmt/format.h>

namespace ironlaw {

std::string how_of(const Measurement& m) {
  return m.matrices > 1 ? fmt::format("{}; {} matrices B in turn", m.how, m.matrices) : m.how;
}

void set_value(Measurement& m, const Timing& timing, double amount, const char* unit) {
  m.value = amount > 0 ? amount / timing.best : timing.best;
  m.median = amount > 0 ? amount / timing.median : timing.median;
  m.unit = unit;
  m.spread = timing.spread;
  m.samples = timing.samples;
}

ProbedDevice cpus_of(const Machine& machine) {
  const auto or_else = [](const std::string& text, const char* otherwise) {
    return text.empty() ? otherwise : text;
  };
  return {machine.cpu,
          or_else(machine.vendor, "unknown"),
          or_else(machine.architecture, "cpu"),
          "cpu",
          machine.cores,
          static_cast<double>(machine.memory_bytes),
          static_cast<double>(machine.last_level_cache())};
}

const Measurement* ProbeResult::fastest(const std::string& what, const std::string& precision) const {
  const Measurement* best = nullptr;
  for (const Measurement& m : rows) {
    if (m.what != what || m.precision != precision) continue;
    const bool is_time = m.unit == "s";
    if (!best || (is_time ? m.value < best->value : m.value > best->value)) best = &m;
  }
  return best;
}

}  // namespace ironlaw

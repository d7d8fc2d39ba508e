#include "framework/probe/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <string_view>

namespace ironlaw {
namespace {

constexpr std::size_t kIdentityDigits = 6;

// "Intel(R) Xeon(R) Platinum 8480C CPU @ 2.00GHz" -> "Intel-Xeon-Platinum-8480C"
std::string short_name(std::string name) {
  for (const std::string_view mark : {"(R)", "(TM)", "(r)", "(tm)"})
    for (std::size_t at = name.find(mark); at != std::string::npos; at = name.find(mark))
      name.erase(at, mark.size());
  name = name.substr(0, name.find('@'));
  std::string result;
  std::istringstream words(name);
  for (std::string word; words >> word;) {
    if (word == "CPU" || word == "Processor" || word.ends_with("-Core")) continue;
    std::erase_if(word, [](unsigned char c) { return !std::isalnum(c) && c != '.' && c != '-' && c != '_'; });
    if (!word.empty()) result += (result.empty() ? "" : "-") + word;
  }
  return result.empty() || !std::isalnum(static_cast<unsigned char>(result.front())) ? "Machine" : result;
}

std::string source_of(const ProbeResult& r) {
  return fmt::format("ironlaw probe{}, {}, machine {} ({})", r.is_quick ? " --quick" : "", r.date,
                     r.machine.identity(), r.device.name);
}

// To four digits: more of them are noise.
double rounded(double value) {
  return std::stod(fmt::format("{:.3e}", value));
}

std::string threads_text(const Measurement& m) {
  return m.threads > 1 ? fmt::format(" on {} threads", m.threads) : "";
}

std::string product_note(const Measurement& m) {
  return fmt::format("best product, {} x {} x {}{}; {}; half of the runs within {:.1f}% of each other", m.m,
                     m.n, m.k, threads_text(m), how_of(m), 100 * m.spread);
}

}  // namespace

HardwareProject project_of(const ProbeResult& result, const std::string& id) {
  const ProbedDevice& device = result.device;
  const std::string source = source_of(result);
  HardwareProject project;
  project.id = id.empty() ? fmt::format("{}-{}", short_name(device.name),
                                        result.machine.identity().substr(0, kIdentityDigits))
                          : id;
  project.vendor = device.vendor;
  project.family = device.family;
  project.kind = device.kind;
  project.year = static_cast<std::uint32_t>(std::stoi(result.date.substr(0, 4)));
  const auto add = [&](const std::string& quantity, const char* unit, double value, const std::string& note) {
    if (value > 0) project.figures.push_back({quantity, unit, value, source, note});
  };
  const auto add_measured = [&](const std::string& quantity, const Measurement& m, const std::string& note) {
    add(quantity, m.unit.c_str(), rounded(m.value), note);
  };
  for (const char* precision : {"fp64", "fp32", "tf32", "bf16", "fp16", "int8"})
    if (const Measurement* m = result.fastest(measured::matmul, precision))
      add_measured(fmt::format("peak_{}", precision), *m, product_note(*m));
  add("memory_capacity", "B", device.memory_bytes, "that programs may use");
  if (const Measurement* m = result.fastest(measured::triad))
    add_measured("memory_bandwidth", *m,
                 fmt::format("best triad{}, {}; counted as STREAM does", threads_text(*m), m->how));
  add("cores", "1", device.cores, "");
  add("last_level_cache", "B", device.cache_bytes,
      result.machine.is_virtual && device.kind == "cpu" ? "of the host, who may share it with other machines"
                                                        : "");
  return project;
}

ProjectTarget::ProjectTarget(HardwareProject project) : project_(std::move(project)) {
  specs_.reserve(project_.figures.size());
  for (const ProjectFigure& f : project_.figures) {
    specs_.push_back({sizeof(ironlaw_spec), f.flags, f.quantity.c_str(), f.unit.c_str(), f.value,
                      f.source.c_str(), f.note.c_str()});
    pointers_.push_back(&specs_.back());
  }
  hardware_ = {sizeof(ironlaw_hardware),
               project_.year,
               project_.id.c_str(),
               project_.vendor.c_str(),
               project_.family.c_str(),
               project_.kind.c_str(),
               static_cast<std::uint32_t>(specs_.size()),
               pointers_.data(),
               nullptr};
}

}  // namespace ironlaw

// What a fit repeats: the rates of all rows at one theta, and their Jacobian.
//
// Reads the database that $IRONLAW_DB names, or the one that `ironlaw db build` leaves in the build folder.
// Without one there is nothing to measure, which is no failure.
#include <fmt/format.h>

#include <filesystem>

#include "bench/support.hpp"
#include "calibration/row_model.hpp"
#include "datasets/store.hpp"

namespace ironlaw::bench {
namespace {

struct Rows {
  explicit Rows(const std::string& path) {
    Unlowered unlowered;
    const auto hardware = plugins().hardware();
    rows = select_rows(Store(path).observations(), {hardware.begin(), hardware.end()}, unlowered);
    lower_rows(rows, learn_precisions(rows), predictor(), unlowered);
    // One theta for each parameter and scope level of these rows, all at zero: the priors.
    for (const Row& row : rows)
      for (int slot = 0; slot < row.lowered.n_slots; ++slot)
        for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
          parameters.add({.parameter = p.port->name, .scope = {}, .level = {}, .prior_sd = p.port->prior_sd});
          for (const ironlaw_scope scope : kScopes)
            if (p.port->scopes & scope)
              parameters.add({.parameter = p.port->name,
                              .scope = scope,
                              .level = row.lowered.slots[static_cast<std::size_t>(slot)].key.level(scope),
                              .prior_sd = 0.1});
        }
  }
  std::vector<Row> rows;
  ParameterSet parameters = ParameterSet::prior();
};

void evaluate(benchmark::State& state, const Rows& data, bool with_jacobian) {
  RowModel model(data.rows, data.parameters);
  const std::vector<double> theta(model.parameters());
  std::vector<double> rates, jacobian;
  for (auto _ : state) {
    model.evaluate(theta.data(), rates, with_jacobian ? &jacobian : nullptr);
    benchmark::DoNotOptimize(rates.data());
  }
  report(state, data.rows.size());
  state.counters["rows"] = static_cast<double>(data.rows.size());
  state.counters["theta"] = static_cast<double>(model.parameters());
}

void register_all() {
  const char* named = std::getenv("IRONLAW_DB");
  const std::filesystem::path path = named ? named
                                           : std::filesystem::read_symlink("/proc/self/exe").parent_path() /
                                                 "../share/ironlaw/ironlaw.sqlite";
  if (!std::filesystem::exists(path)) {
    fmt::print(stderr, "fit_bench: there is no database {}; `ironlaw db build` makes one.\n", path.string());
    return;
  }
  static const Rows data(path);
  fmt::print(stderr, "fit_bench: {} rows, {} entries of theta.\n", data.rows.size(),
             data.parameters.effects().size());
  if (data.rows.empty()) return;
  for (const bool with_jacobian : {false, true})
    benchmark::RegisterBenchmark(with_jacobian ? "all_rows/derivatives" : "all_rows", evaluate,
                                 std::cref(data), with_jacobian)
        ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace ironlaw::bench

int main(int argc, char** argv) {
  return ironlaw::bench::run(argc, argv, ironlaw::bench::register_all);
}

#include "calibration/stored_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "datasets/hash.hpp"
#include "framework/base/error.hpp"
#include "framework/conformance/numbers.hpp"

namespace ironlaw {
namespace {

using Json = nlohmann::ordered_json;

Json options_json(const FitIdentity& identity) {
  return {{"model", identity.model},
          {"program", identity.program},
          {"devices", identity.devices},
          {"fit", identity.fit}};
}

Json ranges_json(const FittedRanges& ranges) {
  Json json = Json::object();
  for (const auto& [workload, r] : ranges) {
    Json spans = Json::object();
    for (const auto& [quantity, span] : r.spans) spans[quantity] = {span.low, span.high};
    json[workload] = {{"rows", r.rows},       {"vendors", r.vendors}, {"families", r.families},
                      {"devices", r.devices}, {"models", r.models},   {"precisions", r.precisions},
                      {"spans", spans}};
  }
  return json;
}

FittedRanges to_ranges(const Json& json) {
  FittedRanges ranges;
  for (const auto& [workload, r] : json.items()) {
    FittedRange& range = ranges[workload];
    range.rows = r.at("rows");
    for (const auto& [name, names] : {std::pair{"vendors", &range.vendors},
                                      {"families", &range.families},
                                      {"devices", &range.devices},
                                      {"models", &range.models},
                                      {"precisions", &range.precisions}})
      r.at(name).get_to(*names);
    for (const auto& [quantity, span] : r.at("spans").items())
      range.spans[quantity] = {span.at(0), span.at(1)};
  }
  return ranges;
}

Json noise_json(const std::map<std::string, Noise>& noises) {
  Json json = Json::object();
  for (const auto& [group, n] : noises) json[group] = {{"discrepancy", n.discrepancy}, {"within", n.within}};
  return json;
}

// Its scales go into `totals`.
std::map<std::string, Noise> to_noise(const Json& json, std::map<std::string, double>& totals) {
  std::map<std::string, Noise> noises;
  for (const auto& [group, n] : json.items()) {
    noises[group] = {n.at("discrepancy"), n.at("within")};
    totals[group] = noises[group].total();
  }
  return noises;
}

Json summary_json(const Fit& fit) {
  Json spreads = Json::array();
  for (const auto& [key, sd] : fit.parameters.spreads())
    spreads.push_back(
        {{"name", key.first}, {"scope", name_of(static_cast<ironlaw_scope>(key.second))}, {"sd", sd}});
  return {{"spreads", spreads},
          {"noise", noise_json(fit.noise)},
          {"flat_noise", noise_json(fit.flat_noise)},
          {"flat_shares", fit.parameters.flat_shares},
          {"novelty_errors", fit.parameters.novelty_errors},
          {"ranges", ranges_json(fit.parameters.ranges)},
          {"cost", fit.cost},
          {"converged", fit.converged}};
}

// Effects are stored on the link scale: a global one and that of the flat fit as the parameter's absolute
// value, the others as deviations. Only those two have a prior mean.
struct Scale {
  ironlaw_link link = IRONLAW_LINK_IDENTITY;
  double prior_mean = 0;
};

std::map<std::string, Scale> scales_of(const std::vector<Row>& rows) {
  std::map<std::string, Scale> scales;
  for (const Row& row : rows)
    for (const ParameterPort& p : row.lowered.pipeline->parameters()) {
      const auto link = static_cast<ironlaw_link>(p.port->link);
      scales[p.port->name] = {link, to_link(link, p.port->prior_mean)};
    }
  return scales;
}

Fit to_fit(const FitRecord& record) {
  Fit fit;
  for (const FitParameter& p : record.parameters)
    fit.parameters.add(
        {p.name, parse_scope(p.scope), p.level, p.prior_sd, p.value_link - p.prior_mean, p.se_link});
  fit.parameters.covariance = record.covariance;
  const Json summary = Json::parse(record.summary);
  for (const Json& s : summary.at("spreads"))
    fit.parameters.set_spread(s.at("name"), parse_scope(s.at("scope").get<std::string>()), s.at("sd"));
  fit.noise = to_noise(summary.at("noise"), fit.parameters.noise);
  fit.flat_noise = to_noise(summary.at("flat_noise"), fit.parameters.flat_noise);
  summary.at("flat_shares").get_to(fit.parameters.flat_shares);
  summary.at("novelty_errors").get_to(fit.parameters.novelty_errors);
  fit.parameters.ranges = to_ranges(summary.at("ranges"));
  fit.cost = summary.at("cost");
  fit.converged = summary.at("converged");
  fit.rows = static_cast<int>(record.rows);
  fit.cells = static_cast<int>(record.cells);
  return fit;
}

// Those of `hardware` that are among `ids`, in their order.
std::vector<const ironlaw_hardware*> among(std::span<const ironlaw_hardware* const> hardware,
                                           const std::vector<std::string>& ids) {
  std::vector<const ironlaw_hardware*> result;
  for (const ironlaw_hardware* h : hardware)
    if (std::find(ids.begin(), ids.end(), h->id) != ids.end()) result.push_back(h);
  return result;
}

void hash_port(Fnv1a& hash, const ironlaw_port& p) {
  hash.add(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}\n", p.name, p.unit, p.flags, p.min, p.max,
                       p.neutral, p.role, p.target, p.link, p.scopes, p.prior_mean, p.prior_sd));
}

void hash_function(Fnv1a& hash, const ironlaw_function& f) {
  hash.add(fmt::format("{}|{}|{}|{}\n", f.name, f.level, f.phases, f.kinds));
  for (std::uint32_t i = 0; i < f.n_inputs; ++i) hash_port(hash, *f.inputs[i]);
  for (std::uint32_t o = 0; o < f.n_outputs; ++o) hash_port(hash, *f.outputs[o]);
}

// Six decimals: far more than two machines differ by.
void hash_numbers(Fnv1a& hash, const ironlaw_function& f) {
  for (const double number : conformance::numbers_of(f)) hash.add(fmt::format("{:.6f}\n", number));
}

}  // namespace

std::string ports_hash(const ironlaw_wall& wall) {
  Fnv1a hash;
  hash.add(fmt::format("{}|{}|{}\n", wall.number, wall.id, wall.term));
  for (std::uint32_t f = 0; f < wall.n_functions; ++f) hash_function(hash, *wall.functions[f]);
  return hash.text();
}

std::string model_hash(std::span<const ironlaw_wall* const> walls,
                       std::span<const ironlaw_hardware* const> hardware) {
  Fnv1a hash;
  for (const ironlaw_wall* w : walls) {
    if (w->analyse) continue;  // it takes no part in what was fitted
    hash.add(fmt::format("{}|{}\n", ports_hash(*w), w->model_version));
    for (std::uint32_t f = 0; f < w->n_functions; ++f) hash_numbers(hash, *w->functions[f]);
  }
  for (const ironlaw_hardware* h : hardware) {
    hash.add(fmt::format("{}|{}|{}\n", h->id, h->vendor, h->family));
    for (std::uint32_t i = 0; i < h->n_specs; ++i)
      hash.add(fmt::format("{}|{}|{}\n", h->specs[i]->quantity, h->specs[i]->value, h->specs[i]->flags));
    if (!h->shape) continue;
    hash_function(hash, *h->shape);
    hash_numbers(hash, *h->shape);
  }
  return hash.text();
}

std::string files_hash(const std::vector<std::filesystem::path>& files) {
  Fnv1a hash;
  std::vector<char> buffer(1 << 16);
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Error(fmt::format("{} cannot be read.", path.string()));
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
      hash.add(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  return hash.text();
}

FitIdentity identify(const Store& store, const std::vector<Observation>& observations,
                     std::span<const ironlaw_wall* const> walls,
                     std::span<const ironlaw_hardware* const> hardware,
                     const std::vector<std::filesystem::path>& files) {
  std::set<std::string> observed;
  for (const Observation& o : observations) observed.insert(o.device);
  FitIdentity identity{store.data_hash(), "", files_hash(files), {}};
  for (const ironlaw_hardware* h : hardware)
    if (observed.contains(h->id)) identity.devices.emplace_back(h->id);
  identity.model = model_hash(walls, among(hardware, identity.devices));
  return identity;
}

void save_fit(Store& store, const std::string& split, const FitIdentity& identity, const Fit& fit,
              const std::vector<Row>& rows, const std::vector<FitResidual>& held) {
  FitRecord record;
  record.split = split;
  record.data_hash = identity.data;
  record.options = options_json(identity).dump();
  record.summary = summary_json(fit).dump();
  record.covariance = fit.parameters.covariance;
  record.rows = fit.rows;
  record.cells = fit.cells;
  const auto scales = scales_of(rows);
  for (const Effect& e : fit.parameters.effects()) {
    const bool is_absolute = !e.scope || e.scope == kFlatScope;
    const Scale scale = is_absolute ? scales.at(e.parameter) : Scale{};
    const double value_link = scale.prior_mean + e.value;
    record.parameters.push_back({e.parameter, name_of(e.scope), e.level, value_link, e.sd,
                                 from_link(scale.link, value_link), scale.prior_mean, e.prior_sd,
                                 is_determined(e)});
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Observation& o = rows[r].observation;
    record.residuals.push_back(
        {o.id, fit.predicted[r], o.value, std::log(fit.predicted[r] / o.value), false});
  }
  record.residuals.insert(record.residuals.end(), held.begin(), held.end());
  store.save_fit(record);
}

std::optional<Fit> load_fit(const Store& store, const std::string& split, const FitIdentity& identity) {
  const std::optional<FitRecord> record = store.load_fit(split);
  if (!record || record->data_hash != identity.data || record->options != options_json(identity).dump())
    return {};
  return to_fit(*record);
}

std::optional<Fit> load_start(const Store& store, const std::string& split, const FitIdentity& identity) {
  const std::optional<FitRecord> record = store.load_fit(split);
  if (!record) return {};
  // Rows of a new device add it to the devices, and with it to what the model's hash covers.
  const Json options = Json::parse(record->options);
  if (options.value("fit", "") != identity.fit || options.value("program", "") != identity.program) return {};
  return to_fit(*record);
}

ParameterSet load_calibrated(const std::filesystem::path& database,
                             std::span<const ironlaw_wall* const> walls,
                             std::span<const ironlaw_hardware* const> hardware) {
  constexpr const char* kHint = "Run `ironlaw db build` and `ironlaw calibrate`, or use --params textbook.";
  if (!std::filesystem::exists(database))
    throw Error(fmt::format("calibrated parameters: there is no database {}. {}", database.string(), kHint));
  const Store store(database.string());
  const std::optional<FitRecord> record = store.load_fit(kFullSplit);
  if (!record)
    throw Error(fmt::format("calibrated parameters: {} holds no fit yet. {}", database.string(), kHint));
  const Json options = Json::parse(record->options);
  if (options.at("model") != model_hash(walls, among(hardware, options.at("devices"))))
    throw Error(
        "calibrated parameters: the walls or datasheets have changed since the stored fit was made. Run "
        "`ironlaw "
        "calibrate` again, or use --params textbook.");
  if (options.value("fit", "") != text_of(FitOptions{}))
    throw Error(
        "calibrated parameters: the stored fit was made with other options than this version uses. Run "
        "`ironlaw calibrate` again, or use --params textbook.");
  if (!Json::parse(record->summary).contains("novelty_errors"))
    throw Error(
        "calibrated parameters: the stored fit is of an older version, which kept less of it. Run "
        "`ironlaw calibrate` again, or use --params textbook.");
  if (record->data_hash != store.data_hash())
    throw Error(
        "calibrated parameters: the observations have changed since the stored fit was made. Run `ironlaw "
        "calibrate` "
        "again, or use --params textbook.");
  ParameterSet set = to_fit(*record).parameters;
  set.origin = fmt::format("fitted to {} rows in {} cells", record->rows, record->cells);
  return set;
}

}  // namespace ironlaw

#include "calibration/row_model.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <thread>

namespace ironlaw {
namespace {

constexpr std::size_t kBlock = 16;  // cases: their operator rows and partials stay in cache

bool is_same(const Row& a, const Row& b) {
  return a.lowered.pipeline == b.lowered.pipeline && a.scenario == b.scenario;
}

}  // namespace

RowModel::RowModel(const std::vector<Row>& rows, const ParameterSet& parameters)
    : rows_(rows), n_theta_(parameters.effects().size()) {
  std::map<std::pair<const ironlaw_hardware*, const ModelSpec*>, std::vector<std::size_t>>
      known;  // first rows
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<std::size_t>& candidates = known[{rows[r].hardware, rows[r].model}];
    const auto same = std::find_if(candidates.begin(), candidates.end(),
                                   [&](std::size_t other) { return is_same(rows[other], rows[r]); });
    if (same != candidates.end()) {
      variant_.push_back(variant_[*same]);
      continue;
    }
    candidates.push_back(r);
    variant_.push_back(variants_.size());
    add_variant(rows[r].lowered, parameters);
  }

  std::map<const Pipeline*, std::size_t> open;  // the block that is being filled
  for (std::size_t v = 0; v < variants_.size(); ++v) {
    const auto [found, is_new] = open.try_emplace(variants_[v].lowered->pipeline, blocks_.size());
    if (!is_new && blocks_[found->second].size() == kBlock) found->second = blocks_.size();
    if (found->second == blocks_.size()) blocks_.emplace_back();
    blocks_[found->second].push_back(v);
  }
  evaluators_.resize(std::max(1U, std::thread::hardware_concurrency()));
}

void RowModel::add_variant(const Case& c, const ParameterSet& parameters) {
  Variant v{.lowered = &c,
            .terms = {},
            .columns = {},
            .offset = n_slopes_,
            .seeds = {},
            .values = {},
            .log_rate = 0};
  const auto& ports = c.pipeline->parameters();
  for (int slot = 0; slot < c.n_slots; ++slot)
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const ironlaw_port& port = *ports[p].port;
      const auto seed = static_cast<std::uint32_t>(static_cast<std::size_t>(slot) * ports.size() + p);
      const auto link = static_cast<ironlaw_link>(port.link);
      v.seeds.push_back({to_link(link, port.prior_mean), link});
      for (const int t : parameters.terms(port, c.slots[static_cast<std::size_t>(slot)].key))
        v.terms.push_back({seed, static_cast<std::uint32_t>(t)});
    }
  for (const Term& t : v.terms) v.columns.push_back(t.theta);
  std::sort(v.columns.begin(), v.columns.end());
  v.columns.erase(std::unique(v.columns.begin(), v.columns.end()), v.columns.end());
  for (Term& t : v.terms)
    t.column = static_cast<std::uint32_t>(std::lower_bound(v.columns.begin(), v.columns.end(), t.theta) -
                                          v.columns.begin());
  v.values.value.resize(v.seeds.size());
  v.values.slope.resize(v.seeds.size());
  n_slopes_ += v.columns.size();
  variants_.push_back(std::move(v));
}

void RowModel::set_values(Variant& v, const double* theta) const {
  for (std::size_t s = 0; s < v.seeds.size(); ++s) v.values.value[s] = v.seeds[s].prior_mean;
  for (const Term& t : v.terms) v.values.value[t.seed] += theta[t.theta];
  for (std::size_t s = 0; s < v.seeds.size(); ++s) {
    v.values.value[s] = from_link(v.seeds[s].link, v.values.value[s]);
    v.values.slope[s] = link_slope(v.seeds[s].link, v.values.value[s]);
  }
}

void RowModel::evaluate_block(std::size_t block, const double* theta, Evaluator& evaluator,
                              std::vector<double>* jacobian) {
  const std::vector<std::size_t>& members = blocks_[block];
  std::vector<const Case*> cases;
  std::vector<const CaseParameters*> values;
  cases.reserve(members.size());
  values.reserve(members.size());
  for (const std::size_t v : members) {
    set_values(variants_[v], theta);
    cases.push_back(variants_[v].lowered);
    values.push_back(&variants_[v].values);
  }
  std::vector<Outcome> outcomes(members.size());
  const std::size_t stride = Evaluator::gradient_stride(*cases[0]->pipeline);
  std::vector<double> gradients(jacobian ? members.size() * stride : 0);
  evaluator.evaluate(cases, values, outcomes, gradients);
  for (std::size_t i = 0; i < members.size(); ++i) {
    Variant& v = variants_[members[i]];
    v.log_rate = std::log(outcomes[i].requests * v.lowered->replicas / outcomes[i].time);
    if (!jacobian) continue;
    for (const Term& t : v.terms) (*jacobian)[v.offset + t.column] -= gradients[i * stride + t.seed];
  }
}

void RowModel::evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian) {
  if (jacobian) jacobian->assign(n_slopes_, 0.0);
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> errors(evaluators_.size());
  const auto work = [&](std::size_t thread) {
    try {
      for (std::size_t block; (block = next++) < blocks_.size();)
        evaluate_block(block, theta, evaluators_[thread], jacobian);
    } catch (...) {
      errors[thread] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min(evaluators_.size(), blocks_.size());
    threads.reserve(wanted);
    for (std::size_t thread = 1; thread < wanted; ++thread) threads.emplace_back(work, thread);
    work(0);
  }
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  log_rates.resize(rows_.size());
  for (std::size_t r = 0; r < rows_.size(); ++r)
    log_rates[r] = std::log(rows_[r].units) + variants_[variant_[r]].log_rate;
}

}  // namespace ironlaw

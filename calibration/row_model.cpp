#include "calibration/row_model.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "calibration/operator_rows.hpp"

namespace ironlaw {
namespace {

constexpr std::size_t kBlock = 16;  // cases: their operator rows and partials stay in cache
constexpr double kStraight = 5e-4;  // of a rate: what a straight line may miss
// A rate this far off its line, and this many times what the line may miss, has jumped.
constexpr double kJump = 0.02, kJumpTimes = 5;

bool is_same(const Row& a, const Row& b) {
  return a.operators.empty() && b.operators.empty() && a.lowered.pipeline == b.lowered.pipeline &&
         a.scenario == b.scenario;
}

}  // namespace

RowModel::RowModel(const std::vector<Row>& rows, const ParameterSet& parameters, unsigned threads)
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
    add_variant(rows[r], parameters);
  }

  std::vector<std::size_t> all(variants_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  blocks_ = blocks_of(all);
  evaluators_.resize(std::max(1U, threads ? threads : std::thread::hardware_concurrency()));
}

std::vector<RowModel::Block> RowModel::blocks_of(std::span<const std::size_t> variants) const {
  std::vector<Block> blocks;
  std::map<std::pair<const Pipeline*, bool>, std::size_t> open;  // the block that is being filled
  for (const std::size_t v : variants) {
    const auto [found, is_new] = open.try_emplace(
        {variants_[v].row->lowered.pipeline, variants_[v].row->operators.empty()}, blocks.size());
    if (!is_new && blocks[found->second].size() == kBlock) found->second = blocks.size();
    if (found->second == blocks.size()) blocks.emplace_back();
    blocks[found->second].push_back(v);
  }
  return blocks;
}

void RowModel::add_variant(const Row& row, const ParameterSet& parameters) {
  const Case& c = row.lowered;
  Variant v{
      .row = &row, .terms = {}, .columns = {}, .offset = n_slopes_, .seeds = {}, .values = {}, .log_rate = 0};
  const auto& ports = c.pipeline->parameters();
  for (int slot = 0; slot < c.n_slots; ++slot)
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const ironlaw_port& port = *ports[p].port;
      const auto seed = static_cast<std::uint32_t>(static_cast<std::size_t>(slot) * ports.size() + p);
      const auto link = static_cast<ironlaw_link>(port.link);
      v.seeds.push_back({to_link(link, port.prior_mean), &port});
      for (const ironlaw::Term& t : parameters.terms(port, c.slots[static_cast<std::size_t>(slot)].key))
        v.terms.push_back({seed, static_cast<std::uint32_t>(t.effect)});
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
    const ironlaw_port& port = *v.seeds[s].port;
    const auto link = static_cast<ironlaw_link>(port.link);
    v.values.value[s] = within(port, from_link(link, v.values.value[s]));
    v.values.slope[s] = link_slope(link, v.values.value[s]);
  }
}

void RowModel::evaluate_block(const Block& members, const double* theta, Evaluator& evaluator,
                              std::vector<double>* jacobian) {
  for (const std::size_t v : members) set_values(variants_[v], theta);
  if (variants_[members[0]].row->operators.empty()) return evaluate_runs(members, evaluator, jacobian);
  for (const std::size_t v : members) evaluate_operators(variants_[v], evaluator, jacobian);
}

void RowModel::evaluate_runs(const Block& members, Evaluator& evaluator, std::vector<double>* jacobian) {
  std::vector<const Case*> cases;
  std::vector<const CaseParameters*> values;
  cases.reserve(members.size());
  values.reserve(members.size());
  for (const std::size_t v : members) {
    cases.push_back(&variants_[v].row->lowered);
    values.push_back(&variants_[v].values);
  }
  std::vector<Outcome> outcomes(members.size());
  const std::size_t stride = Evaluator::gradient_stride(*cases[0]->pipeline);
  std::vector<double> gradients(jacobian ? members.size() * stride : 0);
  evaluator.evaluate(cases, values, outcomes, gradients);
  for (std::size_t i = 0; i < members.size(); ++i) {
    Variant& v = variants_[members[i]];
    v.log_rate = std::log(observed_rate(*v.row, outcomes[i]));
    if (jacobian) put_slopes(v, std::span(gradients).subspan(i * stride, stride), *jacobian);
  }
}

void RowModel::evaluate_operators(Variant& v, Evaluator& evaluator, std::vector<double>* jacobian) const {
  std::vector<double> gradient(jacobian ? v.seeds.size() : 0);
  v.log_rate = -std::log(time_of_operators(*v.row, v.values, evaluator, gradient));
  if (jacobian) put_slopes(v, gradient, *jacobian);
}

// A rate falls as its time rises.
void RowModel::put_slopes(const Variant& v, std::span<const double> log_time_gradient,
                          std::vector<double>& jacobian) {
  std::fill_n(jacobian.begin() + static_cast<std::ptrdiff_t>(v.offset), v.columns.size(), 0.0);
  for (const Term& t : v.terms) jacobian[v.offset + t.column] -= log_time_gradient[t.seed];
}

void RowModel::evaluate_blocks(const std::vector<Block>& blocks, const double* theta,
                               std::vector<double>* jacobian) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> errors(evaluators_.size());
  const auto work = [&](std::size_t thread) {
    try {
      for (std::size_t block; (block = next++) < blocks.size();)
        evaluate_block(blocks[block], theta, evaluators_[thread], jacobian);
    } catch (...) {
      errors[thread] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min(evaluators_.size(), blocks.size());
    threads.reserve(wanted);
    for (std::size_t thread = 1; thread < wanted; ++thread) threads.emplace_back(work, thread);
    work(0);
  }
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

void RowModel::evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian) {
  if (jacobian) jacobian->resize(n_slopes_);
  evaluate_blocks(blocks_, theta, jacobian);
  log_rates.resize(rows_.size());
  for (std::size_t r = 0; r < rows_.size(); ++r)
    log_rates[r] = std::log(rows_[r].units) + variants_[variant_[r]].log_rate;
}

void RowModel::evaluate(const double* theta, std::span<const std::size_t> wanted,
                        std::vector<double>& log_rates) {
  std::vector<std::size_t> variants;
  variants.reserve(wanted.size());
  for (const std::size_t row : wanted) variants.push_back(variant_[row]);
  std::sort(variants.begin(), variants.end());
  variants.erase(std::unique(variants.begin(), variants.end()), variants.end());
  evaluate_blocks(blocks_of(variants), theta, nullptr);
  log_rates.resize(rows_.size());
  for (const std::size_t row : wanted)
    log_rates[row] = std::log(rows_[row].units) + variants_[variant_[row]].log_rate;
}

// The second-order term: a parameter's own link bends by about slope x step^2, and products and p-norms of
// several by about the square of what they move together.
double RowModel::curvature(const Variant& v, const double* theta, const Linearisation& at) const {
  double own = 0;
  double together = 0;
  for (std::size_t i = 0; i < v.columns.size(); ++i) {
    const double step = std::abs(theta[v.columns[i]] - at.theta[v.offset + i]);
    const double moved = std::abs(at.slopes[v.offset + i]) * step;
    own += moved * step * std::exp(step);  // the exponential: a slope that is small here may grow
    together += moved;
  }
  return own + together * together;
}

// The log rate of a variant on its straight line.
double RowModel::line(std::size_t variant, const double* theta, const Linearisation& at) const {
  const Variant& v = variants_[variant];
  double log_rate = at.log_rates[variant];
  for (std::size_t i = 0; i < v.columns.size(); ++i)
    log_rate += at.slopes[v.offset + i] * (theta[v.columns[i]] - at.theta[v.offset + i]);
  return log_rate;
}

void RowModel::evaluate_near(const double* theta, std::span<const std::size_t> wanted, Linearisation& at,
                             std::vector<double>& log_rates) {
  if (at.log_rates.empty()) {
    at.log_rates.assign(variants_.size(), std::numeric_limits<double>::quiet_NaN());
    at.slopes.assign(n_slopes_, 0.0);
    at.theta.assign(n_slopes_, 0.0);
    at.frozen.assign(variants_.size(), 0);
  }
  std::vector<char> is_looked_at(variants_.size(), 0);
  std::vector<std::size_t> stale;
  std::vector<std::optional<double>> lines;  // what they may be at the most off, and are on their line
  std::vector<double> missed;
  for (const std::size_t row : wanted) {
    const std::size_t v = variant_[row];
    if (std::exchange(is_looked_at[v], 1) || at.frozen[v]) continue;
    const bool is_new = std::isnan(at.log_rates[v]);
    const double bend = is_new ? 0 : curvature(variants_[v], theta, at);
    if (!is_new && bend <= kStraight) continue;
    stale.push_back(v);
    lines.push_back(is_new ? std::nullopt : std::optional(line(v, theta, at)));
    missed.push_back(kJump + kJumpTimes * bend);
  }
  const std::vector<double> slopes_before = stale.empty() ? std::vector<double>() : at.slopes;
  evaluate_blocks(blocks_of(stale), theta, &at.slopes);
  for (std::size_t i = 0; i < stale.size(); ++i) {
    const std::size_t v = stale[i];
    const Variant& variant = variants_[v];
    const auto first = static_cast<std::ptrdiff_t>(variant.offset);
    const auto n = static_cast<std::ptrdiff_t>(variant.columns.size());
    if (lines[i] && std::abs(variant.log_rate - *lines[i]) > missed[i]) {
      at.frozen[v] = 1;
      std::copy_n(slopes_before.begin() + first, n, at.slopes.begin() + first);
      continue;
    }
    at.log_rates[v] = variant.log_rate;
    for (std::ptrdiff_t k = 0; k < n; ++k)
      at.theta[static_cast<std::size_t>(first + k)] = theta[variant.columns[static_cast<std::size_t>(k)]];
  }
  log_rates.resize(rows_.size());
  for (const std::size_t row : wanted)
    log_rates[row] = std::log(rows_[row].units) + line(variant_[row], theta, at);
}

}  // namespace ironlaw

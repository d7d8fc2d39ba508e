#include "calibration/row_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace ironlaw {
namespace {
constexpr std::size_t kBlock = 16;  // cases: their operator rows and partials stay in cache
}

RowModel::RowModel(const std::vector<Row>& rows, const ParameterSet& parameters)
    : rows_(rows),
      n_theta_(parameters.effects().size()),
      terms_(rows.size()),
      columns_(rows.size()),
      offsets_{0},
      seeds_(rows.size()),
      values_(rows.size()) {
  std::map<const Pipeline*, std::vector<std::size_t>> by_pipeline;
  std::vector<const Pipeline*> order;  // of first appearance, so that runs do not depend on addresses
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Case& c = rows[r].lowered;
    if (!by_pipeline.contains(c.pipeline)) order.push_back(c.pipeline);
    by_pipeline[c.pipeline].push_back(r);
    const auto& ports = c.pipeline->parameters();
    for (int slot = 0; slot < c.n_slots; ++slot)
      for (std::size_t p = 0; p < ports.size(); ++p) {
        const ironlaw_port& port = *ports[p].port;
        const auto seed = static_cast<std::uint32_t>(static_cast<std::size_t>(slot) * ports.size() + p);
        const auto link = static_cast<ironlaw_link>(port.link);
        seeds_[r].push_back({to_link(link, port.prior_mean), link});
        for (const int t : parameters.terms(port, c.slots[static_cast<std::size_t>(slot)].key))
          terms_[r].push_back({seed, static_cast<std::uint32_t>(t)});
      }
    index_columns(r);
    values_[r].value.resize(seeds_[r].size());
    values_[r].slope.resize(seeds_[r].size());
  }
  for (const Pipeline* pipeline : order) {
    const std::vector<std::size_t>& all = by_pipeline[pipeline];
    for (std::size_t first = 0; first < all.size(); first += kBlock)
      blocks_.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(first),
                           all.begin() + static_cast<std::ptrdiff_t>(std::min(first + kBlock, all.size())));
  }
}

void RowModel::index_columns(std::size_t row) {
  std::vector<std::uint32_t>& columns = columns_[row];
  for (const Term& t : terms_[row]) columns.push_back(t.theta);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  for (Term& t : terms_[row])
    t.column = static_cast<std::uint32_t>(std::lower_bound(columns.begin(), columns.end(), t.theta) -
                                          columns.begin());
  offsets_.push_back(offsets_.back() + columns.size());
}

void RowModel::set_values(std::size_t row, const double* theta) {
  CaseParameters& values = values_[row];
  for (std::size_t s = 0; s < seeds_[row].size(); ++s) values.value[s] = seeds_[row][s].prior_mean;
  for (const Term& t : terms_[row]) values.value[t.seed] += theta[t.theta];
  for (std::size_t s = 0; s < seeds_[row].size(); ++s) {
    values.value[s] = from_link(seeds_[row][s].link, values.value[s]);
    values.slope[s] = link_slope(seeds_[row][s].link, values.value[s]);
  }
}

void RowModel::evaluate(const double* theta, std::vector<double>& log_rates, std::vector<double>* jacobian) {
  log_rates.resize(rows_.size());
  if (jacobian) jacobian->assign(offsets_.back(), 0.0);
  std::vector<const Case*> cases;
  std::vector<const CaseParameters*> values;
  std::vector<Outcome> outcomes;
  std::vector<double> gradients;
  for (const std::vector<std::size_t>& block : blocks_) {
    cases.clear();
    values.clear();
    for (const std::size_t r : block) {
      set_values(r, theta);
      cases.push_back(&rows_[r].lowered);
      values.push_back(&values_[r]);
    }
    outcomes.resize(block.size());
    const std::size_t stride = Evaluator::gradient_stride(*cases[0]->pipeline);
    gradients.resize(jacobian ? block.size() * stride : 0);
    evaluator_.evaluate(cases, values, outcomes, gradients);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::size_t r = block[i];
      const Outcome& out = outcomes[i];
      log_rates[r] = std::log(rows_[r].units * out.requests * rows_[r].lowered.replicas / out.time);
      if (!jacobian) continue;
      for (const Term& t : terms_[r]) (*jacobian)[offsets_[r] + t.column] -= gradients[i * stride + t.seed];
    }
  }
}

}  // namespace ironlaw

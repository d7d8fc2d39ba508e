#include "framework/audit/deciding_wall.hpp"

#include <fmt/format.h>

#include <string_view>

#include "framework/base/error.hpp"
#include "ironlaw/hardware.hpp"

namespace ironlaw {
namespace {

DecidingWall decided_by(const ironlaw_wall& wall, std::string reason) {
  return {static_cast<int>(wall.number), wall.id, std::move(reason)};
}

std::optional<DecidingWall> wall_of_figure(Metric metric, const Pipeline& pipeline) {
  if (metric == Metric::peak || metric == Metric::peak_ratio) {
    for (const ironlaw_wall* wall : pipeline.walls())
      if (std::string_view(wall->term) == "peak")
        return decided_by(*wall, "a peak is a figure of the datasheet: no software is part of it");
    return std::nullopt;
  }
  const bool is_bandwidth = metric == Metric::bandwidth || metric == Metric::bandwidth_ratio;
  const std::string_view wanted =
      is_bandwidth ? spec::memory_bandwidth.quantity : spec::memory_capacity.quantity;
  for (const ironlaw_wall* wall : pipeline.walls())
    for (std::uint32_t f = 0; f < wall->n_functions; ++f)
      for (std::uint32_t i = 0; i < wall->functions[f]->n_inputs; ++i)
        if (wanted == wall->functions[f]->inputs[i]->name)
          return decided_by(*wall, fmt::format("it is what {} works with", wall->id));
  return std::nullopt;
}

std::optional<DecidingWall> binding_wall(const Prediction& p) {
  if (!p.binding) return std::nullopt;
  const LedgerEntry& entry = p.ledger[*p.binding];
  return DecidingWall{entry.number, entry.name,
                      fmt::format("{:.0f}% of the time of {} follows it", 100 * entry.elasticity,
                                  p.resolved.scenario.hardware->id)};
}

std::optional<DecidingWall> wall_between(const Comparison& race) {
  const Prediction& product = race.contenders[0].prediction;
  if (race.gaps.empty() || !race.gaps[0].wall) return binding_wall(product);
  const Gap& gap = race.gaps[0];
  const Prediction& loser = race.contenders[gap.loser].prediction;
  const LedgerEntry& entry = loser.ledger[*gap.wall];
  return DecidingWall{
      entry.number, entry.name,
      fmt::format("it makes {:.0f}% of what {} needs longer for the same work",
                  100 * gap.wall_seconds / gap.all_seconds, loser.resolved.scenario.hardware->id)};
}

}  // namespace

std::optional<DecidingWall> deciding_wall(const Subject& subject, const Conditions& conditions,
                                          Reader& reader, Predictor& predictor) {
  if (facts_of(subject.claim.metric).is_figure)
    return wall_of_figure(subject.claim.metric, predictor.pipeline(*subject.product));
  try {
    const Comparison race = reader.raced(conditions);
    for (const Contender& c : race.contenders)
      if (!c.refused.empty()) return std::nullopt;
    return subject.baseline ? wall_between(race) : binding_wall(race.contenders[0].prediction);
  } catch (const Error&) {
    return std::nullopt;  // the verdict says why
  }
}

}  // namespace ironlaw

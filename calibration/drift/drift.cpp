#include "calibration/drift/drift.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "calibration/drift/changes.hpp"

namespace ironlaw {
namespace {

constexpr double kWord = std::numeric_limits<double>::quiet_NaN();  // a change that has no size

// [log] From one time to another; nothing moved where both are the same or unknown.
double log_change(double was, double is) {
  if (was == is || (std::isnan(was) && std::isnan(is))) return 0;
  return was > 0 && is > 0 ? std::log(is / was) : kWord;
}

// A word counts more than any number.
double severity(double change) {
  return std::isnan(change) ? std::numeric_limits<double>::infinity() : std::abs(change);
}

std::string times(double was, double is) {
  return fmt::format("{:.6g} s -> {:.6g} s", was, is);
}

std::optional<DriftedPoint> point_if_words_moved(const GoldenRow& was, const GoldenRow& is) {
  if (was.outcome != is.outcome)
    return DriftedPoint{&was, &is, "outcome", kWord, fmt::format("{} -> {}", was.outcome, is.outcome)};
  if (was.how != is.how)
    return DriftedPoint{&was, &is, "how", kWord, fmt::format("{} -> {}", was.how, is.how)};
  return std::nullopt;
}

// What moved of the numbers that no data are in.
std::optional<DriftedPoint> equation_moved(const GoldenRow& was, const GoldenRow& is, double bound) {
  if (auto words = point_if_words_moved(was, is)) return words;
  std::optional<DriftedPoint> worst;
  for (const auto& [what, a, b] : {std::tuple{"textbook", was.textbook, is.textbook},
                                   {"prior", was.prior, is.prior},
                                   {"at peak", was.at_peak, is.at_peak}}) {
    const double change = log_change(a, b);
    if (severity(change) > bound && (!worst || severity(change) > severity(worst->change)))
      worst = DriftedPoint{&was, &is, what, change, times(a, b)};
  }
  return worst;
}

// [log] The larger move of the calibrated time and its interval; 0 where one of the grids has none.
std::optional<DriftedPoint> fit_move(const GoldenRow& was, const GoldenRow& is) {
  if (!was.calibrated || !is.calibrated) return std::nullopt;
  const double time = log_change(*was.calibrated, *is.calibrated);
  const double width = is.half90.value_or(0) - was.half90.value_or(0);
  if (severity(width) > severity(time))
    return DriftedPoint{&was, &is, "interval", width,
                        fmt::format("x/: {:.4g} -> {:.4g}", std::exp(was.half90.value_or(0)),
                                    std::exp(is.half90.value_or(0)))};
  return DriftedPoint{&was, &is, "calibrated", time, times(*was.calibrated, *is.calibrated)};
}

std::string capitalised_list(const char* what, const std::map<std::string, std::string>& changed) {
  std::vector<std::string> parts;
  parts.reserve(changed.size());
  constexpr std::size_t kShown = 5;
  for (const auto& [name, how] : changed) {
    if (parts.size() == kShown) {
      parts.push_back(fmt::format("{} more", changed.size() - kShown));
      break;
    }
    parts.push_back(fmt::format("{} ({})", name, how));
  }
  return fmt::format("{}: {}.", what, fmt::join(parts, ", "));
}

// Finds the reason of each move.
class Attribution {
 public:
  Attribution(const Golden& was, const Golden& is, double bound)
      : changes_(changes_between(was.made_from, is.made_from)), bound_(bound) {
    for (const Marks* walls : {&was.made_from.walls, &is.made_from.walls})
      for (const auto& [name, mark] : *walls) names_[std::atoi(name.c_str())] = name;
  }
  const Changes& changes() const { return changes_; }

  using Reason = std::pair<DriftCause, std::string>;

  Reason of_equation(const DriftedPoint& p) const {
    const std::string& device = p.is->point.device;
    if (const auto found = changes_.devices.find(device); found != changes_.devices.end())
      return {DriftCause::datasheet, fmt::format("The datasheet of {}: {}.", device, found->second)};
    const std::string& model = p.is->point.model;
    if (const auto found = changes_.models.find(model); found != changes_.models.end())
      return {DriftCause::model, fmt::format("The shape of {}: {}.", model, found->second)};
    return {DriftCause::equation, walls_behind(p)};
  }

  // `equations_moved`: other points show that not only data changed.
  Reason of_fit(bool equations_moved) const {
    const Changes& c = changes_;
    std::vector<std::string> parts;
    DriftCause cause = DriftCause::fit;
    const auto tell = [&](bool is_so, DriftCause its, const std::string& text) {
      if (!is_so) return;
      if (parts.empty()) cause = its;
      parts.push_back(text);
    };
    tell(!c.files.empty(), DriftCause::data, capitalised_list("Tables", c.files));
    tell(c.has_imports, DriftCause::data,
         "The data are others although no table, figure or model is: rows were imported, or the source or "
         "note "
         "of a datasheet changed.");
    if (const auto options = c.fit.find("options"); options != c.fit.end())
      tell(true, DriftCause::fit, fmt::format("The fit's options: {}.", options->second));
    tell(!c.walls.empty(), DriftCause::equation, capitalised_list("Fitted with other walls", c.walls));
    tell(c.walls.empty() && equations_moved, DriftCause::equation,
         "Fitted with other equations, as the points with other prior times show.");
    tell(!c.devices.empty(), DriftCause::datasheet,
         capitalised_list("Fitted with other datasheets", c.devices));
    tell(!c.models.empty(), DriftCause::model, capitalised_list("Fitted with other models", c.models));
    tell(parts.empty(), DriftCause::fit,
         "Tables, options, walls, datasheets and models are the same: the program that fits chose other rows "
         "or "
         "ended at another optimum.");
    if (const auto rows = c.fit.find("rows"); rows != c.fit.end())
      parts.push_back(fmt::format("It was {}.", rows->second));
    return {cause, fmt::format("{}", fmt::join(parts, " "))};
  }

 private:
  static constexpr int kWork = 0, kNowhere = -1;

  std::string name_of_wall(int number) const {
    const auto found = names_.find(number);
    return found == names_.end() ? std::to_string(number) : found->second;
  }

  // Where the waterfall from the peak to the prior time differs first: kWork, the number of a wall, kNowhere.
  int first_difference(const GoldenRow& was, const GoldenRow& is) const {
    if (severity(log_change(was.at_peak, is.at_peak)) > bound_) return kWork;
    const double least = bound_ * std::max(was.prior, is.prior);
    for (const auto& [number, name] : names_) {
      const auto added = [n = number](const GoldenRow& r) {
        const auto found = r.added.find(n);
        return found == r.added.end() ? 0.0 : found->second;
      };
      if (std::abs(added(is) - added(was)) > least) return number;
    }
    return kNowhere;
  }

  std::string walls_behind(const DriftedPoint& p) const {
    const int first = first_difference(*p.was, *p.is);
    const std::string begins =
        first == kNowhere ? std::string("The waterfall of prior times is the same.")
        : first == kWork  ? std::string("The waterfall differs from its start: there is other work to do.")
                          : fmt::format("The waterfall differs first at wall {}.", name_of_wall(first));
    const auto suspect = changes_.walls.find(name_of_wall(first));
    if (first > kWork && suspect != changes_.walls.end())
      return fmt::format("Wall {} {}. {}", suspect->first, suspect->second, begins);
    if (!changes_.walls.empty())
      return fmt::format("{} {}", capitalised_list("Walls", changes_.walls), begins);
    const char* const where =
        first == kWork ? "look at the lowering (registry/), its precision and its split"
        : first == kNowhere
            ? "look at what is chosen for the point and at what the walls' neutral values make of it"
            : "look at the composition (framework/pipeline, framework/predict), and at the wall away from "
              "the "
              "points that its numbers are taken at";
    return fmt::format("No datasheet, model or wall changed, as far as their marks tell: {}. {}", where,
                       begins);
  }

  Changes changes_;
  double bound_;
  std::map<int, std::string> names_;
};

// Points by device where it is unknown to the other grid, else by model where that is, else one by one.
std::vector<std::string> only_in(const Golden& here, const Golden& there) {
  std::set<GoldenPoint> known;
  for (const GoldenRow& row : there.rows) known.insert(row.point);
  std::map<std::string, int> counts;
  for (const GoldenRow& row : here.rows) {
    const GoldenPoint& p = row.point;
    if (known.contains(p)) continue;
    if (!there.made_from.devices.contains(p.device))
      ++counts["device " + p.device];
    else if (!there.made_from.models.contains(p.model))
      ++counts["model " + p.model];
    else
      ++counts[described(p)];
  }
  std::vector<std::string> result;
  result.reserve(counts.size());
  for (const auto& [name, n] : counts)
    result.push_back(n == 1 ? name : fmt::format("{} ({} points)", name, n));
  return result;
}

void sort_worst_first(std::vector<DriftGroup>& groups) {
  const auto worse = [](const DriftedPoint& a, const DriftedPoint& b) {
    return severity(a.change) > severity(b.change);
  };
  for (DriftGroup& group : groups) std::stable_sort(group.points.begin(), group.points.end(), worse);
  std::stable_sort(groups.begin(), groups.end(), [&](const DriftGroup& a, const DriftGroup& b) {
    return worse(a.points.front(), b.points.front());
  });
}

// What changed and moved no point.
void add_notes(Drift& drift, const Changes& changes, int rebound) {
  const auto is_told = [&](DriftCause cause) {
    return std::any_of(drift.groups.begin(), drift.groups.end(),
                       [&](const DriftGroup& g) { return g.cause == cause; });
  };
  const auto tell = [&](const char* what, const std::map<std::string, std::string>& changed,
                        DriftCause cause) {
    if (!changed.empty() && !is_told(cause)) drift.notes.push_back(capitalised_list(what, changed));
  };
  tell("Walls that changed and moved no time here", changes.walls, DriftCause::equation);
  tell("Datasheets that changed and moved no time here", changes.devices, DriftCause::datasheet);
  tell("Models that changed and moved no time here", changes.models, DriftCause::model);
  if (drift.has_fit) tell("Tables that changed and moved no time here", changes.files, DriftCause::data);
  if (rebound > 0)
    drift.notes.push_back(
        fmt::format("Another wall binds at {} points whose times are within the bounds.", rebound));
}

}  // namespace

const char* name_of(DriftCause cause) {
  constexpr std::array<const char*, 5> kNames = {"equation", "datasheet", "model", "data", "fit"};
  return kNames.at(static_cast<std::size_t>(cause));
}

Drift compare_golden(const Golden& was, const Golden& is, const DriftBounds& bounds) {
  Drift drift;
  drift.bounds = bounds;
  const Attribution attribution(was, is, bounds.equations);
  std::map<GoldenPoint, const GoldenRow*> known;
  for (const GoldenRow& row : was.rows) known[row.point] = &row;

  std::map<Attribution::Reason, std::vector<DriftedPoint>> reasons;
  std::vector<DriftedPoint> moved_by_fit;
  int rebound = 0;
  for (const GoldenRow& row : is.rows) {
    const auto found = known.find(row.point);
    if (found == known.end()) continue;
    ++drift.compared;
    const GoldenRow& before = *found->second;
    const std::optional<DriftedPoint> fitted = fit_move(before, row);
    drift.has_fit = drift.has_fit || fitted;
    if (const auto moved = equation_moved(before, row, bounds.equations)) {
      reasons[attribution.of_equation(*moved)].push_back(*moved);
    } else if (fitted && severity(fitted->change) > bounds.fit) {
      moved_by_fit.push_back(*fitted);
    } else if (fitted) {
      drift.largest_fit_move = std::max(drift.largest_fit_move, severity(fitted->change));
      rebound += before.binding != row.binding;
    }
  }
  if (!moved_by_fit.empty()) {
    const Attribution::Reason reason = attribution.of_fit(!reasons.empty());
    auto& points = reasons[reason];
    points.insert(points.end(), moved_by_fit.begin(), moved_by_fit.end());
  }
  for (auto& [reason, points] : reasons)
    drift.groups.push_back({reason.first, reason.second, std::move(points)});
  sort_worst_first(drift.groups);
  drift.missing = only_in(was, is);
  drift.added = only_in(is, was);
  for (const std::string& wall : attribution.changes().recomputed)
    drift.walls.push_back(fmt::format("Wall {} {}.", wall, attribution.changes().walls.at(wall)));
  add_notes(drift, attribution.changes(), rebound);
  return drift;
}

}  // namespace ironlaw

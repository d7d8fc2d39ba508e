#include "calibration/fitter.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/base/error.hpp"
#include "framework/predict/fitted_range.hpp"

namespace ironlaw {
namespace {

// A spread is estimated from few levels; this much prior weight, in levels, keeps it near kSpreadGuess.
constexpr double kSpreadWeight = 2;
constexpr double kSpreadGuess = 0.2;  // link scale
// Rounds begin wide, and noises wait until the spreads have found their size: a group that the first
// solutions cannot reach would else be taken for noise and given up.
constexpr double kSpreadStart = 0.6;
constexpr int kSpreadsOnly = 4;  // rounds
constexpr double kLeastSpread = 0.01;
constexpr double kLeastNoise = 0.005;
constexpr double kSettledEvidence = 0.3;  // a round that changes its log by less changes no prediction
constexpr double kMostStep = 1.0;         // of the log of an sd, in one round
// The least share of a noise that its rows decide after what theta absorbed of it: keeps a step finite.
constexpr double kLeastDecided = 0.1;

constexpr int kNewtonSteps = 25;
constexpr double kSettledCost = 0.01;  // what a step saves of it when theta is settled
constexpr double kLeastDamping = 1e-3, kMostDamping = 1e6, kMoreDamping = 10;
constexpr double kMostMove = 1.0;  // [link scale] of any entry in one Newton step
// Share of the information at its centre that a Student's t has on average.
constexpr double kStudentInformation = (kStudentDegrees + 1) / (kStudentDegrees + 3);

// In place: of the lower triangle of a matrix. By halves, so that most of the work is products.
using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
void invert_lower(Eigen::Ref<Square> lower) {
  constexpr Eigen::Index kSmall = 48;
  const Eigen::Index n = lower.rows();
  if (n <= kSmall) {
    const Square inverse = lower.triangularView<Eigen::Lower>().solve(Square::Identity(n, n));
    lower.triangularView<Eigen::Lower>() = inverse;
    return;
  }
  const Eigen::Index half = n / 2;
  invert_lower(lower.topLeftCorner(half, half));
  invert_lower(lower.bottomRightCorner(n - half, n - half));
  const Square half_way = lower.bottomRightCorner(n - half, n - half).triangularView<Eigen::Lower>() *
                          lower.bottomLeftCorner(n - half, half);
  lower.bottomLeftCorner(n - half, half) =
      -(half_way * lower.topLeftCorner(half, half).triangularView<Eigen::Lower>());
}

}  // namespace

double weight_of(Loss loss, double square) {
  if (loss == Loss::student) return (kStudentDegrees + 1) / (kStudentDegrees + square);
  return std::min(1.0, kHuber / std::sqrt(std::max(square, 1e-12)));
}

double loss_of(Loss loss, double square) {
  if (loss == Loss::student) return (kStudentDegrees + 1) / 2 * std::log1p(square / kStudentDegrees);
  return square <= kHuber * kHuber ? square / 2 : kHuber * (std::sqrt(square) - kHuber / 2);
}

double square_of(const FitCell& cell, const std::vector<double>& log_rates,
                 const std::vector<double>& log_observed) {
  double sum = 0;
  for (const std::size_t r : cell.rows) sum += std::pow((log_rates[r] - log_observed[r]) / cell.sd, 2);
  return sum / static_cast<double>(cell.rows.size());
}

Fitter::Fitter(const std::vector<Row>& rows, RowModel& model, const ParameterSet& set,
               const FitOptions& options, std::vector<std::size_t> fitted, std::vector<std::uint32_t> free)
    : rows_(rows), set_(set), options_(options), problem_{model, std::move(fitted), {}, {}, {}, {}, {}} {
  if (problem_.rows.empty()) throw Error("there is no observation to fit.");
  problem_.free = std::move(free);
  problem_.place.assign(set.effects().size(), FitProblem::kFixed);
  for (std::uint32_t i = 0; i < problem_.free.size(); ++i) problem_.place[problem_.free[i]] = i;
  problem_.prior_sd.assign(set.effects().size(), 0.0);
  problem_.log_observed.resize(rows.size());
  for (const std::size_t r : problem_.rows) problem_.log_observed[r] = std::log(rows[r].observation.value);
  group_cells();
  for (const FitCell& cell : problem_.cells) fit_.noise[cell.group];
  theta_.assign(set.effects().size(), 0.0);
  for (const Effect& e : set.effects())
    if (!e.scope) most_spread_[e.parameter] = e.prior_sd;
  const double spread = options.estimate_spreads ? kSpreadStart : kSpreadGuess;
  for (const std::uint32_t i : problem_.free)
    if (const Effect& e = set.effects()[i]; e.scope)
      spreads_[{e.parameter, static_cast<int>(e.scope)}] = spread;
}

void Fitter::group_cells() {
  std::map<std::string_view, std::size_t> index;
  for (const std::size_t r : problem_.rows) {
    const auto [found, is_new] = index.try_emplace(rows_[r].cell, problem_.cells.size());
    if (is_new) problem_.cells.push_back({noise_group(rows_[r].scenario), {}, {}});
    problem_.cells[found->second].rows.push_back(r);
  }
  for (FitCell& cell : problem_.cells) {
    for (const std::size_t r : cell.rows)
      for (const std::uint32_t column : problem_.model.columns(r))
        if (problem_.place[column] != FitProblem::kFixed) cell.columns.push_back(column);
    std::sort(cell.columns.begin(), cell.columns.end());
    cell.columns.erase(std::unique(cell.columns.begin(), cell.columns.end()), cell.columns.end());
  }
}

// Of the priors and the cells, from the present spreads and noises.
void Fitter::set_scales() {
  for (const std::uint32_t i : problem_.free) {
    const Effect& e = set_.effects()[i];
    problem_.prior_sd[i] = e.scope ? spreads_.at({e.parameter, static_cast<int>(e.scope)}) : e.prior_sd;
  }
  for (FitCell& cell : problem_.cells) {
    const Noise& noise = fit_.noise.at(cell.group);
    cell.sd = std::sqrt(noise.discrepancy * noise.discrepancy +
                        noise.within * noise.within / static_cast<double>(cell.rows.size()));
  }
}

Fit Fitter::from_afar() {
  set_scales();
  const Solution solution = solve_from_afar(problem_, theta_);
  fit_.evaluations += solution.evaluations;
  int round = 0;
  if (options_.estimate_spreads)
    for (; round < kSpreadsOnly && round < options_.rounds; ++round) {
      solve(Loss::huber);
      report(round, update_variances(false));
    }
  update_until_settled(round);
  return finish();
}

Fit Fitter::from(const Fit& start, Linearisation at) {
  at_ = std::move(at);
  for (const std::uint32_t i : problem_.free) {
    const Effect& e = set_.effects()[i];
    const int known = start.parameters.find(e.parameter, e.scope, e.level);
    if (known >= 0) theta_[i] = start.parameters.effects()[static_cast<std::size_t>(known)].value;
  }
  for (auto& [key, sd] : spreads_) {
    const auto known = start.parameters.spreads().find(key);
    sd = known == start.parameters.spreads().end() ? kSpreadGuess : known->second;
  }
  for (auto& [group, noise] : fit_.noise)
    if (const auto known = start.noise.find(group); known != start.noise.end()) noise = known->second;
  update_until_settled(0);
  return finish();
}

// The noises take part from the first round on.
void Fitter::update_until_settled(int round) {
  double evidence = -std::numeric_limits<double>::infinity();
  for (bool is_settled = false; !is_settled; ++round) {
    solve(Loss::student);
    const double change = options_.estimate_spreads && round < options_.rounds ? update_variances(true) : 0;
    report(round, change);
    const double gained = std::abs(fit_.log_evidence - evidence);
    evidence = fit_.log_evidence;
    is_settled = change < options_.settled || gained < kSettledEvidence;
  }
}

void Fitter::report(int round, double change) const {
  if (options_.progress)
    options_.progress(
        fmt::format("round {}: cost {:.2f}, log evidence {:.1f}, largest change of a spread {:.0f}%",
                    round + 1, fit_.cost, fit_.log_evidence, 100 * change));
}

// The minimum over theta for the present spreads and noises, and the Laplace covariance there.
void Fitter::solve(Loss loss) {
  set_scales();
  std::fill(at_.frozen.begin(), at_.frozen.end(), 0);
  fit_.converged = newton(loss);
  fit_.cost = cost(loss);
  compute_covariance();
}

void Fitter::evaluate() {
  problem_.model.evaluate_near(theta_.data(), problem_.rows, at_, log_rates_);
}

double Fitter::cost(Loss loss) const {
  double sum = 0;
  for (const FitCell& cell : problem_.cells)
    sum += loss_of(loss, square_of(cell, log_rates_, problem_.log_observed));
  for (const std::uint32_t i : problem_.free) sum += std::pow(theta_[i] / problem_.prior_sd[i], 2) / 2;
  return sum;
}

// Entries that no fitted rate depends on (the latency of links, for a model that ran on one device only) are
// their prior alone: they are kept out of the matrices.
void Fitter::seat_active() {
  seat_.assign(theta_.size(), kNoSeat);
  for (const std::size_t r : problem_.rows) {
    const std::span<const std::uint32_t> columns = problem_.model.columns(r);
    const std::span<const double> slopes = problem_.model.slopes(at_.slopes, r);
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (slopes[i] != 0) seat_[columns[i]] = 0;
  }
  active_.clear();
  for (const std::uint32_t t : problem_.free)
    if (seat_[t] != kNoSeat) active_.push_back(t);
  std::fill(seat_.begin(), seat_.end(), kNoSeat);
  for (std::size_t i = 0; i < active_.size(); ++i) seat_[active_[i]] = static_cast<Eigen::Index>(i);
}

void Fitter::linearise(Loss loss, double information, Matrix& precision, Vector& gradient) {
  seat_active();
  const auto p = static_cast<Eigen::Index>(active_.size());
  precision.setZero(p, p);
  gradient.setZero(p);
  weights_.clear();
  std::vector<Eigen::Index> at;
  std::vector<double> slope;
  for (const FitCell& cell : problem_.cells) {
    const double n = static_cast<double>(cell.rows.size());
    weights_.push_back(weight_of(loss, square_of(cell, log_rates_, problem_.log_observed)));
    const double weight = weights_.back() / (n * cell.sd * cell.sd);
    for (const std::size_t r : cell.rows) {
      const std::span<const std::uint32_t> columns = problem_.model.columns(r);
      const std::span<const double> slopes = problem_.model.slopes(at_.slopes, r);
      at.clear();
      slope.clear();
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (seat_[columns[i]] != kNoSeat && slopes[i] != 0) {
          at.push_back(seat_[columns[i]]);
          slope.push_back(slopes[i]);
        }
      const double residual = log_rates_[r] - problem_.log_observed[r];
      for (std::size_t i = 0; i < at.size(); ++i) {
        gradient[at[i]] += weight * slope[i] * residual;
        for (std::size_t j = 0; j <= i; ++j)
          precision(at[i], at[j]) += information * weight * slope[i] * slope[j];
      }
    }
  }
  for (Eigen::Index i = 0; i < p; ++i) {
    const std::uint32_t t = active_[static_cast<std::size_t>(i)];
    const double prior = 1 / (problem_.prior_sd[t] * problem_.prior_sd[t]);
    precision(i, i) += prior;
    gradient[i] += prior * theta_[t];
  }
}

// Each step solves the problem that weighs every cell as at the present point (a bound on the cost that
// touches it there), damped as Levenberg and Marquardt do where a straight line is a bad guide: an efficiency
// near 1 hardly moves the rates until it moves far. Only the lower half of the matrix is filled.
bool Fitter::newton(Loss loss) {
  Matrix precision;
  Vector gradient;
  evaluate();
  double here = cost(loss);
  linearise(loss, 1, precision, gradient);
  double damping = 0;
  for (int step = 0; step < kNewtonSteps; ++step) {
    Matrix damped = precision;
    damped.diagonal() *= 1 + damping;
    const Vector move = -damped.selfadjointView<Eigen::Lower>().llt().solve(gradient);
    const double promise = -gradient.dot(move);
    const std::vector<double> theta_before = theta_;
    const Linearisation at_before = at_;
    for (const std::uint32_t t : problem_.free)
      if (seat_[t] == kNoSeat) theta_[t] = 0;
    for (Eigen::Index i = 0; i < move.size(); ++i)
      theta_[active_[static_cast<std::size_t>(i)]] += std::clamp(move[i], -kMostMove, kMostMove);
    evaluate();
    const double there = cost(loss);
    if (there > here) {
      theta_ = theta_before;
      at_ = at_before;
      damping = std::max(kLeastDamping, kMoreDamping * damping);
      if (promise > kSettledCost && damping < kMostDamping) continue;
      evaluate();
      return promise <= kSettledCost;
    }
    if (here - there < kSettledCost && damping <= kMoreDamping) return true;
    here = there;
    linearise(loss, 1, precision, gradient);
    damping = damping > kLeastDamping ? damping / kMoreDamping : 0;
  }
  return false;
}

// (sum over cells of w J'J / (n s^2) + prior precision)^-1; w is the weight that the loss leaves a cell,
// times the information of its distribution.
void Fitter::compute_covariance() {
  Matrix precision;
  Vector gradient;
  linearise(Loss::student, kStudentInformation, precision, gradient);
  const Eigen::Index p = precision.rows();
  Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower> factor(precision);  // in place
  fit_.log_evidence = -cost(Loss::student);
  for (const FitCell& cell : problem_.cells) fit_.log_evidence -= std::log(cell.sd);
  for (Eigen::Index i = 0; i < p; ++i)
    fit_.log_evidence -= std::log(precision(i, i) * problem_.prior_sd[active_[static_cast<std::size_t>(i)]]);
  for (const auto& [key, sd] : spreads_)
    fit_.log_evidence -= kSpreadWeight * (std::log(sd) + kSpreadGuess * kSpreadGuess / (2 * sd * sd));
  invert_lower(precision);
  covariance_.setZero(p, p);
  constexpr Eigen::Index kRows = 128;
  for (Eigen::Index k = 0; k < p; k += kRows) {
    const Eigen::Index rows = std::min(kRows, p - k);
    Matrix strip = precision.block(k, 0, rows, k + rows);
    strip.rightCols(rows).triangularView<Eigen::StrictlyUpper>().setZero();
    covariance_.topLeftCorner(k + rows, k + rows)
        .selfadjointView<Eigen::Lower>()
        .rankUpdate(strip.transpose());
  }
  covariance_.triangularView<Eigen::StrictlyUpper>() = covariance_.transpose();
}

double Fitter::posterior_variance(std::uint32_t t) const {
  const Eigen::Index seat = seat_[t];
  return seat == kNoSeat ? problem_.prior_sd[t] * problem_.prior_sd[t] : covariance_(seat, seat);
}

// MacKay's update: a spread's square is the sum of its levels' squares over how many of them the data decide.
// Its fixed point is that of expectation-maximisation under the Laplace posterior, which creeps towards it.
// It ends at the prior's sd: levels do not differ by more than the wall's author doubts the parameter itself.
// Without that limit a parameter that hardly matters takes in what another misses, by factors of ten.
// Returns the largest relative change.
double Fitter::update_variances(bool with_noise) {
  double change = 0;
  const auto replace = [&](double& sd, double next) {
    const double step = std::log(next / sd);
    change = std::max(change, std::abs(step));
    sd *= std::exp(std::clamp(step, -kMostStep, kMostStep));
  };
  struct Levels {
    double squares = kSpreadWeight * kSpreadGuess * kSpreadGuess, decided = kSpreadWeight;
  };
  std::map<std::pair<std::string, int>, Levels> levels;
  for (const std::uint32_t t : problem_.free) {
    const Effect& e = set_.effects()[t];
    if (!e.scope) continue;
    Levels& l = levels[{e.parameter, static_cast<int>(e.scope)}];
    l.squares += theta_[t] * theta_[t];
    l.decided += std::max(1 - posterior_variance(t) / (problem_.prior_sd[t] * problem_.prior_sd[t]), 0.0);
  }
  for (const auto& [key, l] : levels)
    replace(spreads_.at(key), std::clamp(std::sqrt(l.squares / l.decided), kLeastSpread,
                                         std::max(kLeastSpread, most_spread_.at(key.first))));
  if (with_noise)
    for (auto& [group, noise] : fit_.noise) update_noise(group, noise, replace);
  return change;
}

template <class Replace>
void Fitter::update_noise(const std::string& group, Noise& noise, const Replace& replace) {
  double squares = 0;
  double decided = 0;
  double all = 0;
  double within = 0;
  double degrees = 0;
  for (std::size_t c = 0; c < problem_.cells.size(); ++c) {
    const FitCell& cell = problem_.cells[c];
    if (cell.group != group) continue;
    const double n = static_cast<double>(cell.rows.size());
    double mean = 0;
    for (const std::size_t r : cell.rows) mean += (log_rates_[r] - problem_.log_observed[r]) / n;
    for (const std::size_t r : cell.rows)
      within += weights_[c] * std::pow(log_rates_[r] - problem_.log_observed[r] - mean, 2);
    degrees += weights_[c] * (n - 1);
    // The cell's discrepancy is a share of its mean residual, the rest is noise of its rows; what theta's
    // entries absorbed of it is missing from the residual.
    const double share = noise.discrepancy * noise.discrepancy / (cell.sd * cell.sd);
    squares += weights_[c] * share * share * mean * mean;
    decided += weights_[c] * share * share * (cell.sd * cell.sd - variance_of_mean(cell));
    all += weights_[c] * share * share * cell.sd * cell.sd;
  }
  if (degrees > 0) replace(noise.within, std::max(kLeastNoise, std::sqrt(within / degrees)));
  decided = std::max(decided, kLeastDecided * all);
  replace(noise.discrepancy, std::max(kLeastNoise, noise.discrepancy * std::sqrt(squares / decided)));
}

// Of the cell's mean log rate, from the errors of theta.
double Fitter::variance_of_mean(const FitCell& cell) const {
  std::vector<double> slope(cell.columns.size(), 0.0);
  for (const std::size_t r : cell.rows) {
    const std::span<const std::uint32_t> columns = problem_.model.columns(r);
    const std::span<const double> slopes = problem_.model.slopes(at_.slopes, r);
    std::size_t k = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (problem_.place[columns[i]] == FitProblem::kFixed) continue;
      while (cell.columns[k] != columns[i]) ++k;
      slope[k] += slopes[i] / static_cast<double>(cell.rows.size());
    }
  }
  double variance = 0;
  for (std::size_t i = 0; i < slope.size(); ++i) {
    if (slope[i] == 0) continue;
    for (std::size_t j = 0; j < i; ++j)
      if (slope[j] != 0)
        variance += 2 * slope[i] * slope[j] * covariance_(seat_[cell.columns[i]], seat_[cell.columns[j]]);
    variance += slope[i] * slope[i] * covariance_(seat_[cell.columns[i]], seat_[cell.columns[i]]);
  }
  return variance;
}

Fit Fitter::finish() {
  const std::size_t p = problem_.free.size();
  std::vector<double>& covariance = fit_.parameters.covariance;
  covariance.assign(p * p, 0.0);
  for (std::size_t i = 0; i < p; ++i) {
    const std::uint32_t t = problem_.free[i];
    Effect e = set_.effects()[t];
    e.prior_sd = problem_.prior_sd[t];
    e.value = theta_[t];
    e.sd = std::sqrt(posterior_variance(t));
    fit_.parameters.add(e);
    covariance[i * p + i] = posterior_variance(t);
    if (seat_[t] == kNoSeat) continue;
    for (std::size_t j = 0; j < i; ++j)
      if (const Eigen::Index seat = seat_[problem_.free[j]]; seat != kNoSeat)
        covariance[i * p + j] = covariance[j * p + i] = covariance_(seat_[t], seat);
  }
  for (const auto& [key, sd] : spreads_)
    fit_.parameters.set_spread(key.first, static_cast<ironlaw_scope>(key.second), sd);
  for (const auto& [group, noise] : fit_.noise) fit_.parameters.noise[group] = noise.total();
  fit_.rows = static_cast<int>(problem_.rows.size());
  fit_.cells = static_cast<int>(problem_.cells.size());
  fit_.predicted.reserve(problem_.rows.size());
  for (const std::size_t r : problem_.rows) {
    fit_.predicted.push_back(std::exp(log_rates_[r]));
    // A microbenchmark has no batch or split that a run of a model could stand to.
    if (rows_[r].operators.empty()) add_to_ranges(rows_[r].lowered, fit_.parameters.ranges);
  }
  return std::move(fit_);
}

}  // namespace ironlaw

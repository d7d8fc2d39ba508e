#include "framework/probe/predicted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "ironlaw/quantities.hpp"

namespace ironlaw {
namespace {

constexpr std::string_view kMlpOperators[] = {"mlp up", "mlp activation", "mlp down"};
constexpr const char* kFrom = "ironlaw probe";

// A decoder of one layer without gates, as wide as the MLP that is measured: what the operators are part of.
ModelSpec layer_model(int hidden, int ffn) {
  constexpr int head_dim = 64;
  ModelSpec model{};
  model.id = "probe-layer";
  model.title = "one decoder layer";
  model.kind = ModelKind::decoder;
  model.shape.layers = 1;
  model.shape.hidden = hidden;
  model.shape.ffn = ffn;
  model.shape.head_dim = head_dim;
  model.shape.heads = model.shape.kv_heads = std::max(hidden / head_dim, 1);
  model.shape.vocab = 1;
  model.input_len = model.output_len = 1;
  model.source = model.lengths_source = kFrom;
  return model;
}

std::optional<Precision> precision_of(const std::string& name) {
  for (int p = 0; p < kPrecisions; ++p)
    if (name == name_of(static_cast<Precision>(p))) return static_cast<Precision>(p);
  return std::nullopt;
}

// Of int8 products the sums are 32 bits wide, of all others the numbers that products begin with, or fp32.
double output_bytes(Precision precision) {
  return std::max(bytes_of(precision), 4.0);
}

Operator<double> product_operator(const Measurement& m, Precision precision) {
  Operator<double> op;
  op.name = "product";
  op.kind = OperatorKind::matmul;
  op.precision = precision;
  op.m = static_cast<double>(m.m);
  op.n = static_cast<double>(m.n);
  op.k = static_cast<double>(m.k);
  op.flops = op.useful_flops = 2 * op.m * op.n * op.k;
  op.weight_bytes = op.k * op.n * bytes_of(precision);
  op.bytes = op.weight_bytes + op.m * op.k * bytes_of(precision) + op.m * op.n * output_bytes(precision);
  return op;
}

Operator<double> stream_operator(const Measurement& m) {
  Operator<double> op;
  op.name = "stream";
  op.kind = OperatorKind::vector;
  op.precision = Precision::fp32;
  op.bytes = m.bytes;
  return op;
}

bool is_stream(const Measurement& m) {
  return m.unit == "B/s" && m.what != measured::cache_read;
}

class ProbePrediction {
 public:
  ProbePrediction(const ProbeResult& result, const ironlaw_hardware& hardware, Predictor& predictor,
                  const ParameterSet& parameters)
      : result_(result), predictor_(predictor), parameters_(parameters) {
    const Measurement* mlp = result.fastest(measured::mlp, "fp32");
    model_ = mlp ? layer_model(static_cast<int>(mlp->k), static_cast<int>(mlp->n)) : layer_model(1024, 4096);
    scenario_.model = &model_;
    scenario_.hardware = &hardware;
    scenario_.task = Task::prefill;
    scenario_.precision = Precision::fp32;
    if (const auto precisions = precisions_of(hardware);
        !precisions.empty() && std::isnan(dense_peak(hardware, Precision::fp32)))
      scenario_.precision = precisions.front();
    scenario_.kv_precision = Precision::fp32;
    scenario_.input_len = mlp ? static_cast<double>(mlp->m) : 1.0;
    scenario_.output_len = 1;
    scenario_.is_benchmark = true;
    if (const Measurement* launch = result.fastest(measured::launch)) {
      predicted_.launch_latency = launch->value;
      scenario_.given[q::launch_latency.name] = {launch->value, kFrom};
    }
  }

  PredictedProbe run() {
    if (precisions_of(*scenario_.hardware).empty()) {
      predicted_.notes.emplace_back("Nothing is predicted: no product was measured that models run at.");
      predicted_.median_error = predicted_.p90_error = NAN;
      return std::move(predicted_);
    }
    predict_operators();
    predict_mlp();
    summarise();
    return std::move(predicted_);
  }

 private:
  void predict_operators() {
    std::vector<Operator<double>> operators;
    std::set<std::string> left_out;
    int most_threads = 1;
    for (const Measurement& m : result_.rows) most_threads = std::max(most_threads, m.threads);
    for (const Measurement& m : result_.rows) {
      if (m.what == measured::matmul) {
        const std::optional<Precision> precision = precision_of(m.precision);
        if (!precision) {
          left_out.insert(m.precision);
          continue;
        }
        operators.push_back(product_operator(m, *precision));
        const double flops = operators.back().flops;
        predicted_.rows.push_back(
            {&m, flops / m.value, 0, &m == result_.fastest(measured::matmul, m.precision)});
      } else if (is_stream(m) && m.threads == most_threads) {
        operators.push_back(stream_operator(m));
        predicted_.rows.push_back({&m, m.bytes / m.value, 0, &m == result_.fastest(measured::triad)});
      }
    }
    for (const std::string& precision : left_out)
      predicted_.notes.push_back(
          fmt::format("{} products are not predicted: no model runs at it.", precision));
    const Case c = prepare(scenario_, predictor_.pipeline(*scenario_.hardware));
    std::vector<double> seconds(operators.size());
    evaluator_.time_operators(c, resolve_parameters(c, parameters_), operators, seconds);
    for (std::size_t i = 0; i < seconds.size(); ++i) predicted_.rows[i].predicted = seconds[i];
  }

  // The model's own lowering of the layer, of which the MLP's operators are taken.
  void predict_mlp() {
    const Measurement* mlp = result_.fastest(measured::mlp, "fp32");
    if (!mlp) return;
    const Case c = prepare(scenario_, predictor_.pipeline(*scenario_.hardware));
    const CaseParameters parameters = resolve_parameters(c, parameters_);
    const Case* const cases[] = {&c};
    const CaseParameters* const its[] = {&parameters};
    Outcome outcome;
    evaluator_.evaluate(cases, its, {&outcome, 1});
    std::vector<Operator<double>> operators;
    const auto step = evaluator_.step(evaluator_.steps_of(0).first);
    for (std::size_t row = step.first; row < step.last; ++row)
      if (std::find(std::begin(kMlpOperators), std::end(kMlpOperators), evaluator_.operator_at(row).name) !=
          std::end(kMlpOperators))
        operators.push_back(evaluator_.operator_at(row));
    std::vector<double> seconds(operators.size());
    evaluator_.time_operators(c, parameters, operators, seconds);
    PredictedRow row{mlp, mlp->value, 0, false};
    for (std::size_t i = 0; i < seconds.size(); ++i) row.predicted += operators[i].count * seconds[i];
    predicted_.rows.push_back(row);
  }

  void summarise() {
    std::vector<double> errors;
    for (const PredictedRow& row : predicted_.rows)
      if (!row.is_anchor) errors.push_back(std::abs(row.ratio() - 1));
    predicted_.median_error = quantile_of(errors, 0.5);
    predicted_.p90_error = quantile_of(errors, 0.9);
  }

  const ProbeResult& result_;
  Predictor& predictor_;
  const ParameterSet& parameters_;
  ModelSpec model_{};
  Scenario scenario_;
  Evaluator evaluator_;
  PredictedProbe predicted_;
};

}  // namespace

PredictedProbe predict_probe(const ProbeResult& result, const ironlaw_hardware& hardware,
                             Predictor& predictor, const ParameterSet& parameters) {
  return ProbePrediction(result, hardware, predictor, parameters).run();
}

}  // namespace ironlaw

// What holds for every function of every wall.
#include <cmath>

#include "tests/walls/points.hpp"

namespace ironlaw {
namespace {

using conformance::bits_of;
using testing::Block;
using testing::for_each_function;
using testing::rows_of;
using testing::run;

// An account may be unknown: a queue that grows for ever has no mean wait.
bool may_be_unknown(const ironlaw_port& output) {
  return output.role == IRONLAW_ROLE_ACCOUNT;
}

TEST(EveryFunction, IsFiniteInsideItsRanges) {
  for_each_function([](const ironlaw_function& f) {
    const Block block = run(f, rows_of(f, 300), true);
    for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
      int known = 0;
      for (std::size_t row = 0; row < block.out.size(); ++row) {
        if (may_be_unknown(*f.outputs[o]) && std::isnan(block.out[row][o])) continue;
        ++known;
        EXPECT_TRUE(std::isfinite(block.out[row][o])) << f.outputs[o]->name;
        for (std::uint32_t i = 0; i < f.n_inputs; ++i)
          EXPECT_TRUE(std::isfinite(block.jacobian[row][o * f.n_inputs + i]))
              << f.outputs[o]->name << " by " << f.inputs[i]->name;
      }
      EXPECT_GT(known, 0) << f.outputs[o]->name;
    }
  });
}

TEST(EveryFunction, KeepsTheRangeOfItsRoles) {
  for_each_function([](const ironlaw_function& f) {
    for (const auto& out : run(f, rows_of(f, 300)).out)
      for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
        const ironlaw_port& port = *f.outputs[o];
        if (port.role == IRONLAW_ROLE_BOUND || port.role == IRONLAW_ROLE_ADDEND ||
            port.role == IRONLAW_ROLE_WORK) {
          EXPECT_GE(out[o], 0) << port.name;
        }
        if (port.role == IRONLAW_ROLE_FACTOR) {
          EXPECT_GT(out[o], 0) << port.name;
          EXPECT_LE(out[o], 1) << port.name;
        }
      }
  });
}

TEST(EveryFunction, ReproducesTheCaseWorkedByHand) {
  constexpr double kDigits = 1e-3;  // examples show three or four digits
  for_each_function([](const ironlaw_function& f) {
    ASSERT_NE(f.example, nullptr) << "every function of the taxonomy shows a case worked by hand";
    const std::vector<double> in(f.example->inputs, f.example->inputs + f.n_inputs);
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      EXPECT_FALSE(in[i] < f.inputs[i]->min || in[i] > f.inputs[i]->max) << f.inputs[i]->name;
    }
    const Block block = run(f, {in});
    for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
      const double wanted = f.example->outputs[o];
      if (std::isnan(wanted)) continue;
      EXPECT_NEAR(block.out[0][o], wanted, kDigits * std::abs(wanted)) << f.outputs[o]->name;
    }
  });
}

TEST(EveryFunction, GivesTheSameBitsAloneAndInABlock) {
  for_each_function([](const ironlaw_function& f) {
    const auto rows = rows_of(f, 97);  // no multiple of a vector register
    const Block block = run(f, rows);
    for (std::size_t row = 0; row < rows.size(); ++row)
      EXPECT_EQ(bits_of(run(f, {rows[row]}).out[0]), bits_of(block.out[row])) << row;
  });
}

TEST(EveryFunction, HasTheSameValueWithAndWithoutDerivatives) {
  for_each_function([](const ironlaw_function& f) {
    const auto rows = rows_of(f, 97);
    const Block plain = run(f, rows), dual = run(f, rows, true);
    for (std::size_t row = 0; row < rows.size(); ++row)
      EXPECT_EQ(bits_of(plain.out[row]), bits_of(dual.out[row])) << row;
  });
}

TEST(EveryFunction, JacobianEqualsCentralDifferences) {
  for_each_function([](const ironlaw_function& f) {
    int moved = 0;
    for (const auto& row : rows_of(f, 60)) {
      const Block at = run(f, {row}, true);
      for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
        if (f.inputs[i]->flags & IRONLAW_PORT_DISCRETE) continue;
        const double h = 1e-6 * row[i];
        auto above = row, below = row;
        above[i] += h;
        below[i] -= h;
        const auto high = run(f, {above}).out[0], low = run(f, {below}).out[0];
        for (std::uint32_t o = 0; o < f.n_outputs; ++o) {
          // In elasticities, so that bytes and seconds are judged alike.
          const double scale = row[i] / std::max(std::abs(at.out[0][o]), 1e-300);
          if (at.out[0][o] == 0 || std::isnan(at.out[0][o])) continue;
          const double slope = at.jacobian[0][o * f.n_inputs + i] * scale;
          const double difference = (high[o] - low[o]) / (2 * h) * scale;
          EXPECT_NEAR(slope, difference, 1e-5 * (1 + std::abs(difference)))
              << f.outputs[o]->name << " by " << f.inputs[i]->name;
          moved += difference != 0;
        }
      }
    }
    EXPECT_GT(moved, 0);
  });
}

// Which way an output goes when an input grows: +1 not down, -1 not up.
struct Direction {
  const char *wall, *function, *input, *output;
  int sign;
};
constexpr Direction kDirections[] = {
    {"1", "arithmetic", "operator_flops", "compute_time", 1},
    {"1", "arithmetic", "operator_peak", "compute_time", -1},
    {"1", "softmax", "attention_scores", "exponential_time", 1},
    {"1", "softmax", "exponential_rate", "exponential_time", -1},
    {"1", "arithmetic", "weight_flop_factor", "compute_time", 1},
    {"2", "reserve", "memory_capacity", "usable_memory", 1},
    {"2", "reserve", "memory_reserve", "usable_memory", -1},
    {"2", "traffic", "operator_bytes", "memory_time", 1},
    {"2", "traffic", "memory_bandwidth", "memory_time", -1},
    {"2", "traffic", "weight_byte_factor", "memory_time", 1},
    {"2", "footprint", "usable_memory", "memory_headroom", 1},
    {"2", "footprint", "resident_weight_bytes", "memory_headroom", -1},
    {"2", "footprint", "kv_bytes", "memory_headroom", -1},
    {"2", "footprint", "activation_bytes", "memory_headroom", -1},
    {"2", "footprint", "state_bytes", "memory_headroom", -1},
    {"3", "kernels", "matmul_efficiency", "compute_efficiency", 1},
    {"3", "kernels", "stream_efficiency", "bandwidth_efficiency", 1},
    {"3", "tiles", "attention_tiles", "attention_starts", 1},
    {"3", "tiles", "attention_tile_time", "attention_starts", 1},
    {"3", "tiles", "attention_exposed", "attention_starts", 1},
    {"3", "tiles", "cores", "attention_starts", -1},
    {"3", "tiles", "cores", "attention_share", -1},
    {"3", "tiles", "attention_tile_scores", "attention_share", -1},
    {"3", "kernels", "launches", "launch_time", 1},
    {"3", "kernels", "launch_latency", "launch_time", 1},
    {"3", "kernels", "unfused_traffic", "bandwidth_efficiency", -1},
    {"3", "dispatch", "eager_launch_time", "eager_time", 1},
    {"3", "dispatch", "memory_time", "eager_time", -1},
    {"3", "host", "step_overhead", "host_time", 1},
    {"4", "lengths", "input_len", "mean_context", 1},
    {"4", "lengths", "generated_len", "mean_context", 1},
    {"4", "schedule", "prompt_tokens", "prefill_requests", -1},
    {"4", "schedule", "running_requests", "prefill_steps", 1},
    {"4", "schedule", "generated_len", "decode_steps", 1},
    {"4", "schedule", "draft_acceptance", "decode_steps", -1},
    {"4", "prompt", "cached_prefix", "prompt_chunks", -1},
    {"5", "admission", "usable_memory", "running_requests", 1},
    {"5", "admission", "resident_weight_bytes", "running_requests", -1},
    {"5", "admission", "working_bytes", "running_requests", -1},
    {"5", "admission", "kv_bytes_per_token", "running_requests", -1},
    {"5", "admission", "mean_context", "running_requests", -1},
    {"11", "run_length", "training_tokens", "run_steps", 1},
    {"11", "run_length", "step_inflation", "run_steps", 1},
    {"11", "run_length", "batch", "run_steps", -1},
    {"11", "budget", "compute_budget", "affordable_tokens", 1},
    {"11", "optimum", "compute_budget", "optimal_parameters", 1},
    {"11", "loss", "training_tokens", "predicted_loss", -1},
    {"11", "loss", "active_parameters", "predicted_loss", -1},
    {"11", "lifetime", "inference_tokens", "least_lifetime_flops", 1},
    {"11", "lifetime", "inference_tokens", "inference_aware_parameters", -1},
    {"11", "lifetime", "inference_tokens", "inference_aware_tokens", 1},
    {"11", "attention", "input_len", "attention_flop_share", 1},
    {"13", "storage", "scale_bits", "weight_bytes", 1},
    {"13", "storage", "scale_group", "weight_bytes", -1},
    {"13", "storage", "sparsity", "weight_bytes", -1},
    {"13", "products", "sparsity", "weight_flop_factor", -1},
    {"13", "products", "sparse_math_gain", "weight_flop_factor", -1},
    {"13", "compression", "weight_byte_factor", "compression_ratio", -1},
    {"13", "accuracy", "sparsity", "accuracy_change", -1},
    {"13", "accuracy", "student_share", "accuracy_change", 1},
    {"6", "residency", "weight_bytes", "resident_weight_bytes", 1},
    {"6", "residency", "layers", "resident_weight_bytes", -1},
    {"6", "stream", "weight_bytes", "stream_time", 1},
    {"6", "stream", "stream_bandwidth", "stream_time", -1},
    {"6", "stream", "micro_batches", "stream_time", 1},
    {"6", "balance", "stream_bandwidth", "balance_tokens", -1},
    {"6", "balance", "peak_flops", "balance_tokens", 1},
    {"6", "cache_share", "cycle_kv_bytes", "kv_memory_share", 1},
    {"8", "ingest", "sample_bytes", "ingest_time", 1},
    {"8", "ingest", "storage_bandwidth", "ingest_time", -1},
    {"8", "ingest", "storage_network_bandwidth", "ingest_time", -1},
    {"8", "ingest", "host_link_bandwidth", "ingest_time", -1},
    {"8", "ingest", "cache_hit_share", "ingest_time", -1},
    {"8", "ingest", "read_amplification", "ingest_time", 1},
    {"8", "ingest", "devices", "ingest_time", -1},
    {"8", "supply", "request_rate", "ingest_utilisation", 1},
    {"8", "supply", "storage_bandwidth", "ingest_supply", 1},
    {"9", "transform", "step_requests", "transform_time", 1},
    {"9", "transform", "cpu_workers", "transform_time", -1},
    {"9", "transform", "worker_limit", "transform_time", -1},
    {"9", "transform", "transform_overlap", "transform_wait", -1},
    {"9", "preparation", "request_rate", "transform_utilisation", 1},
    {"10", "network", "network_bandwidth", "network_path_bandwidth", 1},
    {"10", "network", "oversubscription", "network_path_bandwidth", -1},
    {"10", "network", "oversubscription", "network_bisection_bandwidth", -1},
    {"10", "network", "group_devices", "network_bisection_bandwidth", 1},
    {"10", "network", "group_devices", "network_hops", -1},
    {"5", "admission", "sequences", "running_requests", -1},
    {"5", "slots", "max_len", "static_requests", -1},
    {"12", "thought", "reasoning_steps", "generated_len", 1},
    {"12", "thought", "best_of", "sequences", 1},
    {"14", "collectives", "message_bytes", "collective_time", 1},
    {"14", "collectives", "scaleup_bandwidth", "collective_time", -1},
    {"14", "collectives", "network_path_bandwidth", "collective_time", -1},
    {"14", "collectives", "network_bisection_bandwidth", "collective_time", -1},
    {"14", "collectives", "network_hops", "collective_time", 1},
    {"14", "collectives", "network_neighbour_hops", "collective_time", 1},
    {"14", "collectives", "congestion", "collective_time", 1},
    {"14", "collectives", "scaleup_efficiency", "collective_time", -1},
    {"14", "collectives", "network_efficiency", "collective_time", -1},
    {"14", "collectives", "scaleup_latency", "collective_time", 1},
    {"14", "collectives", "collective_start", "collective_time", 1},
    {"14", "collectives", "scaleup_contention", "collective_time", 1},
    {"14", "collectives", "collective_memory_passes", "collective_time", 1},
    {"14", "collectives", "collective_ramp", "collective_time", 1},
    {"14", "collectives", "memory_bandwidth", "collective_time", -1},
    {"14", "collectives", "network_latency", "collective_time", 1},
    {"14", "exposure", "data_time", "exposed_communication", 1},
    {"14", "exposure", "tensor_time", "exposed_communication", 1},
    {"14", "exposure", "overlap_share", "exposed_communication", -1},
    {"14", "exposure", "backward_share", "exposed_communication", -1},
    {"14", "exposure", "idle_slots", "bubble_time", 1},
    {"14", "exposure", "micro_batches", "bubble_time", -1},
    {"14", "exposure", "interleave", "bubble_time", -1},
    {"14", "exposure", "node_time", "bubble_time", 1},
    {"16", "queue", "cluster_load", "queue_wait", 1},
    {"16", "queue", "job_duration_cv", "queue_wait", 1},
    {"16", "queue", "mean_job_duration", "queue_wait", 1},
    {"16", "queue", "cluster_devices", "queue_wait", -1},
    {"16", "queue", "devices", "queue_wait", 1},
    {"16", "queue", "run_time", "time_to_result", 1},
    {"20", "accountant", "dp_epsilon", "noise_multiplier", -1},
    {"20", "accountant", "dp_delta", "noise_multiplier", -1},
    {"20", "accountant", "run_steps", "noise_multiplier", 1},
    {"20", "accountant", "dataset_size", "noise_multiplier", -1},
    {"20", "clipped_step", "backward_share", "privacy_time", 1},
    {"20", "guard", "guard_parameters", "guard_time", 1},
    {"20", "subgroups", "subgroup_share", "evaluation_samples", -1},
    {"20", "subgroups", "subgroup_error", "evaluation_samples", -1},
    {"20", "subgroups", "subgroup_confidence", "evaluation_samples", 1},
    {"14", "exposure", "tensor_overlap", "exposed_communication", -1},
    {"14", "stragglers", "straggler_sd", "straggler_time", 1},
    {"14", "stragglers", "devices", "straggler_time", 1},
};

TEST(EveryFunction, IsMonotoneWherePhysicsSaysSo) {
  for (const Direction& d : kDirections) {
    SCOPED_TRACE(std::string(d.function) + ": " + d.output + " by " + d.input);
    const ironlaw_function& f = testing::function(d.wall, d.function);
    const auto index = [](const char* name, const ironlaw_port* const* ports, std::uint32_t n) {
      for (std::uint32_t i = 0; i < n; ++i)
        if (std::string_view(ports[i]->name) == name) return i;
      ADD_FAILURE() << name;
      return 0u;
    };
    const std::uint32_t i = index(d.input, f.inputs, f.n_inputs), o = index(d.output, f.outputs, f.n_outputs);
    int moved = 0;
    for (const auto& row : rows_of(f, 200)) {
      auto more = row;
      more[i] = std::min(more[i] * 1.3, f.inputs[i]->max);
      const double change = (run(f, {more}).out[0][o] - run(f, {row}).out[0][o]) * d.sign;
      EXPECT_GE(change, -1e-12 * std::abs(run(f, {row}).out[0][o]));
      moved += change > 0;
    }
    EXPECT_GT(moved, 0);
  }
}

// Textbook values of parameters that have a neutral output: launches, hosts and latencies vanish.
TEST(EveryFunction, ParametersHaveATextbookValueInTheirRange) {
  for_each_function([](const ironlaw_function& f) {
    for (std::uint32_t i = 0; i < f.n_inputs; ++i) {
      const ironlaw_port& p = *f.inputs[i];
      if (!(p.flags & IRONLAW_PORT_PARAMETER)) continue;
      for (const double value : {p.neutral, p.prior_mean}) {
        EXPECT_GE(value, p.min) << p.name;
        EXPECT_LE(value, p.max) << p.name;
      }
      EXPECT_GT(p.prior_sd, 0) << p.name;
    }
  });
}

}  // namespace
}  // namespace ironlaw

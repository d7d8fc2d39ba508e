// Where the columns that the host itself reads and writes stand in a pipeline.
#pragma once

#include <array>

#include "framework/pipeline/operators.hpp"
#include "framework/pipeline/pipeline.hpp"

namespace ironlaw {

// Column indices; -1 where no wall asks for or provides the column.
struct Columns {
  // Throws Error when no wall provides how many requests run, or in how many steps.
  explicit Columns(const Pipeline& pipeline);

  // scenario
  int running_requests, prefill_requests, prefill_steps, decode_steps, mean_context;
  int input_len, generated_len, sequences, prompt_tokens, prompt_context, decode_tokens, accepted_tokens,
      draft_steps, run_steps;
  int peak_input, duration_input, requests_input, arrival_input;  // indices into Pipeline::inputs()
  // operator
  int flops, bytes, weight_bytes, peak, matmul, attention, convolution, vector, m, n, k, scores, tiles,
      tile_scores, launches, message, requests, inside, across, all_reduce, gather, all_to_all,
      point_to_point;
  // step
  std::array<int, kChannels> channel;
  int idle_slots, micro_batches, interleave, backward_share;
  int kv_bytes, activation_bytes, step_flops, step_bytes, step_requests, step_tokens;
  int state_bytes, memory_headroom;
  // run
  int steps_time, prefill_step_time, decode_step_time, draft_step_time, cycle_flops, cycle_bytes,
      cycle_kv_bytes;
  // result
  int cycle_time, run_time, run_requests, run_tokens, request_rate, request_capacity, token_rate,
      replica_requests, replica_request_limit, useful_flops, replica_time, mfu, eta_scaling,
      useful_time_share, least_headroom;
};

}  // namespace ironlaw

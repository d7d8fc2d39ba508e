// The dictionary of quantities: the only place that spells the name, dimension and meaning of a column.
//
// A port refers to an entry (q::memory_time), so a typo or a wrong dimension does not compile. A wall of your
// own may define further entries beside its code; two walls that use one name must agree on its unit.
#pragma once

#include "ironlaw/quantity.hpp"

namespace ironlaw::q {

using Count = Name<kDimNone>;
using Time = Name<kDimTime>;
using Size = Name<kDimBytes>;
using Work = Name<kDimFlops>;
using Bandwidth = Name<kDimBandwidth>;
using FlopRate = Name<kDimFlopRate>;
using Rate = Name<kDimRate>;
using Energy = Name<kDimEnergy>;
using Power = Name<kDimPower>;
using Cost = Name<kDimCost>;
using Mass = Name<kDimCarbon>;  // of CO2 equivalent
using Water = Name<kDimWater>;

// ---- scenario rows: given by the host ------------------------------------------------------------------
inline constexpr FlopRate peak_flops{"peak_flops",
                                     "dense peak of one device at the precision of its matrix products"};
inline constexpr Bandwidth memory_bandwidth{"memory_bandwidth", "datasheet memory bandwidth of one device"};
inline constexpr Size memory_capacity{"memory_capacity", "datasheet memory of one device"};
inline constexpr Bandwidth scaleup_bandwidth{"scaleup_bandwidth",
                                             "scale-up link of one device, per direction"};
inline constexpr Bandwidth network_bandwidth{"network_bandwidth",
                                             "scale-out network of one device, per direction"};
inline constexpr Count input_len{"input_len", "tokens (or positions) a request brings"};
inline constexpr Count output_len{"output_len", "tokens a request generates"};
inline constexpr Count configured_requests{"configured_requests",
                                           "requests a replica may run at once; 0 when unknown"};
inline constexpr Count request_limit{"request_limit", "most requests the software runs at once on a replica"};
inline constexpr Count prefill_tokens{"prefill_tokens", "most prompt tokens that one prefill step takes"};
inline constexpr Count closed_loop{"closed_loop",
                                   "1 when requests queue and fill the machine (Offline), else 0"};
inline constexpr Count has_prefill{"has_prefill", "1 when the scenario runs prompts, else 0"};
inline constexpr Count has_decode{"has_decode", "1 when the scenario generates tokens, else 0"};
inline constexpr Size stored_weight_bytes{"stored_weight_bytes",
                                          "weights on one device at the bits of their precision"};
inline constexpr Count weight_bits{"weight_bits", "bits of one weight at its precision"};
inline constexpr Count kv_bits{"kv_bits", "bits of one number in the KV cache"};
inline constexpr Count devices{"devices", "devices that work on the scenario"};
inline constexpr Count replicas{"replicas", "data-parallel copies of the model"};
inline constexpr Count scaleup_size{"scaleup_size", "devices in one scale-up domain"};
inline constexpr Count batch{"batch", "requests or samples of all replicas together; 0 when unknown"};
inline constexpr Count beams{"beams", "sequences decoded for one request by beam search"};
inline constexpr Count is_training{"is_training", "1 in training, else 0"};
inline constexpr Count parameters{"parameters", "parameters of the model"};
inline constexpr Count active_parameters{"active_parameters", "parameters that one token multiplies by"};
inline constexpr Count layers{"layers", "layers of the model"};
inline constexpr Count hidden_size{"hidden_size", "width of the model's residual stream; 0 for a convnet"};
inline constexpr Size working_bytes{"working_bytes",
                                    "activations and logits of the largest step, on one device"};
inline constexpr Size kv_bytes_per_token{"kv_bytes_per_token",
                                         "KV cache of one token of one request, on one device"};

// ---- scenario rows: settings that several walls read ----------------------------------------------------
// The figure of the same name in a datasheet fills these.
inline constexpr Power power{"power", "thermal design power of one device"};
inline constexpr Cost price{"price", "purchase price of one device"};
inline constexpr Size last_level_cache{"last_level_cache", "last level on-chip cache of one device"};
inline constexpr Count cores{"cores", "cores of one device: multiprocessors, compute units"};
inline constexpr Rate exponential_rate{"exponential_rate",
                                       "exponentials a second of one device; 0: not known"};
inline constexpr Size scratchpad{"scratchpad",
                                 "on-chip memory of one device that a compiler fills, not a cache"};
inline constexpr Count devices_per_node{"devices_per_node", "devices that share one host"};

// ---- scenario rows: made by walls ----------------------------------------------------------------------
inline constexpr Size weight_bytes{"weight_bytes", "weights on one device as they are stored and read"};
inline constexpr Count weight_byte_factor{"weight_byte_factor",
                                          "stored bytes of a weight over those of its precision"};
inline constexpr Count weight_flop_factor{"weight_flop_factor",
                                          "executed FLOPs of a weight's product over the dense ones"};
inline constexpr Count generated_len{"generated_len", "tokens that a sequence generates, reasoning included"};
inline constexpr Count sequences{"sequences", "sequences decoded for one request"};
inline constexpr Count prompt_tokens{"prompt_tokens", "new tokens of a request in one prefill step"};
inline constexpr Count prompt_context{"prompt_context",
                                      "tokens cached before them, on average over the prompt's steps"};
inline constexpr Count decode_tokens{"decode_tokens", "tokens of a sequence that one decode step runs"};
inline constexpr Count accepted_tokens{"accepted_tokens",
                                       "tokens that a sequence gains in one decode step, on average"};
inline constexpr Count draft_steps{"draft_steps", "steps of the draft model for one decode step"};
inline constexpr Count run_steps{"run_steps", "how often the step repeats in the whole run"};
inline constexpr Count step_inflation{"step_inflation", "steps needed over those without safety measures"};
inline constexpr Bandwidth network_path_bandwidth{
    "network_path_bandwidth", "what one rank gets of the network, per direction, through its topology"};
inline constexpr Bandwidth network_bisection_bandwidth{
    "network_bisection_bandwidth", "what one rank gets when every rank sends to every other, per direction"};
inline constexpr Size resident_weight_bytes{"resident_weight_bytes",
                                            "weights that stay in the memory of one device"};
inline constexpr Count network_hops{"network_hops", "links between two ranks across domains, on average"};
inline constexpr Count network_neighbour_hops{
    "network_neighbour_hops", "links between neighbours of a ring across domains, on average"};
inline constexpr Size usable_memory{"usable_memory", "memory of one device that the workload may fill"};
inline constexpr Count mean_context{"mean_context", "tokens behind a request while it generates, on average"};
inline constexpr Count running_requests{"running_requests", "requests that a replica has in flight"};
inline constexpr Count prefill_requests{"prefill_requests", "requests whose prompts one prefill step takes"};
inline constexpr Count prefill_steps{"prefill_steps", "prefill steps until the running requests are served"};
inline constexpr Count decode_steps{"decode_steps", "decode steps until the running requests are served"};

// ---- operator rows: given by the lowering --------------------------------------------------------------
inline constexpr Work operator_flops{"operator_flops", "FLOPs that one device executes for one operator"};
inline constexpr Size operator_bytes{"operator_bytes", "bytes one operator moves from and to memory"};
inline constexpr Size operator_weight_bytes{"operator_weight_bytes",
                                            "of them weights, at the bits of their precision"};
inline constexpr FlopRate operator_peak{"operator_peak", "dense peak at the operator's own precision"};
inline constexpr Count operator_requests{"operator_requests", "requests whose values one operator works on"};
inline constexpr Count is_matmul{"is_matmul", "1 for a matrix product"};
inline constexpr Count is_attention{"is_attention", "1 for attention over keys and values"};
inline constexpr Count is_convolution{"is_convolution", "1 for a convolution"};
inline constexpr Count is_vector{"is_vector",
                                 "1 for norms, activations, optimizer and other element-wise work"};
inline constexpr Count matmul_m{"matmul_m", "rows of the product (tokens, samples or pixels)"};
inline constexpr Count matmul_n{"matmul_n", "columns of the product (output features)"};
inline constexpr Count matmul_k{"matmul_k", "inner dimension"};
inline constexpr Count attention_scores{"attention_scores",
                                        "pairs of a query and a key, of all heads: an exponential each"};
inline constexpr Count attention_tiles{"attention_tiles",
                                       "blocks of up to 128 queries of one head and sequence; 0 in decode, "
                                       "whose cache is split over all cores"};
inline constexpr Count attention_tile_scores{"attention_tile_scores",
                                             "scores of the longest of these blocks"};
inline constexpr Count launches{"launches", "kernels that the operator starts"};
inline constexpr Size message_bytes{"message_bytes",
                                    "bytes of the buffer that a collective works on, on one rank"};
inline constexpr Count ranks_inside{"ranks_inside", "ranks of a collective in one scale-up domain"};
inline constexpr Count ranks_across{"ranks_across", "scale-up domains that a collective spans"};
inline constexpr Count is_all_reduce{"is_all_reduce", "1 for an all-reduce"};
inline constexpr Count is_gather{"is_gather", "1 for an all-gather or a reduce-scatter"};
inline constexpr Count is_all_to_all{"is_all_to_all", "1 for an all-to-all"};
inline constexpr Count is_point_to_point{"is_point_to_point", "1 for a send to one neighbour"};

// ---- operator rows: made by walls ----------------------------------------------------------------------
inline constexpr Time compute_time{"compute_time", "time the operator's FLOPs need at the peak"};
inline constexpr Time exponential_time{"exponential_time", "time that attention's exponentials need"};
inline constexpr Count cache_share{"cache_share",
                                   "share of the on-chip memory that keeps values between operators"};
inline constexpr Count values_from_memory{"values_from_memory",
                                          "share of an operator's inputs and outputs that passes the memory"};
inline constexpr Count weights_from_memory{"weights_from_memory",
                                           "share of an operator's weights that is read from memory"};
inline constexpr Time memory_time{"memory_time", "time the operator's bytes need at the datasheet bandwidth"};
inline constexpr Count shape_efficiency{"shape_efficiency",
                                        "share of the chip that the product's shape keeps busy"};
inline constexpr Count attention_share{"attention_share",
                                       "share of the cores that attention's tiles keep busy"};
inline constexpr Count exponential_share{"exponential_share", "the same, for the exponentials"};
inline constexpr Count compute_efficiency{"compute_efficiency", "share of the peak that the kernels reach"};
inline constexpr Count bandwidth_efficiency{"bandwidth_efficiency",
                                            "share of the memory bandwidth that they reach"};
inline constexpr Time launch_time{"launch_time", "time to start the operator's kernels"};
inline constexpr Time collective_time{"collective_time", "time of one collective on its links"};
// Read by the composition: t = (x^(1/q) + y^(1/q))^q over the bounds; 0 is perfect overlap, 1 none.
inline constexpr Count overlap_loss{"overlap_loss", "how far compute and memory traffic fail to overlap"};

// ---- step rows: given by the lowering and the reduction ------------------------------------------------
inline constexpr Time node_time{"node_time", "sum of the operators' times on one device"};
inline constexpr Time tensor_time{"tensor_time", "sum of the tensor-parallel collectives"};
inline constexpr Time pipeline_time{"pipeline_time", "sum of the sends between pipeline stages"};
inline constexpr Time data_time{"data_time", "sum of the data-parallel collectives"};
inline constexpr Time expert_time{"expert_time", "sum of the expert-parallel exchanges"};
inline constexpr Count idle_slots{"idle_slots",
                                  "micro-batch slots that a stage waits in a step (PP - 1 in a flush)"};
inline constexpr Count micro_batches{"micro_batches", "micro-batches of a step"};
inline constexpr Count interleave{"interleave", "model chunks a pipeline stage holds"};
inline constexpr Count backward_share{"backward_share", "share of the step's node time that is backward"};
inline constexpr Count step_requests{"step_requests", "requests or samples of a replica in the step"};
inline constexpr Count step_tokens{"step_tokens", "tokens (or positions) of a replica in the step"};
inline constexpr Work step_flops{"step_flops", "FLOPs that one device executes in the step"};
inline constexpr Size step_bytes{"step_bytes", "bytes that one device moves from and to memory in the step"};
inline constexpr Size kv_bytes{"kv_bytes", "KV cache on one device"};
inline constexpr Size activation_bytes{"activation_bytes", "activations on one device, at the most"};
inline constexpr Size state_bytes{"state_bytes", "gradients and optimizer states on one device"};

// ---- step rows: made by walls --------------------------------------------------------------------------
inline constexpr Size memory_headroom{"memory_headroom",
                                      "memory that is left; negative when it does not fit"};
inline constexpr Time host_time{"host_time", "time the host and the scheduler need in every step"};
inline constexpr Time exposed_communication{"exposed_communication", "communication that nothing hides"};
inline constexpr Time bubble_time{"bubble_time", "time a pipeline stage waits for others"};

inline constexpr Time ingest_time{"ingest_time", "time to bring the step's samples to a device"};
inline constexpr Time transform_time{"transform_time", "time the hosts need to prepare the step's samples"};
inline constexpr Time stream_time{"stream_time", "time to stream the step's weights onto the chip"};

// ---- run rows: given by the reduction ------------------------------------------------------------------
// A cycle is what is asked about: one optimizer step, all prompts, one decode step; in a closed loop or a
// service, the steps until the running requests are served.
inline constexpr Time steps_time{"steps_time", "time of all steps of a cycle, before goodput"};
inline constexpr Time prefill_step_time{"prefill_step_time", "time of one prefill step; 0 without one"};
inline constexpr Time decode_step_time{"decode_step_time", "time of one decode step; 0 without one"};
inline constexpr Time draft_step_time{"draft_step_time",
                                      "time of one step of the draft model; 0 without one"};
inline constexpr Work cycle_flops{"cycle_flops", "FLOPs that one device executes in a cycle"};
inline constexpr Size cycle_bytes{"cycle_bytes", "bytes that one device moves from and to memory in a cycle"};
inline constexpr Size cycle_kv_bytes{"cycle_kv_bytes", "KV cache on one device at the most"};

// ---- run rows: made by walls ---------------------------------------------------------------------------
inline constexpr Size checkpoint_bytes{"checkpoint_bytes", "one checkpoint of the whole model"};
inline constexpr Time checkpoint_write_time{"checkpoint_write_time", "time until a checkpoint is durable"};
inline constexpr Time checkpoint_stall{"checkpoint_stall", "time that training stops for one checkpoint"};
inline constexpr Rate interruption_rate{"interruption_rate", "interruptions of the whole job"};
inline constexpr Time checkpoint_interval{"checkpoint_interval", "time between two checkpoints"};
inline constexpr Count goodput{"goodput", "share of the time that is not lost to failures"};

// ---- result rows: given by the host --------------------------------------------------------------------
inline constexpr Time cycle_time{"cycle_time", "time of a cycle"};
inline constexpr Time run_time{"run_time", "time of the whole run: its duration, or its cycles"};
inline constexpr Count run_requests{"run_requests", "requests or samples served in the whole run"};
inline constexpr Count run_tokens{"run_tokens", "tokens generated (else processed) in the whole run"};
inline constexpr Rate request_rate{"request_rate", "requests or samples a second that all replicas serve"};
inline constexpr Rate request_capacity{"request_capacity",
                                       "requests a second that all replicas can serve at the most"};
inline constexpr Rate token_rate{"token_rate", "tokens generated (else processed) a second"};
inline constexpr Count replica_requests{"replica_requests", "requests that a replica has in flight"};
inline constexpr Count replica_request_limit{"replica_request_limit",
                                             "requests that a replica can have in flight at the most"};
inline constexpr Work useful_flops{"useful_flops", "model FLOPs of a cycle, on all devices"};
inline constexpr Time replica_time{"replica_time", "time of a cycle without communication and bubbles"};
inline constexpr Count mfu{"mfu", "share of the peak that a replica turns into useful work"};
inline constexpr Count eta_scaling{"eta_scaling", "what communication and pipeline bubbles leave of it"};
inline constexpr Count useful_time_share{"useful_time_share", "what failures and restarts leave of the time"};
inline constexpr Size least_headroom{"least_headroom", "memory that is left on the tightest device"};

// ---- result rows: made by walls ------------------------------------------------------------------------
inline constexpr Time ttft{"ttft", "time to first token of a request that does not wait"};
inline constexpr Time itl{"itl", "time between two tokens of a request"};
inline constexpr Time request_time{"request_time", "time from the start of a request to its last token"};
inline constexpr Power device_power{"device_power", "mean electric power of one device"};
inline constexpr Power facility_power{"facility_power", "mean power of the whole system, cooling included"};
inline constexpr Energy run_energy{"run_energy", "energy of the run, cooling included"};

// ---- settings that the host knows ----------------------------------------------------------------------
inline constexpr Time duration{"duration", "how long the system is operated; 0: for one run"};
inline constexpr Rate arrival_rate{"arrival_rate", "requests a second that arrive at all replicas together"};
inline constexpr Count failure_scale{"failure_scale", "failures over those of the component rates"};

// ---- parameters ----------------------------------------------------------------------------------------
inline constexpr Count memory_reserve{"memory_reserve", "share of memory that runtime and buffers keep"};
inline constexpr Count matmul_efficiency{"matmul_efficiency", "share of the peak in large matrix products"};
inline constexpr Count attention_efficiency{"attention_efficiency", "share of the peak in attention"};
inline constexpr Count convolution_efficiency{"convolution_efficiency", "share of the peak in convolutions"};
inline constexpr Count stream_efficiency{"stream_efficiency",
                                         "share of the memory bandwidth that kernels sustain"};
inline constexpr Count overlap_deficit{"overlap_deficit",
                                       "the exponent of the compute and memory norm, inverted"};
inline constexpr Time attention_latency{"attention_latency",
                                        "time of an attention kernel that no size explains"};
inline constexpr Time launch_latency{"launch_latency",
                                     "time to start one kernel, as far as it is not hidden"};
inline constexpr Time step_overhead{"step_overhead", "host and scheduler time in every step"};
inline constexpr Count scaleup_efficiency{"scaleup_efficiency",
                                          "share of the scale-up link that collectives reach"};
inline constexpr Count network_efficiency{"network_efficiency",
                                          "share of the network that collectives reach"};
inline constexpr Time scaleup_latency{"scaleup_latency", "latency of one hop inside a scale-up domain"};
inline constexpr Time network_latency{"network_latency", "latency of one hop of the network"};
inline constexpr Count overlap_share{"overlap_share",
                                     "share of the backward pass that hides data-parallel traffic"};

}  // namespace ironlaw::q

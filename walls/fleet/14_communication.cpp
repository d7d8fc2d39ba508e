// Wall 14, Communication: devices that share a model exchange bytes over links with a latency and a
// bandwidth, and stages of a pipeline wait for each other.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 14,
    .id = "communication",
    .title = "Communication",
    .domain = "fleet",
    .term = "eta_scaling",
    .statement =
        "Collectives take the better of a ring and a tree on each tier; what the backward pass does not "
        "hide, the pipeline's bubble and the slowest device lengthen the step.",
    .equation =
        "ring = 2(n-1)/n M/B + 2(n-1)a;  tree = 2 log2(n) (M/B + a);  hierarchical: inside, then 1/r of it "
        "across;  bubble = (PP-1)/(v M) x stage time, without 2 T_W of it in zero bubble;  straggler = sd x "
        "E[max of N normals] x node time",
    .sources =
        "Patarasuk, Yuan 2009 doi:10.1016/j.jpdc.2008.09.002 (ring); Thakur et al. 2005 (tree, "
        "hierarchical); Narayanan et al. 2021 arXiv:2104.04473 (bubble, interleaving); Qi et al. 2023 "
        "arXiv:2401.10241 (zero bubble, ZB-H1)",
    .version = 3,
};

constexpr q::Count kCongestion{"congestion", "time of network traffic over that on an idle network"};
constexpr q::Time kSwitchLatency{"switch_latency", "latency of one more switch on the way"};
constexpr q::Count kPipelineSchedule{"pipeline_schedule", "order of the passes in a pipeline stage"};
constexpr q::Count kGradientOverlap{"gradient_overlap",
                                    "whether gradients travel while the backward pass runs"};
constexpr q::Count kTensorOverlap{"tensor_overlap",
                                  "share of the tensor-parallel traffic that runs beside compute"};
constexpr q::Count kStragglerSd{"straggler_sd", "relative standard deviation of a step's time on one device"};
constexpr q::Time kStragglerTime{"straggler_time", "time the others wait for the slowest device"};

template <class T>
struct Link {
  BytesPerSecond<T> bandwidth;
  Seconds<T> latency;
};

// All-reduce of `bytes` on each of n ranks, between neighbours (ring) or over longer ways (tree).
template <class T>
Seconds<T> all_reduce(const Bytes<T>& bytes, const T& n, const Link<T>& near, const Link<T>& far) {
  if (n <= T(1.0)) return Seconds<T>(T(0.0));
  const Seconds<T> ring = bytes / near.bandwidth * (2.0 * (n - 1.0) / n) + near.latency * (2.0 * (n - 1.0));
  const Seconds<T> tree = (bytes / far.bandwidth + far.latency) * (2.0 * log2(n));
  return min(ring, tree);
}

// All-gather to, or reduce-scatter of, a buffer of `bytes`; an all-to-all moves as much.
template <class T>
Seconds<T> exchange(const Bytes<T>& bytes, const T& n, const Link<T>& link) {
  if (n <= T(1.0)) return Seconds<T>(T(0.0));
  return bytes / link.bandwidth * ((n - 1.0) / n) + link.latency * (n - 1.0);
}

struct Collectives {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "collectives";

  template <class T>
  struct In {
    T is_all_reduce, is_gather, is_all_to_all, is_point_to_point;
    Bytes<T> message;
    T inside, across;
    BytesPerSecond<T> scaleup_bandwidth, path_bandwidth, bisection_bandwidth;
    T hops, neighbour_hops;
    T scaleup_efficiency, network_efficiency;
    Seconds<T> scaleup_latency, network_latency, switch_latency;
    T congestion;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::is_all_reduce, &In::is_all_reduce, 0, 1),
          discrete(q::is_gather, &In::is_gather, 0, 1),
          discrete(q::is_all_to_all, &In::is_all_to_all, 0, 1),
          discrete(q::is_point_to_point, &In::is_point_to_point, 0, 1),
          input(q::message_bytes, &In::message),
          discrete(q::ranks_inside, &In::inside, 1.0),
          discrete(q::ranks_across, &In::across, 1.0),
          input(q::scaleup_bandwidth, &In::scaleup_bandwidth, 1.0),
          input(q::network_path_bandwidth, &In::path_bandwidth, 1.0),
          input(q::network_bisection_bandwidth, &In::bisection_bandwidth, 1.0),
          input(q::network_hops, &In::hops),
          input(q::network_neighbour_hops, &In::neighbour_hops),
          parameter(q::scaleup_efficiency, &In::scaleup_efficiency,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.75,  // bus bandwidth of large all-reduces on NVLink: 0.70-0.99
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS},
                    0, 1),
          parameter(q::network_efficiency, &In::network_efficiency,
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 1, .prior_mean = 0.75, .prior_sd = 0.5}, 0, 1),
          parameter(q::scaleup_latency, &In::scaleup_latency,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 1.2e-6,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS}),
          parameter(q::network_latency, &In::network_latency,
                    {.link = IRONLAW_LINK_LOG, .textbook = 0, .prior_mean = 5e-6, .prior_sd = 0.5}),
          setting(kSwitchLatency, &In::switch_latency,
                  {.value = 0.6e-6, .source = "mlsysim, link anchors: 0.6 us a switch hop"}),
          setting(kCongestion, &In::congestion, {.value = 1}, 1.0)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(q::collective_time, &Out::time)}; }
  };

  // Inside a domain first; each of its ranks then owns 1/inside of the buffer and works across domains.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Link<T> scaleup{in.scaleup_bandwidth * in.scaleup_efficiency, in.scaleup_latency};
    const Link<T> neighbour = network(in, in.path_bandwidth, in.neighbour_hops);
    const Bytes<T> shard = in.message / in.inside;
    Seconds<T> time(T(0.0));
    if (in.is_all_reduce > T(0.5)) {
      const Link<T> distant = network(in, in.path_bandwidth, in.hops);
      time = all_reduce(in.message, in.inside, scaleup, scaleup) +
             all_reduce(shard, in.across, neighbour, distant);
    } else if (in.is_gather > T(0.5)) {
      time = exchange(in.message, in.inside, scaleup) + exchange(shard, in.across, neighbour);
    } else if (in.is_all_to_all > T(0.5)) {
      const Link<T> bisection = network(in, in.bisection_bandwidth, in.hops);
      time = exchange(in.message, in.inside, scaleup) + exchange(in.message, in.across, bisection);
    } else if (in.is_point_to_point > T(0.5)) {
      const Link<T>& link = in.across > T(1.0) ? neighbour : scaleup;
      time = in.message / link.bandwidth + link.latency;
    }
    return {time};
  }

 private:
  // The latency of the network is fitted on fat trees, whose ranks are four links apart.
  template <class T>
  static Link<T> network(const In<T>& in, const BytesPerSecond<T>& bandwidth, const T& hops) {
    const Seconds<T> latency = in.network_latency + in.switch_latency * (hops - T(4.0));
    return {bandwidth * in.network_efficiency / in.congestion,
            max(latency, Seconds<T>(T(0.0))) * in.congestion};
  }
};

struct CollectivesByHand {
  static constexpr const char* kText =
      "All-reduce of 14 GB over 8 x 8 ranks: inside 2 x 7/8 x 14 GB / 450 GB/s + 14 x 1 us = 54.458 ms, then "
      "an eighth across, 2 x 7/8 x 1.75 GB / 50 GB/s + 14 x 5 us = 61.320 ms: 115.78 ms";
  static constexpr Collectives::In<double> kIn{1,
                                               0,
                                               0,
                                               0,
                                               Bytes<double>(14e9),
                                               8,
                                               8,
                                               BytesPerSecond<double>(450e9),
                                               BytesPerSecond<double>(50e9),
                                               BytesPerSecond<double>(50e9),
                                               4,
                                               4,
                                               1,
                                               1,
                                               Seconds<double>(1e-6),
                                               Seconds<double>(5e-6),
                                               Seconds<double>(0.6e-6),
                                               1};
  static constexpr Collectives::Out<double> kOut{Seconds<double>(0.115778)};
};

enum PipelineSchedule { one_forward_one_backward, zero_bubble };
enum GradientOverlap { overlapped, not_overlapped };

struct Exposure {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "exposure";

  template <class T>
  struct In {
    Seconds<T> node, tensor, pipeline, data, expert;
    T idle_slots, micro_batches, interleave, backward_share, overlap_share;
    T schedule, gradient_overlap, tensor_overlap;
    static constexpr auto ports() {
      return std::tuple{
          input(q::node_time, &In::node),
          input(q::tensor_time, &In::tensor),
          input(q::pipeline_time, &In::pipeline),
          input(q::data_time, &In::data),
          input(q::expert_time, &In::expert),
          discrete(q::idle_slots, &In::idle_slots),
          discrete(q::micro_batches, &In::micro_batches, 1.0),
          discrete(q::interleave, &In::interleave, 1.0),
          input(q::backward_share, &In::backward_share, 0, 1),
          parameter(q::overlap_share, &In::overlap_share,
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 1, .prior_mean = 0.7, .prior_sd = 0.5}, 0, 1),
          choice(kPipelineSchedule, &In::schedule, "1f1b|zero_bubble", {.value = 0}),
          choice(kGradientOverlap, &In::gradient_overlap, "overlap|none", {.value = 0}),
          setting(kTensorOverlap, &In::tensor_overlap, {.value = 0}, 0, 1)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> exposed, bubble;
    static constexpr auto ports() {
      return std::tuple{addend(q::exposed_communication, &Out::exposed),
                        addend(q::bubble_time, &Out::bubble)};
    }
  };

  // Gradients travel while earlier layers still run backward; tensor-parallel traffic may take what compute
  // is left; the rest of the traffic is on the critical path. While a pipeline fills and drains, a stage has
  // one micro-batch at a time and nothing to hide its traffic behind.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> none(T(0.0));
    const bool overlaps = in.gradient_overlap < T(not_overlapped);
    const Seconds<T> backward = in.node * (in.backward_share * in.overlap_share);
    const Seconds<T> hidden = overlaps ? min(backward, in.data) : none;
    const Seconds<T> data = in.data - hidden;
    const Seconds<T> tensor = in.tensor - min(in.tensor * in.tensor_overlap, in.node - hidden);
    const Seconds<T> stage = in.node + in.tensor + in.expert;
    const Seconds<T> idle = in.schedule < T(zero_bubble) ? stage : stage - filled(in);
    return {tensor + in.pipeline + in.expert + data,
            idle * (in.idle_slots / (in.micro_batches * in.interleave))};
  }

 private:
  // ZB-H1 splits a backward pass into T_B, for the activations, on which the next stage waits, and T_W, for
  // the weights, which can run any time: the bubble shrinks from T_F + T_B + T_W to T_F + T_B - T_W a slot.
  // T_W takes as long as the forward pass, and what a backward pass lacks of two of those it lacks of T_W
  // (frozen weights). Memory stays that of 1F1B.
  template <class T>
  static Seconds<T> filled(const In<T>& in) {
    const T forward = T(1.0) - in.backward_share;
    const T weights = max(T(0.0), min(forward, in.backward_share - forward));
    return in.node * (T(2.0) * weights);
  }
};

struct ExposureByHand {
  static constexpr const char* kText =
      "0.9 s of compute, 2/3 of it backward: its 0.6 s hide 0.5 s of gradients, and half of 0.06 s of tensor "
      "traffic hides too; 0.03 + 0.01 + 0.04 = 0.08 s stay. Zero bubble over 8 stages and 32 micro-batches: "
      "7/32 x (0.9 + 0.06 + 0.04 - 2 x 0.3) = 87.5 ms";
  static constexpr Exposure::In<double> kIn{Seconds<double>(0.9),
                                            Seconds<double>(0.06),
                                            Seconds<double>(0.01),
                                            Seconds<double>(0.5),
                                            Seconds<double>(0.04),
                                            7,
                                            32,
                                            1,
                                            2.0 / 3,
                                            1,
                                            zero_bubble,
                                            overlapped,
                                            0.5};
  static constexpr Exposure::Out<double> kOut{Seconds<double>(0.08), Seconds<double>(0.0875)};
};

// A step ends with its slowest device.
struct Stragglers {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "stragglers";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "replicas that serve do not wait for each other";

  template <class T>
  struct In {
    Seconds<T> node;
    T devices, sd;
    static constexpr auto ports() {
      return std::tuple{
          input(q::node_time, &In::node), discrete(q::devices, &In::devices, 1.0),
          parameter(kStragglerSd, &In::sd,
                    {.link = IRONLAW_LINK_LOG, .textbook = 0, .prior_mean = 0.01, .prior_sd = 0.7}, 0, 1)};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(kStragglerTime, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.node * (in.sd * expected_maximum(in.devices))};
  }

 private:
  // Of n standard normals, in units of their deviation. Leading terms of the asymptotic series, sqrt(2 ln n),
  // with three numbers fitted to the integral: within 0.2% for 2 to 1e6 devices, and exactly 0 for one.
  template <class T>
  static T expected_maximum(const T& n) {
    const T l = log(n);
    return l * sqrt(T(2.0) / (T(1.878) + T(1.029) * l + T(0.725) / (T(1.0) + l)));
  }
};

struct StragglersByHand {
  static constexpr const char* kText =
      "1,024 devices whose steps of 1 s vary by 2%: the slowest is 3.248 deviations late: 65.0 ms";
  static constexpr Stragglers::In<double> kIn{Seconds<double>(1.0), 1024, 0.02};
  static constexpr Stragglers::Out<double> kOut{Seconds<double>(0.06496)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Collectives, CollectivesByHand>, Example<Exposure, ExposureByHand>,
                    Example<Stragglers, StragglersByHand>)

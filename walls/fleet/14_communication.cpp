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
        "Collectives take a pipelined ring inside a scale-up domain and the better of a ring and a tree "
        "between domains; what the backward pass does not hide, the pipeline's bubble and the slowest "
        "device lengthen the step.",
    .equation =
        "t_start + inside + across;  inside: ((hops a)^(1/q) + W^(1/q))^q, q = 1 + ramp, hops = 2(n-1), from "
        "8 ranks on 14 + 2 log2(n/8), W = 2(n-1)/n M/B (n/2)^s + p M/B_memory;  across, with 1/r of M: "
        "min(2(n-1)/n M/B + 2(n-1)a, 2 log2(n) (M/B + a));  bubble = (PP-1)/(v M) x stage time, without 2 "
        "T_W "
        "of it in zero bubble;  straggler = sd x E[max of N normals] x node time",
    .sources =
        "Patarasuk, Yuan 2009 doi:10.1016/j.jpdc.2008.09.002 (ring); Thakur et al. 2005 "
        "doi:10.1177/1094342005051521 (tree, hierarchical, pipelined chunks); Sanders et al. 2009 "
        "doi:10.1016/j.parco.2009.09.001 (trees at full bandwidth); NVIDIA aiconfigurator's measured "
        "collectives, snapshot 095f58a5, Apache-2.0 (ramp, p, s); Narayanan et al. 2021 arXiv:2104.04473 "
        "(bubble, interleaving); Qi et al. 2023 arXiv:2401.10241 (zero bubble, ZB-H1)",
    .version = 4,
};

constexpr q::Count kScaleupContention{
    "scaleup_contention", "exponent of (ranks / 2) by which devices slow each other's scale-up link"};
constexpr q::Count kMemoryPasses{"collective_memory_passes",
                                 "times a collective's buffer passes the memory beside the link"};
constexpr q::Time kCollectiveStart{"collective_start", "time in which the ranks of a collective meet"};
constexpr q::Count kCollectiveRamp{"collective_ramp",
                                   "how slowly a collective turns from latency to bandwidth: 0 at once"};
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

// A domain of devices behind common switches or on a common bus.
template <class T>
struct Domain {
  Link<T> link;
  T contention;              // exponent with which the devices take bandwidth from each other
  BytesPerSecond<T> memory;  // of one device
  T memory_passes;           // of the buffer, beside its way over the link
  T ramp;                    // 0: latency and transfer add up
};

// (a^(1/q) + b^(1/q))^q for two times.
template <class T>
Seconds<T> norm(const Seconds<T>& a, const Seconds<T>& b, const T& q) {
  const Seconds<T> longer = max(a, b);
  const Seconds<T> shorter = min(a, b);
  if (!(shorter.v > T(0.0))) return longer;
  return longer * exp(log(T(1.0) + exp(log(shorter / longer) / q)) * q);
}

// `hops` one after the other while each of n ranks sends `share` of the buffer. In one chunk that takes the
// sum of both, cut into the chunks that fit best (sqrt(hops a) + sqrt(W))^2, a ramp of 1; libraries, which
// change to slower protocols at small sizes, lie near or above that.
template <class T>
Seconds<T> transfer(const Domain<T>& domain, const Bytes<T>& bytes, const T& n, const T& share,
                    const T& hops) {
  constexpr double kMostContention = 4, kMostRamp = 8;  // far above any that is known: no power overflows
  const T crowd = exp(log(max(n, T(2.0)) / T(2.0)) * min(domain.contention, T(kMostContention)));
  const Seconds<T> moved =
      bytes / domain.link.bandwidth * (share * crowd) + bytes / domain.memory * domain.memory_passes;
  return norm(domain.link.latency * hops, moved, min(domain.ramp, T(kMostRamp)) + 1.0);
}

// Latencies of an all-reduce inside a domain: a ring; in more than a node's 8, chains inside nodes and a tree
// of the nodes, as NCCL builds them.
template <class T>
T hops_inside(const T& n) {
  constexpr double kNode = 8;
  return T(2.0) * (min(n, T(kNode)) - 1.0) + T(2.0) * log2(max(n / kNode, T(1.0)));
}

// All-reduce of `bytes` on each of n domains, between neighbours (ring) or over longer ways (tree).
template <class T>
Seconds<T> all_reduce(const Bytes<T>& bytes, const T& n, const Link<T>& near, const Link<T>& far) {
  if (n <= T(1.0)) return Seconds<T>(T(0.0));
  const Seconds<T> ring = bytes / near.bandwidth * (2.0 * (n - 1.0) / n) + near.latency * (2.0 * (n - 1.0));
  const Seconds<T> tree = (bytes / far.bandwidth + far.latency) * (2.0 * log2(n));
  return min(ring, tree);
}

// All-gather to, or reduce-scatter of, a buffer of `bytes` between domains; an all-to-all moves as much.
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
    BytesPerSecond<T> memory_bandwidth;
    T contention, memory_passes, ramp;
    Seconds<T> start;
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
                     .prior_mean = 0.9,  // NVLink, once the passes through memory are counted apart
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
          setting(kCongestion, &In::congestion, {.value = 1}, 1.0),
          input(q::memory_bandwidth, &In::memory_bandwidth, 1.0),
          parameter(kScaleupContention, &In::contention,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 0.02,  // behind a switch; 1 to 2 on PCIe through the host
                     .prior_sd = 1.0,
                     .scopes = IRONLAW_SCOPE_FAMILY}),
          parameter(kMemoryPasses, &In::memory_passes,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 3,  // read, written where it arrives, read again to be summed
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_FAMILY}),
          parameter(kCollectiveRamp, &In::ramp,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 0.8,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_CLASS}),
          parameter(kCollectiveStart, &In::start,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 3e-6,  // 1 to 6 us of a small collective, less a launch and its hops
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS})};
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
    if (is_idle(in)) return {Seconds<T>(T(0.0))};
    return {in.start + inside(in) + across(in)};
  }

  template <class T>
  static bool is_idle(const In<T>& in) {
    const bool is_alone = in.inside * in.across <= T(1.0);
    const T kinds = in.is_all_reduce + in.is_gather + in.is_all_to_all + in.is_point_to_point;
    return is_alone || kinds < T(0.5);
  }

 private:
  // An all-to-all sends to all others at once, the ring of a gather one after the other.
  template <class T>
  static Seconds<T> inside(const In<T>& in) {
    const T& n = in.inside;
    if (n <= T(1.0)) return Seconds<T>(T(0.0));
    const Domain<T> domain{{in.scaleup_bandwidth * in.scaleup_efficiency, in.scaleup_latency},
                           in.contention,
                           in.memory_bandwidth,
                           in.memory_passes,
                           in.ramp};
    const T others = (n - 1.0) / n;
    if (in.is_all_reduce > T(0.5)) return transfer(domain, in.message, n, others * 2.0, hops_inside(n));
    if (in.is_gather > T(0.5)) return transfer(domain, in.message, n, others, n - 1.0);
    if (in.is_all_to_all > T(0.5)) return transfer(domain, in.message, n, others, T(1.0));
    if (in.is_point_to_point > T(0.5) && in.across <= T(1.0))
      return transfer(domain, in.message, T(2.0), T(1.0), T(1.0));
    return Seconds<T>(T(0.0));
  }

  template <class T>
  static Seconds<T> across(const In<T>& in) {
    const Bytes<T> shard = in.message / in.inside;
    const Link<T> neighbour = network(in, in.path_bandwidth, in.neighbour_hops);
    if (in.is_all_reduce > T(0.5))
      return all_reduce(shard, in.across, neighbour, network(in, in.path_bandwidth, in.hops));
    if (in.is_gather > T(0.5)) return exchange(shard, in.across, neighbour);
    if (in.is_all_to_all > T(0.5))
      return exchange(in.message, in.across, network(in, in.bisection_bandwidth, in.hops));
    if (in.is_point_to_point > T(0.5) && in.across > T(1.0))
      return in.message / neighbour.bandwidth + neighbour.latency;
    return Seconds<T>(T(0.0));
  }

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
      "All-reduce of 14 GB over 8 x 8 ranks: inside 2 x 7/8 x 14 GB / 450 GB/s x (8/2)^0.5 = 108.889 ms and "
      "two passes at 2.8 TB/s, 10 ms; with 14 x 1 us and a ramp of 1: (sqrt(118.889) + sqrt(0.014))^2 = "
      "121.483 ms; then an eighth across, 2 x 7/8 x 1.75 GB / 50 GB/s + 14 x 5 us = 61.320 ms; they meet in "
      "4 us: 182.81 ms";
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
                                               1,
                                               BytesPerSecond<double>(2.8e12),
                                               0.5,
                                               2,
                                               1,
                                               Seconds<double>(4e-6)};
  static constexpr Collectives::Out<double> kOut{Seconds<double>(0.182807)};
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

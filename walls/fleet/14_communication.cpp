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
        "hide, "
        "and the pipeline's bubble, lengthen the step.",
    .equation =
        "ring = 2(n-1)/n M/B + 2(n-1)a;  tree = 2 log2(n) (M/B + a);  hierarchical: inside, then 1/r of it "
        "across;  "
        "bubble = (PP-1)/(v M) x stage time",
    .sources =
        "Patarasuk, Yuan 2009 doi:10.1016/j.jpdc.2008.09.002 (ring); Thakur et al. 2005 (tree, "
        "hierarchical); "
        "Narayanan et al. 2021 arXiv:2104.04473 (bubble, interleaving)",
};

template <class T>
struct Link {
  BytesPerSecond<T> bandwidth;
  Seconds<T> latency;
};

// All-reduce of `bytes` on each of n ranks.
template <class T>
Seconds<T> all_reduce(const Bytes<T>& bytes, const T& n, const Link<T>& link) {
  if (n <= T(1.0)) return Seconds<T>(T(0.0));
  const Seconds<T> ring = bytes / link.bandwidth * (2.0 * (n - 1.0) / n) + link.latency * (2.0 * (n - 1.0));
  const Seconds<T> tree = (bytes / link.bandwidth + link.latency) * (2.0 * log2(n));
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
    BytesPerSecond<T> scaleup_bandwidth, network_bandwidth;
    T scaleup_efficiency, network_efficiency;
    Seconds<T> scaleup_latency, network_latency;
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
          input(q::network_bandwidth, &In::network_bandwidth, 1.0),
          parameter(q::scaleup_efficiency, &In::scaleup_efficiency,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.75,  // bus bandwidth of large all-reduces on NVLink: 0.70-0.99
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_VENDOR},
                    0, 1),
          parameter(q::network_efficiency, &In::network_efficiency,
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 1, .prior_mean = 0.75, .prior_sd = 0.5}, 0, 1),
          parameter(q::scaleup_latency, &In::scaleup_latency,
                    {.link = IRONLAW_LINK_LOG, .textbook = 0, .prior_mean = 1.2e-6, .prior_sd = 0.5}),
          parameter(q::network_latency, &In::network_latency,
                    {.link = IRONLAW_LINK_LOG, .textbook = 0, .prior_mean = 5e-6, .prior_sd = 0.5})};
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
    const Link<T> network{in.network_bandwidth * in.network_efficiency, in.network_latency};
    const Bytes<T> shard = in.message / in.inside;
    Seconds<T> time(T(0.0));
    if (in.is_all_reduce > T(0.5))
      time = all_reduce(in.message, in.inside, scaleup) + all_reduce(shard, in.across, network);
    else if (in.is_gather > T(0.5))
      time = exchange(in.message, in.inside, scaleup) + exchange(shard, in.across, network);
    else if (in.is_all_to_all > T(0.5))
      time = exchange(in.message, in.inside, scaleup) + exchange(in.message, in.across, network);
    else if (in.is_point_to_point > T(0.5)) {
      const Link<T>& link = in.across > T(1.0) ? network : scaleup;
      time = in.message / link.bandwidth + link.latency;
    }
    return {time};
  }
};

struct Exposure {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "exposure";

  template <class T>
  struct In {
    Seconds<T> node, tensor, pipeline, data, expert;
    T idle_slots, micro_batches, interleave, backward_share, overlap_share;
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
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 1, .prior_mean = 0.7, .prior_sd = 0.5}, 0, 1)};
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

  // Gradients travel while earlier layers still run backward; the rest of the traffic is on the critical
  // path.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> hidden = in.node * (in.backward_share * in.overlap_share);
    const Seconds<T> data = max(in.data - hidden, Seconds<T>(T(0.0)));
    const Seconds<T> stage = in.node + in.tensor + in.expert;
    return {in.tensor + in.pipeline + in.expert + data,
            stage * (in.idle_slots / (in.micro_batches * in.interleave))};
  }
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Collectives, Exposure)

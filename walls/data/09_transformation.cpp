// Wall 9, Transformation: the hosts decode, cut and batch every sample before a device can work on it.
#include <ironlaw/wall.hpp>

#include "hosts.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 9,
    .id = "transformation",
    .title = "Transformation",
    .domain = "data",
    .term = "mfu",
    .statement =
        "A step takes at least as long as the workers of its hosts need to prepare its samples; what is not "
        "prepared in advance comes on top.",
    .equation = "t_transform = samples / (hosts x min(workers, cores) x rate)",
    .sources =
        "Murray et al. 2021 arXiv:2101.12127 (tf.data); Mohan et al. 2021 arXiv:2007.06775 (prep stalls)",
};

constexpr q::Count kWorkers{"cpu_workers", "processes of one node that prepare samples; 0: not described"};
constexpr q::Rate kWorkerRate{"worker_rate", "samples a second that one of them prepares"};
constexpr q::Count kWorkerLimit{"worker_limit",
                                "cores of one node for them, beyond which more bring nothing; 0: no limit"};
constexpr q::Count kOverlap{"transform_overlap", "share of the preparation done while earlier steps run"};
constexpr q::Time kWait{"transform_wait", "time of the preparation that no earlier step hides"};
constexpr q::Rate kSupply{"transform_supply", "samples a second that the workers of all nodes prepare"};
constexpr q::Count kUtilisation{"transform_utilisation", "samples prepared over what the workers can"};

template <class T>
PerSecond<T> node_rate(const T& workers, const T& limit, const PerSecond<T>& each) {
  return each * (limit > T(0.0) ? min(workers, limit) : workers);
}

struct Transform {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "transform";
  static constexpr std::uint32_t kPhases = phase::train | phase::prefill;
  static constexpr const char* kSupports = "a decode step works on the tokens of the one before";

  template <class T>
  struct In {
    T requests, devices, replicas, per_node, workers, limit, overlap;
    PerSecond<T> rate;
    static constexpr auto ports() {
      return std::tuple{input(q::step_requests, &In::requests),
                        discrete(q::devices, &In::devices, 1.0),
                        discrete(q::replicas, &In::replicas, 1.0),
                        whole(setting(q::devices_per_node, &In::per_node, kDevicesPerNode, 1.0)),
                        setting(kWorkers, &In::workers, {.value = 0}),
                        setting(kWorkerLimit, &In::limit, {.value = 0}),
                        setting(kOverlap, &In::overlap, {.value = 1}, 0, 1),
                        setting(kWorkerRate, &In::rate, {.value = kUnknown})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time, wait;
    static constexpr auto ports() {
      return std::tuple{bound(q::transform_time, &Out::time), addend(kWait, &Out::wait)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Seconds<T> none(T(0.0));
    if (in.workers <= T(0.0)) return {none, none};
    const T hosts = hosts_of_replica(in.devices, in.replicas, in.per_node);
    const Seconds<T> time(in.requests / (node_rate(in.workers, in.limit, in.rate) * hosts).v);
    return {time * in.overlap, time * (T(1.0) - in.overlap)};
  }
};

struct TransformByHand {
  static constexpr const char* kText =
      "2,048 images, 32 workers of 850 images a second on 24 cores: 2048/20400 = 100.4 ms, 9/10 of them "
      "while the step before runs";
  static constexpr Transform::In<double> kIn{2048, 8, 1, 8, 32, 24, 0.9, PerSecond<double>(850)};
  static constexpr Transform::Out<double> kOut{Seconds<double>(90.353e-3), Seconds<double>(10.039e-3)};
};

struct Preparation {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "preparation";
  static constexpr std::uint32_t kPhases = phase::train | phase::prefill | phase::offline | phase::serve;
  static constexpr const char* kSupports = Transform::kSupports;

  template <class T>
  struct In {
    PerSecond<T> demand;
    T devices, per_node, workers, limit;
    PerSecond<T> rate;
    static constexpr auto ports() {
      return std::tuple{input(q::request_rate, &In::demand),
                        discrete(q::devices, &In::devices, 1.0),
                        whole(setting(q::devices_per_node, &In::per_node, kDevicesPerNode, 1.0)),
                        setting(kWorkers, &In::workers, {.value = 0}),
                        setting(kWorkerLimit, &In::limit, {.value = 0}),
                        setting(kWorkerRate, &In::rate, {.value = kUnknown})};
    }
  };
  template <class T>
  struct Out {
    PerSecond<T> supply;
    T utilisation;
    static constexpr auto ports() {
      return std::tuple{account(kSupply, &Out::supply), account(kUtilisation, &Out::utilisation)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T unknown(kUnknown);
    if (in.workers <= T(0.0)) return {PerSecond<T>(unknown), unknown};
    const PerSecond<T> supply =
        node_rate(in.workers, in.limit, in.rate) * hosts_of_all(in.devices, in.per_node);
    return {supply, in.demand / supply};
  }
};

struct PreparationByHand {
  static constexpr const char* kText =
      "32 workers of 850 images a second prepare 27,200; ResNet-50 on a DGX A100 takes 24,480: 90%";
  static constexpr Preparation::In<double> kIn{PerSecond<double>(24480), 8, 8, 32, 0, PerSecond<double>(850)};
  static constexpr Preparation::Out<double> kOut{PerSecond<double>(27200), 0.9};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Transform, TransformByHand>, Example<Preparation, PreparationByHand>)

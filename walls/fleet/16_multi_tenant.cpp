// Wall 16, Multi-tenant: in a cluster that others use too, a job waits for its devices before it starts.
//
// The cluster is as many servers as jobs of this size fit into it. That others' jobs are of this size as well
// is the model's simplification: smaller ones leave gaps that a gang of devices cannot use, backfilling fills
// them. Two effects of opposite sign.
#include <ironlaw/wall.hpp>

#include "../queueing.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 16,
    .id = "multi_tenant",
    .title = "Multi-tenant",
    .domain = "fleet",
    .term = "n",
    .statement =
        "Devices that others hold do not work for this job: its result comes after the queue and the run.",
    .equation =
        "c = floor(cluster/devices);  wait = C(c, load) x duration/(c (1 - load)) x (1 + cv^2)/2;  time "
        "to result = wait + run",
    .sources =
        "Erlang 1917; Pollaczek, Khinchine (c = 1); Allen 1990, Probability, Statistics, and Queueing "
        "Theory (Allen, Cunneen); Jeon et al. 2019 arXiv:1901.05758 (Philly); Hu et al. 2021 "
        "arXiv:2109.01313 (Helios); Hu et al. 2024 arXiv:2403.07648 (Acme)",
};

constexpr q::Count kClusterDevices{"cluster_devices",
                                   "devices of the whole cluster; 0: it is this job's alone"};
constexpr q::Count kClusterLoad{"cluster_load", "share of the cluster that others keep busy, on average"};
constexpr q::Time kMeanJobDuration{"mean_job_duration",
                                   "how long others' jobs run on average; unknown: as long as this one"};
constexpr q::Count kJobDurationCv{"job_duration_cv", "standard deviation of that duration over its mean"};
constexpr q::Time kQueueWait{"queue_wait", "mean time until the job gets its devices"};
constexpr q::Time kTimeToResult{"time_to_result", "time from handing the job in to its end"};
constexpr q::Count kQueueSlowdown{"queue_slowdown", "time to result over the time of the run"};
constexpr q::Count kClusterHeadroom{
    "cluster_headroom", "devices of the cluster that the job leaves; negative when it is too large"};

struct Queue {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "queue";
  static constexpr std::uint32_t kPhases = phase::train | phase::offline;
  static constexpr const char* kSupports = "a job that ends queues for its devices; a service holds them";

  template <class T>
  struct In {
    T devices;
    Seconds<T> run_time;
    T cluster_devices, load;
    Seconds<T> job_duration;
    T job_duration_cv;
    static constexpr auto ports() {
      return std::tuple{discrete(q::devices, &In::devices, 1.0),
                        input(q::run_time, &In::run_time),
                        whole(setting(kClusterDevices, &In::cluster_devices, {.value = 0})),
                        setting(kClusterLoad, &In::load, {.value = kUnknown}, 0, 0.99),
                        setting(kMeanJobDuration, &In::job_duration, {.value = kUnknown}),
                        setting(kJobDurationCv, &In::job_duration_cv,
                                {.value = 4,
                                 .source = "Philly, Helios, Acme: medians of minutes, means of hours, 3 to 6 "
                                           "once the longest are cut off (recalled)"})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> wait, time_to_result;
    T slowdown, headroom;
    static constexpr auto ports() {
      return std::tuple{account(kQueueWait, &Out::wait), headline(kTimeToResult, &Out::time_to_result),
                        account(kQueueSlowdown, &Out::slowdown), gate(kClusterHeadroom, &Out::headroom)};
    }
  };

  template <class T>
  static Seconds<T> wait(const In<T>& in) {
    const T poisson = T(1.0);  // many users who do not know of each other
    const bool is_known = !std::isnan(value_of(in.job_duration.v));
    const T duration = is_known ? in.job_duration.v : in.run_time.v;
    const double servers = value_of(in.cluster_devices) / value_of(in.devices);
    return Seconds<T>(mean_wait(duration, servers, in.load, poisson, in.job_duration_cv));
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    if (!(in.cluster_devices > T(0.0))) return {Seconds<T>(T(0.0)), in.run_time, T(1.0), T(0.0)};
    const Seconds<T> waited = wait(in), result = waited + in.run_time;
    return {waited, result, result / in.run_time, in.cluster_devices - in.devices};
  }
};
struct QueueByHand {
  static constexpr const char* kText =
      "1,024 of a cluster's 2,048 devices for 10 h, others at 80% of it with jobs of 10 h, cv 4: two "
      "servers, C(2, 0.8) = 0.7111; 0.7111 x 10 h/(2 x 0.2) x (1 + 16)/2 = 151.1 h of queue, 161.1 h in "
      "all";
  static constexpr Queue::In<double> kIn{1024, Seconds<double>(36000), 2048, 0.8, Seconds<double>(36000), 4};
  static constexpr Queue::Out<double> kOut{Seconds<double>(544000), Seconds<double>(580000), 16.111, 1024};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Queue, QueueByHand>)

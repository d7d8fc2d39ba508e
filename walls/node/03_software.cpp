// Wall 3, Software: kernels reach a share of the peak and of the bandwidth, starting them takes time, and the
// host adds its own to every step. These shares are what calibration fits.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 3,
    .id = "software",
    .title = "Software",
    .domain = "node",
    .term = "mfu",
    .statement =
        "Kernels reach a share of peak and bandwidth, overlap the two imperfectly, and cost a launch; the "
        "host and scheduler add a time to every step.",
    .equation = "t = ((t_compute/e_c)^(1/q) + (t_memory/e_m)^(1/q))^q + launches x t_launch;  step += t_host",
    .sources =
        "priors: large products reach 0.65-0.80 of the dense peak, decode attention and streams 0.75-0.85 of "
        "the "
        "bandwidth, launches 3-10 us (NVIDIA aiconfigurator operator tables, snapshot 095f58a5, Apache-2.0); "
        "serving hosts 2-8 ms a step (its measured serving points)",
};

constexpr std::uint32_t kByChip = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_DEVICE;

struct Kernels {
  static constexpr Level kLevel = Level::op;
  static constexpr const char* kName = "kernels";

  template <class T>
  struct In {
    T is_matmul, is_attention, is_convolution, is_vector, launches;
    T matmul, attention, convolution, stream, overlap_deficit;
    Seconds<T> launch_latency;
    static constexpr auto ports() {
      return std::tuple{
          discrete(q::is_matmul, &In::is_matmul, 0, 1),
          discrete(q::is_attention, &In::is_attention, 0, 1),
          discrete(q::is_convolution, &In::is_convolution, 0, 1),
          discrete(q::is_vector, &In::is_vector, 0, 1),
          discrete(q::launches, &In::launches),
          parameter(
              q::matmul_efficiency, &In::matmul,
              {.link = IRONLAW_LINK_LOGIT,
               .textbook = 1,
               .prior_mean = 0.7,
               .prior_sd = 0.5,
               .scopes = kByChip | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_PRECISION | IRONLAW_SCOPE_GENERATION},
              0, 1),
          parameter(q::attention_efficiency, &In::attention,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.5,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_FAMILY | IRONLAW_SCOPE_CLASS},
                    0, 1),
          parameter(
              q::convolution_efficiency, &In::convolution,
              {.link = IRONLAW_LINK_LOGIT,
               .textbook = 1,
               .prior_mean = 0.5,
               .prior_sd = 0.7,
               .scopes = kByChip | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_PRECISION | IRONLAW_SCOPE_GENERATION},
              0, 1),
          parameter(q::stream_efficiency, &In::stream,
                    {.link = IRONLAW_LINK_LOGIT,
                     .textbook = 1,
                     .prior_mean = 0.8,
                     .prior_sd = 0.4,
                     .scopes = kByChip | IRONLAW_SCOPE_CLASS},
                    0, 1),
          parameter(q::overlap_deficit, &In::overlap_deficit,
                    {.link = IRONLAW_LINK_LOGIT, .textbook = 0, .prior_mean = 0.4, .prior_sd = 0.5}, 0, 1),
          parameter(q::launch_latency, &In::launch_latency,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 3e-6,
                     .prior_sd = 0.5,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS})};
    }
  };
  template <class T>
  struct Out {
    T compute_efficiency, bandwidth_efficiency, overlap_loss;
    Seconds<T> launch_time;
    static constexpr auto ports() {
      return std::tuple{factor(q::compute_efficiency, &Out::compute_efficiency, q::compute_time),
                        factor(q::bandwidth_efficiency, &Out::bandwidth_efficiency, q::memory_time),
                        supply(q::overlap_loss, &Out::overlap_loss, 0.0),
                        addend(q::launch_time, &Out::launch_time)};
    }
  };

  // Element-wise work is never near the peak, so its compute share is left at 1.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T any_product = in.is_matmul + in.is_attention + in.is_convolution;
    return {in.is_matmul * in.matmul + in.is_attention * in.attention + in.is_convolution * in.convolution +
                (T(1.0) - any_product),
            in.stream, in.overlap_deficit, in.launch_latency * in.launches};
  }
};

struct Host {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "host";

  template <class T>
  struct In {
    Seconds<T> overhead;
    static constexpr auto ports() {
      return std::tuple{
          parameter(q::step_overhead, &In::overhead,
                    {.link = IRONLAW_LINK_LOG,
                     .textbook = 0,
                     .prior_mean = 2e-3,
                     .prior_sd = 1.0,
                     .scopes = IRONLAW_SCOPE_VENDOR | IRONLAW_SCOPE_CLASS | IRONLAW_SCOPE_GENERATION})};
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{addend(q::host_time, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.overhead};
  }
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Kernels, Host)

// Wall 7, Tail latency: requests that arrive at random find the service busy, and the slowest of them, not
// the average, are what users and fan-outs see.
#include <ironlaw/wall.hpp>

#include "sojourn.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 7,
    .id = "tail_latency",
    .title = "Tail latency",
    .domain = "node",
    .term = "none",
    .statement =
        "Near its capacity a service makes requests wait: mean and quantiles of the time to an answer grow "
        "as "
        "1/(1 - utilisation), and a request that needs n answers waits for the slowest.",
    .equation =
        "rho = arrivals/capacity;  wait = C(slots, rho) (1 + cv^2)/2 / (capacity (1 - rho));  "
        "P(time > t) = P(wait + service > t);  n answers: P = 1 - (1 - beyond)^(1/n)",
    .sources =
        "Erlang 1917 and Allen, Cunneen (M/G/c); Whitt 1982 doi:10.1287/opre.30.1.125 (service fitted to two "
        "moments); Dean, Barroso 2013 doi:10.1145/2408776.2408794 (the tail at scale)",
};

constexpr q::Count kServiceCv{"service_cv",
                              "standard deviation over mean of the time that requests take to be served"};
constexpr q::Count kFanOut{"fan_out", "parallel requests that one user request waits for"};
constexpr q::Count kLatencyQuantile{"latency_quantile", "share of requests that the quoted quantile covers"};
constexpr q::Count kUtilisation{"service_utilisation", "arrivals over what the service can serve"};
constexpr q::Count kHeadroom{"queue_headroom",
                             "share of the capacity that arrivals leave; the queue grows for ever below 0"};
constexpr q::Count kWaitingShare{"waiting_share", "share of the requests that find every slot taken"};
constexpr q::Time kRequestWait{"request_wait", "mean time in the queue before a request starts"};
constexpr q::Time kMedian{"request_time_p50", "time from arrival to the last token that half of them exceed"};
constexpr q::Time kP99{"request_time_p99", "time from arrival to the last token that 1% of them exceed"};
constexpr q::Time kQuantile{"request_time_quantile", "the same at latency_quantile"};
constexpr q::Time kTtftP99{"ttft_p99", "time from arrival to the first token that 1% of them exceed"};
constexpr q::Time kTtftQuantile{"ttft_quantile", "the same at latency_quantile"};

// Slots of all replicas are the servers. At capacity each serves a request in slots/capacity; fewer requests
// in flight are served faster (their steps are shorter), so the chance to wait is an upper bound. Services
// take request_time on average, first tokens always the same; where nothing is generated, one step is all
// that a request takes.
struct Tail {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "tail";
  static constexpr std::uint32_t kPhases = phase::serve;
  static constexpr const char* kSupports = "only in a service do requests arrive at random";

  template <class T>
  struct In {
    PerSecond<T> arrivals, capacity;
    T replicas, slots;
    T has_decode;
    Seconds<T> request_time, prefill_step, ttft;
    T cv, fan_out, quantile;
    static constexpr auto ports() {
      return std::tuple{
          setting(q::arrival_rate, &In::arrivals, {.value = 0}),
          input(q::request_capacity, &In::capacity, 1e-12),
          discrete(q::replicas, &In::replicas, 1),
          discrete(q::replica_request_limit, &In::slots),
          discrete(q::has_decode, &In::has_decode, 0, 1),
          input(q::request_time, &In::request_time),
          input(q::prefill_step_time, &In::prefill_step),
          input(q::ttft, &In::ttft),
          setting(kServiceCv, &In::cv, {.value = 1, .source = "exponential service, the plain M/M/c"}),
          setting(kFanOut, &In::fan_out, {.value = 1}, 1),
          setting(kLatencyQuantile, &In::quantile,
                  {.value = 0.99, .source = "what service level objectives usually quote"}, 0.5, 0.999999)};
    }
  };
  template <class T>
  struct Out {
    T utilisation, headroom, waiting_share;
    Seconds<T> wait, median, p99, quantile, ttft_p99, ttft_quantile;
    static constexpr auto ports() {
      return std::tuple{account(kUtilisation, &Out::utilisation),
                        gate(kHeadroom, &Out::headroom),
                        account(kWaitingShare, &Out::waiting_share),
                        account(kRequestWait, &Out::wait),
                        headline(kMedian, &Out::median),
                        headline(kP99, &Out::p99),
                        account(kQuantile, &Out::quantile),
                        headline(kTtftP99, &Out::ttft_p99),
                        account(kTtftQuantile, &Out::ttft_quantile)};
    }
  };

  // The largest of n independent times stays below t with the chance F(t)^n.
  template <class T>
  static T beyond(const T& covered, const T& fan_out) {
    return T(1.0) - exp(log(covered) / fan_out);
  }

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T rho = in.arrivals / in.capacity;
    const Seconds<T> unknown{T(kUnknown)};
    const Seconds<T> service = in.has_decode > T(0.5) ? in.request_time : in.prefill_step;
    if (!(rho < T(1.0)) || !(service.v > T(0.0)))
      return {rho, T(1.0) - rho, unknown.v, unknown, unknown, unknown, unknown, unknown, unknown};

    const double servers = max(1.0, std::floor(value_of(in.replicas) * value_of(in.slots)));
    const T slot_time = T(servers) / in.capacity.v;
    const T waits = erlang_c(servers, rho), wait = mean_wait(slot_time, servers, rho, T(1.0), in.cv);
    const T wait_rate = (in.capacity.v - in.arrivals.v) * T(2.0) / (T(1.0) + in.cv * in.cv);
    const queueing::Sojourn<T> sojourn{waits, wait_rate, queueing::service_of(service.v, in.cv)};
    const auto request_time = [&](const T& covered) {
      return Seconds<T>(queueing::sojourn_quantile(sojourn, beyond(covered, in.fan_out)));
    };
    const auto ttft = [&](const T& covered) {
      return in.ttft + Seconds<T>(queueing::wait_quantile(waits, wait_rate, beyond(covered, in.fan_out)));
    };
    const T p99(0.99);
    return {rho,
            T(1.0) - rho,
            waits,
            Seconds<T>(wait),
            request_time(T(0.5)),
            request_time(p99),
            request_time(in.quantile),
            ttft(p99),
            ttft(in.quantile)};
  }
};

// M/M/1: the time in the system is exponential with the mean 1/(mu (1 - rho)), the wait beyond t has the
// chance rho e^(-mu (1 - rho) t).
struct TailByHand {
  static constexpr const char* kText =
      "one slot, 2 requests/s of 0.5 s at most, 1.6 arrive: rho 0.8, mean wait 0.8/0.4 = 2 s, half take "
      "longer "
      "than ln 2/0.4 = 1.733 s, 1% than ln 100/0.4 = 11.51 s, 1% of the first tokens (0.1 s) than 0.1 + "
      "ln(0.8/0.01)/0.4 = 11.06 s; with 10% beyond: ln 10/0.4 = 5.756 s and 0.1 + ln 8/0.4 = 5.299 s";
  static constexpr Tail::In<double> kIn{
      PerSecond<double>(1.6), PerSecond<double>(2), 1, 1, 1,  Seconds<double>(0.5),
      Seconds<double>(0),     Seconds<double>(0.1), 1, 1, 0.9};
  static constexpr Tail::Out<double> kOut{0.8,
                                          0.2,
                                          0.8,
                                          Seconds<double>(2),
                                          Seconds<double>(1.7329),
                                          Seconds<double>(11.513),
                                          Seconds<double>(5.7565),
                                          Seconds<double>(11.055),
                                          Seconds<double>(5.2986)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Tail, TailByHand>)

// Wall 5, Batching: how many requests run at once. Offline, a machine runs as many as its software is set to,
// and never more than the memory holds: the weights once, a KV cache for each request at its mean age.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 5,
    .id = "batching",
    .title = "Batching",
    .domain = "node",
    .term = "mfu",
    .statement =
        "The running batch is what is configured or, where nothing is, what memory holds after weights and "
        "reserve with every request at its mean age.",
    .equation =
        "requests = min(limit, (usable memory - weights - working memory) / (KV bytes per token x mean "
        "context))",
    .sources = "Kwon et al. 2023 (paged attention) arXiv:2309.06180; Yu et al. 2022 (Orca, OSDI)",
};

struct Admission {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "admission";

  template <class T>
  struct In {
    T closed_loop, configured, limit, mean_context;
    Bytes<T> usable, weights, working, kv_per_token;
    static constexpr auto ports() {
      return std::tuple{discrete(q::closed_loop, &In::closed_loop, 0, 1),
                        input(q::configured_requests, &In::configured),
                        input(q::request_limit, &In::limit, 1.0),
                        input(q::mean_context, &In::mean_context),
                        input(q::usable_memory, &In::usable),
                        input(q::resident_weight_bytes, &In::weights),
                        input(q::working_bytes, &In::working),
                        input(q::kv_bytes_per_token, &In::kv_per_token)};
    }
  };
  template <class T>
  struct Out {
    T running;
    static constexpr auto ports() { return std::tuple{work(q::running_requests, &Out::running)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_configured = in.configured > T(0.0);
    if (in.closed_loop < T(0.5) && is_configured) return {in.configured};
    const T wanted = is_configured ? in.configured : in.limit;
    const Bytes<T> each = in.kv_per_token * in.mean_context;
    if (!(each > Bytes<T>(T(0.0)))) return {wanted};  // no cache: memory does not limit the batch
    // Below one request nothing runs; one is kept so that the memory gate can say by how much it fails.
    return {max(min(wanted, (in.usable - in.weights - in.working) / each), T(1.0))};
  }
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Admission)

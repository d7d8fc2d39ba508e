// Wall 8, Ingestion: a step cannot end before its samples have come from storage to the devices.
#include <ironlaw/wall.hpp>

#include "hosts.hpp"

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 8,
    .id = "ingestion",
    .title = "Ingestion",
    .domain = "data",
    .term = "mfu",
    .statement =
        "A step takes at least as long as the slowest path on the way of its samples: the storage, the "
        "network to it, the link of a host to its devices.",
    .equation =
        "t_ingest = samples x bytes x max((1 - cached) x amplification / storage, the same / storage "
        "network, "
        "1 / host links)",
    .sources =
        "Mohan et al. 2021 arXiv:2007.06775 (fetch stalls, caches); Murray et al. 2021 arXiv:2101.12127 "
        "(tf.data)",
};

constexpr q::Size kSampleBytes{"sample_bytes", "stored bytes of one sample; 0: its tokens x token_bytes"};
constexpr q::Size kTokenBytes{"token_bytes", "stored bytes of one token"};
constexpr q::Bandwidth kStorage{"storage_bandwidth", "reading rate of one node's storage; 0: not described"};
constexpr q::Bandwidth kStorageNetwork{"storage_network_bandwidth",
                                       "one node's network to its storage; 0: not described"};
constexpr q::Bandwidth kHostLink{"host_link_bandwidth",
                                 "link of one device to its host, per direction; 0: not described"};
constexpr q::Count kCacheHits{"cache_hit_share", "share of the samples that a host holds in its memory"};
constexpr q::Count kAmplification{"read_amplification", "bytes read over bytes used"};

constexpr q::Bandwidth kDemand{"ingest_demand", "bytes a second of the samples that all devices work on"};
constexpr q::Bandwidth kSupply{"ingest_supply", "bytes a second of samples that the slowest path brings"};
constexpr q::Count kUtilisation{"ingest_utilisation", "demand over supply; what reaches 1 stalls"};
constexpr q::Count kStorageUtilisation{"storage_utilisation", "the same for the storage alone"};
constexpr q::Count kStorageNetworkUtilisation{"storage_network_utilisation",
                                              "the same for the network to the storage alone"};
constexpr q::Count kHostLinkUtilisation{"host_link_utilisation", "the same for the host links alone"};

// What both functions know of the samples and of the paths that they take.
template <class T>
struct Feed {
  Bytes<T> sample_bytes, token_bytes;
  BytesPerSecond<T> storage, storage_network, host_link;
  T cached, amplification, per_node, devices;

  static constexpr auto settings() {
    return std::tuple{setting(kSampleBytes, &Feed::sample_bytes, {.value = 0}),
                      setting(kTokenBytes, &Feed::token_bytes, {.value = 4, .source = "32-bit token ids"}),
                      setting(kStorage, &Feed::storage, {.value = 0}),
                      setting(kStorageNetwork, &Feed::storage_network, {.value = 0}),
                      setting(kHostLink, &Feed::host_link, {.value = 0}),
                      setting(kCacheHits, &Feed::cached, {.value = 0}, 0, 1),
                      setting(kAmplification, &Feed::amplification, {.value = 1}, 1.0),
                      whole(setting(q::devices_per_node, &Feed::per_node, kDevicesPerNode, 1.0)),
                      discrete(q::devices, &Feed::devices, 1.0)};
  }

  Bytes<T> bytes(const T& samples, const T& tokens) const {
    return sample_bytes > Bytes<T>(T(0.0)) ? sample_bytes * samples : token_bytes * tokens;
  }
  static bool is_described(const BytesPerSecond<T>& path) { return path > BytesPerSecond<T>(T(0.0)); }
};

// Times of `bytes` of samples on the paths of some hosts and devices; 0 where a path is not described. What
// the caches hold is not read from storage again, but crosses the host link as all samples do.
template <class T>
struct Times {
  Seconds<T> storage, storage_network, host_link;
  Seconds<T> slowest() const { return max(max(storage, storage_network), host_link); }
};
template <class T>
Times<T> times(const Feed<T>& feed, const Bytes<T>& bytes, const T& hosts, const T& devices) {
  const Bytes<T> fetched = bytes * ((T(1.0) - feed.cached) * feed.amplification);
  const auto on = [](const BytesPerSecond<T>& path, const T& count, const Bytes<T>& moved) {
    return Feed<T>::is_described(path) ? moved / (path * count) : Seconds<T>(T(0.0));
  };
  return {on(feed.storage, hosts, fetched), on(feed.storage_network, hosts, fetched),
          on(feed.host_link, devices, bytes)};
}

// Samples are fetched while the step before runs: a bound. A replica's samples spread over all its devices.
struct Ingest {
  static constexpr Level kLevel = Level::step;
  static constexpr const char* kName = "ingest";
  static constexpr std::uint32_t kPhases = phase::train | phase::prefill;
  static constexpr const char* kSupports = "a decode step works on the tokens of the one before";

  template <class T>
  struct In : Feed<T> {
    T replicas, requests, tokens;
    static constexpr auto ports() {
      return std::tuple_cat(Feed<T>::settings(), std::tuple{discrete(q::replicas, &In::replicas, 1.0),
                                                            input(q::step_requests, &In::requests),
                                                            input(q::step_tokens, &In::tokens)});
    }
  };
  template <class T>
  struct Out {
    Seconds<T> time;
    static constexpr auto ports() { return std::tuple{bound(q::ingest_time, &Out::time)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const T hosts = hosts_of_replica(in.devices, in.replicas, in.per_node);
    const Bytes<T> bytes = in.bytes(in.requests, in.tokens);
    return {times<T>(in, bytes, hosts, in.devices / in.replicas).slowest()};
  }
};

struct IngestByHand {
  static constexpr const char* kText =
      "2,048 images of 150 kB on 8 GPUs are 307.2 MB; a quarter is cached: 230.4 MB from storage at 7 GB/s "
      "take 32.9 ms, all of them over 8 links of 32 GB/s 1.2 ms";
  static constexpr Ingest::In<double> kIn{
      {Bytes<double>(150e3), Bytes<double>(4), BytesPerSecond<double>(7e9), BytesPerSecond<double>(0),
       BytesPerSecond<double>(32e9), 0.25, 1, 8, 8},
      1,
      2048,
      2048};
  static constexpr Ingest::Out<double> kOut{Seconds<double>(32.914e-3)};
};

// The same paths at the rate of the whole run.
struct Supply {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "supply";
  static constexpr std::uint32_t kPhases = phase::train | phase::prefill | phase::offline | phase::serve;
  static constexpr const char* kSupports = Ingest::kSupports;

  template <class T>
  struct In : Feed<T> {
    T input_len;
    PerSecond<T> rate;
    static constexpr auto ports() {
      return std::tuple_cat(Feed<T>::settings(), std::tuple{input(q::input_len, &In::input_len, 1.0),
                                                            input(q::request_rate, &In::rate)});
    }
  };
  template <class T>
  struct Out {
    BytesPerSecond<T> demand, supply;
    T utilisation, storage, storage_network, host_link;
    static constexpr auto ports() {
      return std::tuple{account(kDemand, &Out::demand),
                        account(kSupply, &Out::supply),
                        account(kUtilisation, &Out::utilisation),
                        account(kStorageUtilisation, &Out::storage),
                        account(kStorageNetworkUtilisation, &Out::storage_network),
                        account(kHostLinkUtilisation, &Out::host_link)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Bytes<T> sample = in.bytes(T(1.0), in.input_len);
    const Times<T> each = times<T>(in, sample, hosts_of_all(in.devices, in.per_node), in.devices);
    const Seconds<T> slowest = each.slowest();
    const bool is_limited = slowest > Seconds<T>(T(0.0));
    const T unknown(kUnknown);
    const auto used = [&](bool is_described, const Seconds<T>& time) {
      return is_described ? in.rate * time : unknown;
    };
    return {sample * in.rate,
            is_limited ? sample / slowest : BytesPerSecond<T>(unknown),
            used(is_limited, slowest),
            used(in.is_described(in.storage), each.storage),
            used(in.is_described(in.storage_network), each.storage_network),
            used(in.is_described(in.host_link), each.host_link)};
  }
};

struct SupplyByHand {
  static constexpr const char* kText =
      "40,000 images a second of 150 kB are 6 GB/s; one A100's PCIe brings 32 GB/s and is used to 18.75%";
  static constexpr Supply::In<double> kIn{
      {Bytes<double>(150e3), Bytes<double>(4), BytesPerSecond<double>(0), BytesPerSecond<double>(0),
       BytesPerSecond<double>(32e9), 0, 1, 8, 1},
      1,
      PerSecond<double>(40e3)};
  static constexpr Supply::Out<double> kOut{
      BytesPerSecond<double>(6e9), BytesPerSecond<double>(32e9), 0.1875, kUnknown, kUnknown, 0.1875};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Ingest, IngestByHand>, Example<Supply, SupplyByHand>)

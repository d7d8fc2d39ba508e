// Wall 10, Locality: what a device gets of its network depends on which links lie between it and its
// partners.
//
// The nodes of the fabric are scale-up domains. A device brings network_bandwidth into it: its port on a
// switch, or all its links together where domains are wired to each other (2 of a ring, 4 of a 2D torus, 6 of
// a 3D torus). Two kinds of traffic are told apart: a ring's, between neighbours, and an all-to-all's.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 10,
    .id = "locality",
    .title = "Locality",
    .domain = "data",
    .term = "eta_scaling",
    .statement =
        "A network that is not a full crossbar gives neighbours their whole links, and an all-to-all what "
        "its "
        "cut, or the links on its way, leave.",
    .equation =
        "switched: share = 1 / max(1, oversubscription x part of the traffic that leaves a group);  ring, "
        "torus: all-to-all share = 1 / mean hops, mean hops = d/4 N^(1/d) N/(N-1)",
    .sources =
        "Leiserson 1985 doi:10.1109/TC.1985.6312192 (fat tree); Dally, Towles 2004, Principles and Practices "
        "of Interconnection Networks, ch. 3 (bisection, channel load); Kim et al. 2008 "
        "doi:10.1109/ISCA.2008.19 (dragonfly); Wang et al. 2023 arXiv:2307.12169 (rails)",
};

enum Topology { fat_tree, rail, dragonfly, ring, torus2d, torus3d };
constexpr const char* kTopologies = "fat_tree|rail|dragonfly|ring|torus2d|torus3d";

constexpr q::Count kTopology{"topology", "how the network links the scale-up domains"};
constexpr q::Count kOversubscription{"oversubscription",
                                     "bandwidth of a group's devices over that of its uplinks"};
constexpr q::Count kGroupDevices{"group_devices",
                                 "devices below one leaf switch (per rail: of its domains) or in one "
                                 "dragonfly group; 0: one domain, all of a rail, 512 of a dragonfly"};
constexpr q::Bandwidth kBisection{"bisection_bandwidth",
                                  "links cut when the network is halved, of all devices, in one direction"};
constexpr q::Count kBeta{"topology_beta",
                         "the share that one number a topology gives (mlsysim); for comparison only"};

// Frontier, as recalled: a group is a cabinet of 128 nodes with 4 ports each.
constexpr double kDragonflyGroup = 512;

// What the shares below are made of. Links are counted from device to device.
template <class T>
struct Fabric {
  T ring_share, uniform_share;  // of a device's bandwidth, for neighbours and for an all-to-all
  T neighbour_hops, hops;
  T cut_share;  // bandwidth of the cut over half of all devices' bandwidth
};

// Groups of `group` domains; uplinks carry 1/oversubscription of what the group's devices bring. A ring that
// is laid out group by group leaves a group once, on one domain's share of it. Between groups of a dragonfly
// a ring's traffic is adversarial: it takes two global links instead of one (Valiant routing; Kim et al.).
template <class T>
Fabric<T> switched(const T& domains, const T& group, const T& oversubscription, bool is_dragonfly) {
  const T one(1.0), near(is_dragonfly ? 3.0 : 2.0), far(is_dragonfly ? 5.0 : 4.0);
  if (domains <= group) return {one, one, near, near, one};
  const T leaving = (domains - group) / (domains - one);  // pairs of domains in different groups
  const T detour(is_dragonfly ? 2.0 : 1.0);
  const auto share = [&](const T& load) { return one / max(oversubscription * load, one); };
  // Half of a dragonfly's global links stay inside one half of it, but for the few that two groups have.
  const T groups = max(domains / group, T(2.0));
  const T cut = is_dragonfly ? groups / (groups - one) / T(2.0) : one;
  return {share(detour / group), share(leaving), near + (far - near) / group, near + (far - near) * leaving,
          cut / oversubscription};
}

// N domains in `dimensions` equal rings; fewer rings where N is too small for two domains on each. Every
// link carries the same under uniform traffic, so a device gets its bandwidth over the links on the way. A
// ring collective runs over all links at once, both ways around.
template <class T>
Fabric<T> wired(const T& domains, double dimensions) {
  const T one(1.0);
  if (domains <= one) return {one, one, one, one, T(0.0)};
  const T d = min(T(dimensions), log2(domains));
  const T side = exp(log(domains) / d);
  const T hops = max(one, d * side / T(4.0) * domains / (domains - one));
  return {one, one / hops, one, hops, T(2.0) / (d * side)};
}

template <class T>
T default_group(int topology, const T& domains, const T& domain_size) {
  if (topology == rail) return domains;
  if (topology == dragonfly) return T(kDragonflyGroup) / domain_size;
  return T(1.0);
}

struct Network {
  static constexpr Level kLevel = Level::scenario;
  static constexpr const char* kName = "network";

  template <class T>
  struct In {
    BytesPerSecond<T> bandwidth;
    T devices, scaleup_size, topology, oversubscription, group_devices;
    static constexpr auto ports() {
      return std::tuple{input(q::network_bandwidth, &In::bandwidth),
                        discrete(q::devices, &In::devices, 1.0),
                        discrete(q::scaleup_size, &In::scaleup_size, 1.0),
                        choice(kTopology, &In::topology, kTopologies, {.value = 0}),
                        setting(kOversubscription, &In::oversubscription, {.value = 1}, 1.0),
                        setting(kGroupDevices, &In::group_devices, {.value = 0})};
    }
  };
  template <class T>
  struct Out {
    BytesPerSecond<T> path, bisection_path;
    T hops, neighbour_hops;
    BytesPerSecond<T> bisection;
    T beta;
    static constexpr auto ports() {
      return std::tuple{supply(q::network_path_bandwidth, &Out::path),
                        supply(q::network_bisection_bandwidth, &Out::bisection_path),
                        supply(q::network_hops, &Out::hops),
                        supply(q::network_neighbour_hops, &Out::neighbour_hops),
                        account(kBisection, &Out::bisection),
                        account(kBeta, &Out::beta)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const int topology = static_cast<int>(value_of(in.topology));
    const T domains = max(T(1.0), ceil(in.devices / in.scaleup_size));
    const T domain_size = in.devices / domains;
    const bool is_described = in.group_devices > T(0.0);
    const T group = max(T(1.0), is_described ? in.group_devices / domain_size
                                             : default_group(topology, domains, domain_size));
    const Fabric<T> f = topology >= ring
                            ? wired(domains, 1.0 + (topology - ring))
                            : switched(domains, group, in.oversubscription, topology == dragonfly);
    const T beta = reference_beta(topology, domains);
    // A device without a network: unknown, and no slope that could spoil those of others.
    const bool is_known = in.bandwidth.v >= T(0.0);
    const BytesPerSecond<T> bandwidth = is_known ? in.bandwidth : BytesPerSecond<T>(T(0.0));
    const auto known = [&](const BytesPerSecond<T>& x) {
      return is_known ? x : BytesPerSecond<T>(T(kUnknown));
    };
    const T halves = domains > T(1.0) ? in.devices / T(2.0) * f.cut_share : T(0.0);
    return {known(bandwidth * f.ring_share),
            known(bandwidth * f.uniform_share),
            f.hops,
            f.neighbour_hops,
            known(bandwidth * halves),
            beta};
  }

 private:
  // The reference's equations, with a limit of 1 that it forgets: it takes them for every kind of traffic.
  template <class T>
  static T reference_beta(int topology, const T& domains) {
    if (topology == dragonfly) return T(0.85);
    if (topology < ring) return T(1.0);
    return min(T(1.0), T(2.0) * exp(log(domains) / T(-1.0 - (topology - ring))));
  }
};

struct NetworkByHand {
  static constexpr const char* kText =
      "512 GPUs in 64 domains on a 4 x 4 x 4 torus, 50 GB/s each: rings get all of it; two ranks are 3 x 4/4 "
      "x "
      "64/63 = 3.048 links apart, so an all-to-all gets 50/3.048 = 16.41 GB/s; a cut severs 2 x 16 of 192 "
      "links of 8 x 50 / 6 GB/s: 2.133 TB/s; the reference's share is 2/4";
  static constexpr Network::In<double> kIn{BytesPerSecond<double>(50e9), 512, 8, torus3d, 1, 0};
  static constexpr Network::Out<double> kOut{BytesPerSecond<double>(50e9),
                                             BytesPerSecond<double>(16.406e9),
                                             3.0476,
                                             1,
                                             BytesPerSecond<double>(2.1333e12),
                                             0.5};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Network, NetworkByHand>)

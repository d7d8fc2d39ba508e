// What walls 8 and 9 share: the hosts that feed a replica.
#pragma once

#include <ironlaw/wall.hpp>

namespace ironlaw {

inline constexpr Setting kDevicesPerNode{.value = 8,
                                         .source = "DGX and HGX A100, H100, B200, MI300X: 8 devices a host"};

// Hosts that `devices` devices have for themselves. Where they are fewer than a host holds they have it
// alone; a part of a full host has its part.
template <class T>
T hosts_of_all(const T& devices, const T& per_node) {
  return devices / min(devices, per_node);
}
template <class T>
T hosts_of_replica(const T& devices, const T& replicas, const T& per_node) {
  return hosts_of_all(devices, per_node) / replicas;
}

}  // namespace ironlaw

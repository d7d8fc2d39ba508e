// Wall 19, Checkpoint: what training must keep to go on after a failure, and how long writing it takes and
// holds it up.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 19,
    .id = "checkpoint",
    .title = "Checkpoint",
    .domain = "operations",
    .term = "goodput",
    .statement =
        "A checkpoint is the model's weights and optimizer state; it is durable when the storage has it and "
        "stops training for that long, or, written in the background, for a copy to host memory.",
    .equation =
        "bytes = P x (2 + 4 + 4 + 4);  t_write = bytes / min(writers x B_writer, B_storage);  t_snapshot = "
        "bytes / (devices x B_host)",
    .sources =
        "Eisenman et al. 2022, Check-N-Run, NSDI (snapshot, then write in the background); BigScience "
        "2021-2022, chronicles of BLOOM-176B (sizes and times)",
};

constexpr q::Count kOptimizer{"checkpoint_optimizer", "what the optimizer keeps of each parameter"};
constexpr q::Count kSharding{"checkpoint_sharding", "whether every host writes its part, or one writes all"};
constexpr q::Count kMode{"checkpoint_mode", "whether training goes on while a checkpoint is written"};
constexpr q::Count kDevicesPerNode{"devices_per_node", "devices in one host"};
constexpr q::Bandwidth kWriter{"checkpoint_writer_bandwidth", "what one writer sends to the storage"};
constexpr q::Bandwidth kStorage{"checkpoint_storage_bandwidth", "what the storage takes from all writers"};
constexpr q::Bandwidth kSnapshot{"snapshot_bandwidth", "from the memory of one device to its host"};

struct Checkpoint {
  static constexpr Level kLevel = Level::run;
  static constexpr const char* kName = "checkpoint";
  static constexpr std::uint32_t kPhases = phase::train;
  static constexpr const char* kSupports = "checkpoints are written in training";

  template <class T>
  struct In {
    T parameters, devices, devices_per_node, optimizer, sharding, mode;
    BytesPerSecond<T> writer, storage, snapshot;
    static constexpr auto ports() {
      return std::tuple{
          input(q::parameters, &In::parameters),
          discrete(q::devices, &In::devices, 1.0),
          whole(setting(kDevicesPerNode, &In::devices_per_node,
                        {.value = 8, .source = "the usual accelerator node"}, 1.0)),
          choice(kOptimizer, &In::optimizer, "adam|momentum|none",
                 {.value = 0, .source = "what language models are trained with"}),
          choice(kSharding, &In::sharding, "sharded|one_writer",
                 {.value = 0, .source = "every framework for large models writes shards"}),
          choice(kMode, &In::mode, "asynchronous|synchronous",
                 {.value = 0, .source = "Check-N-Run, NSDI 2022; usual in today's frameworks"}),
          setting(kWriter, &In::writer,
                  {.value = 2.4e9,
                   .source = "BigScience 2021: 25B in 18.0 s from 8 hosts, 52B in 19.3 s from 16, 14 B a "
                             "parameter"},
                  1.0),
          setting(kStorage, &In::storage,
                  {.value = 500e9,
                   .source = "mlsysim's limit; Meta's Tectonic sustains 2 TB/s (arXiv:2407.21783), Jean Zay "
                             "took BLOOM's 2.3 TB in 40 s"},
                  1.0),
          setting(kSnapshot, &In::snapshot,
                  {.value = 25e9, .source = "PCIe 4 x16: 32 GB/s, of which copies reach about 25 (recalled)"},
                  1.0)};
    }
  };
  template <class T>
  struct Out {
    Bytes<T> bytes;
    Seconds<T> write, stall;
    static constexpr auto ports() {
      return std::tuple{supply(q::checkpoint_bytes, &Out::bytes, 0),
                        supply(q::checkpoint_write_time, &Out::write, 0),
                        supply(q::checkpoint_stall, &Out::stall, 0)};
    }
  };

  // fp32 weights and Adam's two moments, or one, with a 16-bit copy of the weights; without an optimizer the
  // fp32 weights alone.
  template <class T>
  static T bytes_per_parameter(const T& optimizer) {
    if (optimizer < T(0.5)) return T(2.0 + 4.0 + 4.0 + 4.0);
    if (optimizer < T(1.5)) return T(2.0 + 4.0 + 4.0);
    return T(4.0);
  }

  // A checkpoint in the background is a snapshot first, on the devices that write, and then a write.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const bool is_sharded = in.sharding<T(0.5), is_synchronous = in.mode> T(0.5);
    const T writers = is_sharded ? ceil(in.devices / in.devices_per_node) : T(1.0);
    const T sources = is_sharded ? in.devices : T(1.0);
    const Bytes<T> bytes(in.parameters * bytes_per_parameter(in.optimizer));
    const Seconds<T> write = bytes / min(in.writer * writers, in.storage);
    if (is_synchronous) return {bytes, write, write};
    const Seconds<T> snapshot = bytes / (in.snapshot * sources);
    return {bytes, snapshot + write, snapshot};
  }
};

struct CheckpointByHand {
  static constexpr const char* kText =
      "70e9 parameters x 14 B = 980 GB; 512 GPUs in 64 hosts at 2.4 GB/s take 153.6 GB/s: 6.380 s. Snapshot "
      "at 512 x 25 GB/s: 0.07656 s; durable after 6.457 s";
  static constexpr Checkpoint::In<double> kIn{70e9,
                                              512,
                                              8,
                                              0,
                                              0,
                                              0,
                                              BytesPerSecond<double>(2.4e9),
                                              BytesPerSecond<double>(500e9),
                                              BytesPerSecond<double>(25e9)};
  static constexpr Checkpoint::Out<double> kOut{Bytes<double>(980e9), Seconds<double>(6.4568),
                                                Seconds<double>(0.0765625)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Checkpoint, CheckpointByHand>)

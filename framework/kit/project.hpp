// Writes projects for plugins that live outside this repository: what `ironlaw plugin new` gives an author to
// start from, and what `ironlaw probe` makes of a machine that it measured.
//
// A project builds as it stands against an installed Ironlaw (find_package(ironlaw)), has a test, and is made
// from the templates in framework/templates/: those of its kind and the common ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw {

// One figure of a datasheet, as the project's source will state it.
struct ProjectFigure {
  std::string quantity;  // a name of hardware.hpp ("memory_bandwidth", "peak_bf16_sparse") or one's own
  std::string unit;      // base unit, that of hardware.hpp where it has the name: "B/s"
  double value = 0;      // in that unit, above zero
  std::string source;    // where it was read or how it was measured; never empty
  std::string note = {};
  std::uint32_t flags = 0;  // ironlaw_spec_flag; sparse figures' names end in _sparse
};

struct HardwareProject {
  std::string id;  // "My-Chip-1": A-Z, a-z, 0-9, '_', '.', '-', '+', and a letter or digit first
  std::string vendor, family, kind;
  std::uint32_t year = 0;  // of general availability
  std::vector<ProjectFigure> figures;
  std::string shape = {};  // a shape function of shapes.hpp, "GpuTiles<132>"; empty: none
};

// A wall that takes part in the pipeline, or an analysis that works on the whole of it.
struct WallProject {
  std::string id;            // [a-z][a-z0-9_]*, 40 characters at the most
  std::uint32_t number = 0;  // 23 or above
  bool is_analysis = false;
};

// The name of a project's folder, source file and CMake target: "My-Chip-1" -> "my_chip_1".
std::string project_name(std::string_view id);

// Writes the project into `folder`, which is made; `templates` is the folder of templates. Returns the files,
// relative to `folder` and sorted.
//
// Throws Error, before anything is written, when a name or text cannot stand in a plugin's tables (the host's
// own check of a plugin is what decides, so what is written loads), when `folder` exists and is not an empty
// folder, or when a template is missing; and when a file cannot be written.
std::vector<std::filesystem::path> write_hardware_project(const std::filesystem::path& templates,
                                                          const std::filesystem::path& folder,
                                                          const HardwareProject& project);
std::vector<std::filesystem::path> write_wall_project(const std::filesystem::path& templates,
                                                      const std::filesystem::path& folder,
                                                      const WallProject& project);

}  // namespace ironlaw

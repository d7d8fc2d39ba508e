// Where this program's files are. The build folder has the layout of an installation, so both are found by
// the same paths from the executable.
#pragma once

#include <filesystem>

namespace ironlaw {

// $IRONLAW_DB, else <executable>/../share/ironlaw/ironlaw.sqlite. It may not exist yet.
std::filesystem::path database_path();

// The folder of facts that the database is built from: $IRONLAW_DATA, else
// <executable>/../share/ironlaw/datasets where it exists, else the source tree's.
std::filesystem::path facts_dir();

// The folder of templates that new plugin projects are made from: <executable>/../share/ironlaw/templates
// where it exists, else the source tree's.
std::filesystem::path templates_dir();

// The folder of the kernels that `ironlaw probe` measures with: <executable>/../lib/ironlaw/probe, or the
// same below the libdir of the installation. It may not exist.
std::filesystem::path kernels_dir();

}  // namespace ironlaw

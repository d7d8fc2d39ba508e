// Who may change a file that is about to run with this process's rights.
#pragma once

#include <filesystem>
#include <string>

namespace ironlaw {

// Why somebody may change what lies at `path` (a file or a folder) who could not change this executable;
// empty when nobody may. Looks at the thing itself and at every folder above it, since who may write to one
// of these may put something else in its place.
//
//   owner    must be root, this user, or the executable's owner
//   writers  neither a group nor everybody, unless they may write to the executable too
//   parents  the same; but a folder with the sticky bit (/tmp) lets nobody replace what others own, and a
//            folder above the executable itself is trusted as the executable is
//
// `path` must be canonical: absolute and without symbolic links. Then nobody but those above can change what
// it leads to between this check and a later use.
std::string safety_defect(const std::filesystem::path& path);

}  // namespace ironlaw

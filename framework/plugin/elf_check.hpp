// What the dynamic loader does not check before it maps a file.
#pragma once

#include <filesystem>
#include <string>

namespace ironlaw {

// Empty when the file is a complete shared object for this machine, else the reason ("is truncated ...").
//
// dlopen on a truncated or damaged file ends in SIGBUS or SIGSEGV, which nothing in this process can catch.
// This checks all that dlopen follows blindly before it resolves symbols: the header, the program headers and
// the section table (the last thing in a file, so a truncated one has lost it), that the segments lie inside
// the file and do not overlap, and that the tables of the dynamic segment and what its relocations write to
// lie inside the mapped segments. It does not check contents: damaged code still crashes. Never throws.
std::string elf_defect(const std::filesystem::path& path);

}  // namespace ironlaw

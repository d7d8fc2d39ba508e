#include "framework/plugin/elf_check.hpp"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ironlaw {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::uint64_t kLargestAddress = std::uint64_t{1} << 40;

// A file in memory; nothing is read outside it.
class Image {
 public:
  explicit Image(std::vector<char> bytes) : bytes_(std::move(bytes)) {}

  bool holds(std::uint64_t offset, std::uint64_t length) const {
    return offset <= bytes_.size() && length <= bytes_.size() - offset;
  }
  // The T at an offset that the file holds.
  template <class T>
  T at(std::uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  // Whether a string begins at offset and ends before `end`, both inside the file.
  bool holds_string(std::uint64_t offset, std::uint64_t end) const {
    return offset < end && end <= bytes_.size() &&
           std::memchr(bytes_.data() + offset, 0, end - offset) != nullptr;
  }
  std::uint64_t size() const { return bytes_.size(); }

 private:
  std::vector<char> bytes_;
};

constexpr std::string_view kTruncated = "is truncated or damaged: ";

std::string damaged(std::string_view what) {
  return std::string(kTruncated).append(what);
}

std::string header_defect(const Image& image) {
  if (image.size() == 0) return "is empty";
  if (!image.holds(0, SELFMAG) || std::memcmp(image.at<Elf64_Ehdr>(0).e_ident, ELFMAG, SELFMAG) != 0)
    return "is not an ELF file";
  const auto header = image.at<Elf64_Ehdr>(0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kMachine)
    return "is not built for this machine";
  if (header.e_type != ET_DYN) return "is not a shared object";
  if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr) ||
      !image.holds(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr)))
    return damaged("its program headers lie outside the file");
  if (header.e_shnum != 0 &&
      (header.e_shentsize != sizeof(Elf64_Shdr) ||
       !image.holds(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr))))
    return damaged("its section table lies outside the file");
  return {};
}

// Where the loader puts the file's parts.
struct Segments {
  std::vector<Elf64_Phdr> loaded;  // by address
  Elf64_Phdr dynamic{};
  int n_dynamic = 0;

  // Whether the file itself holds [address, address + length) once mapped.
  bool hold(std::uint64_t address, std::uint64_t length, std::uint64_t* offset = nullptr) const {
    for (const Elf64_Phdr& s : loaded) {
      if (address < s.p_vaddr || address - s.p_vaddr > s.p_filesz) continue;
      if (length > s.p_filesz - (address - s.p_vaddr)) continue;
      if (offset) *offset = s.p_offset + (address - s.p_vaddr);
      return true;
    }
    return false;
  }
};

std::string segment_defect(const Image& image, Segments& segments) {
  const auto header = image.at<Elf64_Ehdr>(0);
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto s = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (s.p_type != PT_LOAD && s.p_type != PT_DYNAMIC) {
      // The loader reads all of these from the mapped file, except that the stack's is empty.
      if (!image.holds(s.p_offset, s.p_filesz)) return damaged("a segment lies outside the file");
      continue;
    }
    if (!image.holds(s.p_offset, s.p_filesz)) return damaged("a segment lies outside the file");
    if (s.p_filesz > s.p_memsz || s.p_vaddr > kLargestAddress || s.p_memsz > kLargestAddress)
      return damaged("a segment has an impossible size");
    if (s.p_type == PT_DYNAMIC) {
      segments.dynamic = s;
      ++segments.n_dynamic;
      continue;
    }
    const bool is_power = s.p_align != 0 && (s.p_align & (s.p_align - 1)) == 0;
    if (!is_power || s.p_align > kLargestFile || s.p_vaddr % s.p_align != s.p_offset % s.p_align)
      return damaged("a segment is not aligned");
    if (!segments.loaded.empty() &&
        segments.loaded.back().p_vaddr + segments.loaded.back().p_memsz > s.p_vaddr)
      return damaged("its segments overlap");
    segments.loaded.push_back(s);
  }
  if (segments.loaded.empty()) return damaged("nothing in it is to be loaded");
  if (segments.n_dynamic != 1) return damaged("it has no dynamic segment");
  std::uint64_t offset = 0;
  if (segments.dynamic.p_filesz % sizeof(Elf64_Dyn) != 0 ||
      !segments.hold(segments.dynamic.p_vaddr, segments.dynamic.p_filesz, &offset) ||
      offset != segments.dynamic.p_offset)
    return damaged("its dynamic segment is not loaded");
  return {};
}

// The tables that the dynamic segment points to, each with the length that goes with it.
std::string dynamic_defect(const Image& image, const Segments& segments) {
  struct Table {
    std::int64_t address_tag, length_tag;  // 0: no length of its own
    std::uint64_t least;
  };
  constexpr Table kTables[] = {{DT_STRTAB, DT_STRSZ, 1},
                               {DT_SYMTAB, 0, sizeof(Elf64_Sym)},
                               {DT_RELA, DT_RELASZ, 0},
                               {DT_JMPREL, DT_PLTRELSZ, 0},
                               {DT_HASH, 0, 8},
                               {DT_GNU_HASH, 0, 16},
                               {DT_INIT_ARRAY, DT_INIT_ARRAYSZ, 0},
                               {DT_FINI_ARRAY, DT_FINI_ARRAYSZ, 0},
                               {DT_VERSYM, 0, 2},
                               {DT_VERNEED, 0, sizeof(Elf64_Verneed)},
                               {DT_VERDEF, 0, sizeof(Elf64_Verdef)},
                               {DT_INIT, 0, 1},
                               {DT_FINI, 0, 1}};
  constexpr auto kAbsent = std::numeric_limits<std::uint64_t>::max();

  std::vector<Elf64_Dyn> entries;
  for (std::uint64_t i = 0; i < segments.dynamic.p_filesz / sizeof(Elf64_Dyn); ++i) {
    entries.push_back(image.at<Elf64_Dyn>(segments.dynamic.p_offset + i * sizeof(Elf64_Dyn)));
    if (entries.back().d_tag == DT_NULL) break;
  }
  if (entries.empty() || entries.back().d_tag != DT_NULL) return damaged("its dynamic segment has no end");
  const auto value = [&](std::int64_t tag) {
    for (const Elf64_Dyn& e : entries)
      if (e.d_tag == tag) return e.d_un.d_val;
    return kAbsent;
  };

  for (const Table& t : kTables) {
    const std::uint64_t address = value(t.address_tag);
    const std::uint64_t length = t.length_tag ? value(t.length_tag) : t.least;
    if (address == kAbsent) continue;
    if (length == kAbsent || length < t.least || !segments.hold(address, length))
      return damaged("a table of its dynamic segment lies outside what is loaded");
  }
  std::uint64_t strings = 0;
  if (value(DT_SYMTAB) == kAbsent || value(DT_STRTAB) == kAbsent ||
      !segments.hold(value(DT_STRTAB), value(DT_STRSZ), &strings))
    return damaged("it has no symbols");
  for (const Elf64_Dyn& e : entries) {
    const bool is_name =
        e.d_tag == DT_NEEDED || e.d_tag == DT_SONAME || e.d_tag == DT_RPATH || e.d_tag == DT_RUNPATH;
    if (is_name && (e.d_un.d_val >= value(DT_STRSZ) ||
                    !image.holds_string(strings + e.d_un.d_val, strings + value(DT_STRSZ))))
      return damaged("the name of a library it needs lies outside the file");
  }
  return {};
}

}  // namespace

std::string elf_defect(const std::filesystem::path& path) try {
  std::error_code error;
  // A device or a pipe must not even be opened: reading it may never end.
  if (!std::filesystem::is_regular_file(path, error)) return "is not a regular file";
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return "cannot be read: " + error.message();
  if (size > kLargestFile) return "is larger than 1 GiB";
  std::vector<char> bytes(static_cast<std::size_t>(size));
  std::ifstream file(path, std::ios::binary);
  if (!file || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return "cannot be read";

  const Image image(std::move(bytes));
  Segments segments;
  std::string defect = header_defect(image);
  if (defect.empty()) defect = segment_defect(image, segments);
  if (defect.empty()) defect = dynamic_defect(image, segments);
  return defect;
} catch (const std::exception& e) {
  return std::string("cannot be read: ") + e.what();
}

}  // namespace ironlaw

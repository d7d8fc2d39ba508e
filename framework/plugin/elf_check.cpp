#include "framework/plugin/elf_check.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ironlaw {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::uint64_t kRelative = R_X86_64_RELATIVE;
// What the loader knows how to relocate; it ends the process at any other.
constexpr std::uint64_t kRelocations[] = {
    R_X86_64_NONE,     R_X86_64_64,       R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE,
    R_X86_64_DTPMOD64, R_X86_64_DTPOFF64, R_X86_64_TPOFF64,  R_X86_64_TLSDESC,   R_X86_64_IRELATIVE};
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::uint64_t kRelative = R_AARCH64_RELATIVE;
constexpr std::uint64_t kRelocations[] = {R_AARCH64_NONE,       R_AARCH64_ABS64,     R_AARCH64_GLOB_DAT,
                                          R_AARCH64_JUMP_SLOT,  R_AARCH64_RELATIVE,  R_AARCH64_TLS_DTPMOD,
                                          R_AARCH64_TLS_DTPREL, R_AARCH64_TLS_TPREL, R_AARCH64_TLSDESC,
                                          R_AARCH64_IRELATIVE};
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
  // The T at an offset; zeros where the file does not hold it.
  template <class T>
  T at(std::uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (holds(offset, sizeof value)) std::memcpy(&value, bytes_.data() + offset, sizeof value);
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
  const auto header = image.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return "is not an ELF file";
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
    if (!image.holds(s.p_offset, s.p_filesz)) return damaged("a segment lies outside the file");
    if (s.p_type != PT_LOAD && s.p_type != PT_DYNAMIC) continue;
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

constexpr auto kAbsent = std::numeric_limits<std::uint64_t>::max();

// The entries of the dynamic segment.
class Dynamic {
 public:
  Dynamic(const Image& image, const Elf64_Phdr& segment) {
    for (std::uint64_t i = 0; i < segment.p_filesz / sizeof(Elf64_Dyn) && !ends_; ++i) {
      entries_.push_back(image.at<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn)));
      ends_ = entries_.back().d_tag == DT_NULL;
    }
  }
  bool ends() const { return ends_; }
  const std::vector<Elf64_Dyn>& entries() const { return entries_; }
  // The value of the first entry with this tag; kAbsent when there is none.
  std::uint64_t value(std::int64_t tag) const {
    for (const Elf64_Dyn& e : entries_)
      if (e.d_tag == tag) return e.d_un.d_val;
    return kAbsent;
  }

 private:
  std::vector<Elf64_Dyn> entries_;
  bool ends_ = false;
};

// The loader writes where a relocation says, and calls what the ones in .init_array point to.
std::string relocation_defect(const Image& image, const Segments& segments, const Dynamic& dynamic) {
  std::uint64_t image_end = 0;
  for (const Elf64_Phdr& s : segments.loaded) image_end = std::max(image_end, s.p_vaddr + s.p_memsz);
  const auto is_writable = [&](std::uint64_t address) {
    for (const Elf64_Phdr& s : segments.loaded)
      if ((s.p_flags & PF_W) && address >= s.p_vaddr && s.p_memsz >= 8 &&
          address - s.p_vaddr <= s.p_memsz - 8)
        return true;
    return false;
  };
  const auto has_symbol = [&](std::uint64_t index) {
    std::uint64_t offset = 0;
    return segments.hold(dynamic.value(DT_SYMTAB) + index * sizeof(Elf64_Sym), sizeof(Elf64_Sym), &offset) &&
           image.at<Elf64_Sym>(offset).st_name < dynamic.value(DT_STRSZ);
  };
  for (const auto& [table, size] : {std::pair{DT_RELA, DT_RELASZ}, std::pair{DT_JMPREL, DT_PLTRELSZ}}) {
    std::uint64_t offset = 0;
    if (dynamic.value(table) == kAbsent) continue;
    segments.hold(dynamic.value(table), dynamic.value(size), &offset);  // dynamic_defect has looked
    for (std::uint64_t i = 0; i < dynamic.value(size) / sizeof(Elf64_Rela); ++i) {
      const auto r = image.at<Elf64_Rela>(offset + i * sizeof(Elf64_Rela));
      const std::uint64_t type = ELF64_R_TYPE(r.r_info);
      if (std::find(std::begin(kRelocations), std::end(kRelocations), type) == std::end(kRelocations))
        return damaged("a relocation is of a kind that the loader does not know");
      const bool is_relative = type == kRelative;
      if (!is_writable(r.r_offset) || !has_symbol(ELF64_R_SYM(r.r_info)) ||
          (is_relative && static_cast<std::uint64_t>(r.r_addend) > image_end))
        return damaged("a relocation points outside what is loaded");
    }
  }
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
  const Dynamic dynamic(image, segments.dynamic);
  const auto value = [&](std::int64_t tag) { return dynamic.value(tag); };
  if (!dynamic.ends()) return damaged("its dynamic segment has no end");
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
  for (const Elf64_Dyn& e : dynamic.entries()) {
    const bool is_name =
        e.d_tag == DT_NEEDED || e.d_tag == DT_SONAME || e.d_tag == DT_RPATH || e.d_tag == DT_RUNPATH;
    if (is_name && (e.d_un.d_val >= value(DT_STRSZ) ||
                    !image.holds_string(strings + e.d_un.d_val, strings + value(DT_STRSZ))))
      return damaged("the name of a library it needs lies outside the file");
  }
  return relocation_defect(image, segments, dynamic);
}

}  // namespace

namespace {

// A file that is open for reading; closed at the end.
class OpenFile {
 public:
  // Without waiting: whoever opens a pipe waits for its writer.
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  bool is_open() const { return fd_ >= 0; }
  bool read_status(struct stat& status) const { return fstat(fd_, &status) == 0; }
  // Fills `bytes`; false when the file ends before.
  bool read_all(std::vector<char>& bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = read(fd_, bytes.data() + done, bytes.size() - done);
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  int fd_;
};

}  // namespace

std::string elf_defect(const std::filesystem::path& path) try {
  // A device must not even be opened: that alone may do something.
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "is not a regular file";
  const OpenFile file(path);
  struct stat status;
  if (!file.is_open() || !file.read_status(status))
    return std::string("cannot be read: ") + std::strerror(errno);
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (static_cast<std::uint64_t>(status.st_size) > kLargestFile) return "is larger than 1 GiB";
  std::vector<char> bytes(static_cast<std::size_t>(status.st_size));
  if (!file.read_all(bytes)) return "cannot be read";

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

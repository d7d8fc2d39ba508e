#include "framework/kit/template.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "framework/base/error.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemplateEnd = ".in";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("The template {} cannot be read.", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_field(std::string_view name) {
  for (const char c : name)
    if (!(std::islower(static_cast<unsigned char>(c)) || c == '_')) return false;
  return !name.empty();
}

// @name@ replaced; an @ that does not begin a field stands for itself.
std::string render(std::string_view text, const TemplateFields& fields, const fs::path& origin) {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = text.find('@');
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = text.find('@', 1);
    const std::string name(end == std::string_view::npos ? "" : text.substr(1, end - 1));
    if (!is_field(name)) {
      result += '@';
      text.remove_prefix(1);
      continue;
    }
    const auto field = fields.find(name);
    if (field == fields.end())
      throw Error(fmt::format("The template {} has a field @{}@ that nobody fills.", origin.string(), name));
    result += field->second;
    text.remove_prefix(end + 1);
  }
  return result;
}

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& why) {
  throw Error(fmt::format("{} cannot be written: {}.", path.string(), why));
}

}  // namespace

RenderedFiles render_folder(const fs::path& folder, const TemplateFields& fields) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Error(
        fmt::format("The templates of projects are missing: there is no folder {}.", folder.string()));
  RenderedFiles files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != kTemplateEnd) continue;
    std::string name = fs::relative(entry.path(), folder).replace_extension().string();
    files[render(name, fields, entry.path())] = render(read_file(entry.path()), fields, entry.path());
  }
  return files;
}

void write_files(const fs::path& folder, const RenderedFiles& files) {
  for (const auto& [name, text] : files) {
    const fs::path path = folder / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) fail_to_write(path.parent_path(), error.message());
    errno = 0;
    std::ofstream file(path, std::ios::binary);
    if (!(file << text) || !file.flush()) fail_to_write(path, std::strerror(errno));
  }
}

}  // namespace ironlaw

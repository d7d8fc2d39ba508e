#include "registry/model_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <mutex>
#include <system_error>

#include "framework/base/error.hpp"
#include "registry/model_fields.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

// The file that is meant: a directory's config.json.
fs::path file_of(const fs::path& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status)) throw Error(fmt::format("{}: there is no such file.", path.string()));
  if (fs::is_directory(status)) {
    fs::path config = path / "config.json";
    if (!fs::is_regular_file(config, failed))
      throw Error(fmt::format("{}: this directory has no config.json.", path.string()));
    return config;
  }
  if (!fs::is_regular_file(status)) throw Error(fmt::format("{}: this is no file.", path.string()));
  return path;
}

std::string content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto read = static_cast<std::size_t>(stream.gcount());
  if (stream.bad() || (!stream && !stream.eof()))
    throw Error(fmt::format("{}: cannot be read.", file.string()));
  if (read > kMostBytes)
    throw Error(fmt::format("{}: is larger than {} bytes; a model's shape takes a few lines.", file.string(),
                            kMostBytes));
  text.resize(read);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    throw Error(fmt::format("{}: the file is empty.", file.string()));
  return text;
}

ModelDraft read_json(const std::string& file, const std::string& text) {
  nlohmann::json config;
  try {
    config = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    throw Error(fmt::format("{}: this is no JSON: {}", file, printable(e.what(), 200)));
  }
  if (!config.is_object()) throw Error(fmt::format("{}: this is no object with the keys of a model.", file));
  return read_huggingface(file, config);
}

// What a report calls a model whose file does not say: the directory of a config.json, else the file.
std::string name_of_file(const fs::path& file) {
  if (file.filename() != "config.json") return file.stem().string();
  const std::string directory = fs::absolute(file).lexically_normal().parent_path().filename().string();
  return directory.empty() ? "config" : directory;
}

}  // namespace

LoadedModel::LoadedModel(Texts texts, const ModelSpec& spec, std::vector<std::string> notes,
                         std::optional<Precision> stored)
    : texts_(std::make_unique<const Texts>(std::move(texts))),
      spec_(spec),
      notes_(std::move(notes)),
      stored_(stored) {
  spec_.id = texts_->id.c_str();
  spec_.title = texts_->title.c_str();
  spec_.source = texts_->source.c_str();
  spec_.lengths_source = texts_->lengths_source.c_str();
}

LoadedModel load_model(const fs::path& path) {
  const fs::path file = file_of(path);
  const std::string kind = file.extension().string();
  const bool yaml = kind == ".yaml" || kind == ".yml";
  if (!yaml && kind != ".json")
    throw Error(fmt::format("{}: a model is a config.json, or a .yaml or .yml file.", file.string()));
  const std::string text = content_of(file);
  ModelDraft draft = yaml ? read_model_yaml(file.string(), text) : read_json(file.string(), text);
  if (draft.texts.id.empty()) draft.texts.id = printable(name_of_file(file));
  if (draft.texts.title.empty()) draft.texts.title = draft.texts.id;
  return {std::move(draft.texts), draft.spec, std::move(draft.notes), draft.stored};
}

bool is_model_path(std::string_view text) {
  return text.find('/') != std::string_view::npos || text.ends_with(".json") || text.ends_with(".yaml") ||
         text.ends_with(".yml");
}

ResolvedModel resolve_model(std::string_view name_or_path) {
  if (!is_model_path(name_or_path)) return {&find_model(name_or_path), {}, std::nullopt};
  static std::mutex guard;
  static std::map<std::string, LoadedModel, std::less<>> loaded;  // a node stays where it is
  const std::lock_guard lock(guard);
  auto found = loaded.find(name_or_path);
  if (found == loaded.end())
    found = loaded.emplace(std::string(name_or_path), load_model(fs::path(name_or_path))).first;
  const LoadedModel& model = found->second;
  return {&model.spec(), model.notes(), model.stored()};
}

}  // namespace ironlaw

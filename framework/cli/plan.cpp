#include "framework/cli/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"

namespace ironlaw {
namespace {

constexpr std::uintmax_t kMostBytes = 1'000'000;
constexpr std::size_t kLongestText =
    1'000;  // of a key or a value; longer is a mistake, and drowns its message

constexpr std::string_view kTop[] = {"params", "generation"};
constexpr std::string_view kWorkload[] = {
    "model",        "phase", "batch", "input-len", "output-len", "precision", "weight-precision",
    "kv-precision", "draft"};
constexpr std::string_view kHardware[] = {"hardware"};
constexpr std::string_view kFleet[] = {"gpus"};
constexpr std::string_view kParallelism[] = {"split", "tp",         "pp",          "dp",        "cp",
                                             "ep",    "interleave", "micro-batch", "recompute", "zero"};
constexpr std::string_view kServing[] = {"prefill-tokens"};
constexpr std::string_view kOperations[] = {"place", "year", "rental"};

constexpr std::string_view kAlgorithmWalls[] = {"algorithm"};
constexpr std::string_view kNodeWalls[] = {"node"};
constexpr std::string_view kFleetWalls[] = {"data", "fleet"};
constexpr std::string_view kOperationsWalls[] = {"operations"};

const PlanBlock kBlocks[] = {
    {"workload", "What is computed.", kWorkload, kAlgorithmWalls, true},
    {"hardware", "The accelerator by name, and figures of its datasheet to override.", kHardware, kNodeWalls,
     true},
    {"fleet", "How many accelerators, what connects them and what feeds them.", kFleet, kFleetWalls, true},
    {"parallelism", "How the work is divided between them.", kParallelism, {}, false},
    {"serving", "How requests arrive and are scheduled.", kServing, kNodeWalls, true},
    {"operations", "Place, prices, failures and what else it takes to run it.", kOperations, kOperationsWalls,
     true},
    {"parameters", "Fitted parameters and every other quantity to override.", {}, {}, true},
};

class PlanReader {
 public:
  explicit PlanReader(const std::string& where) : where_(where) {}

  Ask read(const YAML::Node& plan) {
    if (!plan.IsDefined() || plan.IsNull()) throw Error(fmt::format("{} is an empty plan.", where_));
    if (!plan.IsMap())
      throw Error(
          fmt::format("{} is no plan: it must be a mapping, as `workload: {{model: llama-3.1-8b}}`, "
                      "and is {}.",
                      where_, kind_of(plan)));
    for_each(plan, "", [&](const std::string& key, const std::string& path, const YAML::Node& value) {
      const auto block = std::find_if(std::begin(kBlocks), std::end(kBlocks),
                                      [&](const PlanBlock& b) { return b.name == key; });
      if (block != std::end(kBlocks))
        read_block(*block, value);
      else if (key == "constraints")
        read_constraints(value);
      else if (key == "name")
        ask_.title = text(path, value).text;
      else if (is_in(plan_options(), key))
        ask_.said[key] = text(path, value);
      else
        unknown(path, value, top_keys());
    });
    return std::move(ask_);
  }

 private:
  using Keys = std::vector<std::string>;

  static bool is_in(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  // The block whose option this is. "name" means something else almost everywhere.
  static const PlanBlock* elsewhere(std::string_view key) {
    return key == "name" ? nullptr : block_of_option(key);
  }

  static Keys top_keys() {
    Keys keys = {"name", "constraints"};
    for (const std::string_view option : plan_options()) keys.push_back(plan_key(option));
    for (const PlanBlock& block : kBlocks) keys.emplace_back(block.name);
    return keys;
  }

  static const char* kind_of(const YAML::Node& node) {
    return node.IsSequence() ? "a list" : node.IsMap() ? "a mapping" : node.IsNull() ? "nothing" : "a value";
  }

  // "fleet.gpus (plan.yaml:5)"
  std::string field(const std::string& path, const YAML::Node& node) const {
    return node.Mark().is_null() ? fmt::format("{} ({})", path, where_)
                                 : fmt::format("{} ({}:{})", path, where_, node.Mark().line + 1);
  }

  [[noreturn]] void unknown(const std::string& path, const YAML::Node& node, const Keys& known) const {
    const std::string key = path.substr(path.rfind('.') + 1);
    if (const PlanBlock* right = elsewhere(key))
      throw Error(fmt::format("{} stands in the wrong place: {} belongs in {}.", field(path, node), key,
                              right->name));
    throw Error(fmt::format("{} is unknown.{} `ironlaw schema` shows what a plan may hold.",
                            field(path, node), did_you_mean(key, known)));
  }

  // A text that can stand in a message of one line.
  void require_plain(const std::string& what, const std::string& given) const {
    if (given.size() > kLongestText)
      throw Error(fmt::format("{} is longer than {} characters.", what, kLongestText));
    if (std::any_of(given.begin(), given.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }))
      throw Error(fmt::format("{} holds a line feed or another control character.", what));
  }

  template <class Visit>
  void for_each(const YAML::Node& map, const std::string& path, const Visit& visit) const {
    std::map<std::string, int> lines;  // where a key was seen
    for (const auto& entry : map) {
      const std::string inside = path.empty() ? where_ : path;
      if (!entry.first.IsScalar())
        throw Error(fmt::format("{} has a key that is {}; keys are names.", field(inside, entry.first),
                                kind_of(entry.first)));
      const std::string& key = entry.first.Scalar();
      require_plain(fmt::format("A key in {}", field(inside, entry.first)), key);
      const std::string full = path.empty() ? key : fmt::format("{}.{}", path, key);
      const auto [first, is_new] = lines.emplace(key, entry.first.Mark().line + 1);
      if (!is_new)
        throw Error(
            fmt::format("{} is given twice; first in line {}.", field(full, entry.first), first->second));
      visit(key, full, entry.second);
    }
  }

  void require_map(const std::string& path, const YAML::Node& node, const char* example) const {
    if (!node.IsMap())
      throw Error(
          fmt::format("{} is {}; it must be a mapping, as {}.", field(path, node), kind_of(node), example));
  }

  Said text(const std::string& path, const YAML::Node& node, std::string_view block = "") const {
    const std::string name = field(path, node);
    if (node.IsNull() || (node.IsScalar() && node.Scalar().empty()))
      throw Error(fmt::format("{} has no value.", name));
    if (!node.IsScalar()) throw Error(fmt::format("{} is {}; it must be one value.", name, kind_of(node)));
    require_plain(name, node.Scalar());
    return {node.Scalar(), name, std::string(block)};
  }

  void read_block(const PlanBlock& block, const YAML::Node& node) {
    const std::string name(block.name);
    if (node.IsNull()) return;  // a heading without anything below it
    require_map(name, node, "`{key: value}`");
    Keys known;
    for (const std::string_view option : block.options) known.push_back(plan_key(option));
    for_each(node, name, [&](const std::string& key, const std::string& path, const YAML::Node& value) {
      const auto option = std::find(known.begin(), known.end(), key);
      if (option != known.end())
        ask_.said[std::string(block.options[static_cast<std::size_t>(option - known.begin())])] =
            text(path, value);
      else if (block.takes_quantities && !elsewhere(key))
        add_quantity(key, text(path, value, block.name));
      else
        unknown(path, value, known);
    });
  }

  void add_quantity(const std::string& name, Said said) {
    const auto [first, is_new] = ask_.set.emplace(name, said);
    if (!is_new) throw Error(fmt::format("{} is given twice; also as {}.", said.field, first->second.field));
  }

  void read_constraints(const YAML::Node& node) {
    const std::string name = "constraints";
    if (node.IsNull()) return;
    require_map(name, node, "`{assert: [{metric: itl, max: 50 ms}]}`");
    for_each(node, name, [&](const std::string& key, const std::string& path, const YAML::Node& value) {
      if (key != "assert") unknown(path, value, {"assert"});
      if (!value.IsSequence())
        throw Error(fmt::format("{} is {}; it must be a list, as `[{{metric: itl, max: 50 ms}}]`.",
                                field(path, value), kind_of(value)));
      for (std::size_t i = 0; i < value.size(); ++i)
        ask_.assertions.push_back(assertion(fmt::format("{}[{}]", path, i), value[i]));
    });
  }

  Assertion assertion(const std::string& path, const YAML::Node& node) const {
    require_map(path, node, "`{metric: itl, max: 50 ms}`");
    Assertion result;
    for_each(node, path, [&](const std::string& key, const std::string& full, const YAML::Node& value) {
      if (key == "metric")
        result.metric = text(full, value);
      else if (key == "max")
        result.max = text(full, value);
      else if (key == "min")
        result.min = text(full, value);
      else
        unknown(full, value, {"metric", "max", "min"});
    });
    if (result.metric.text.empty())
      throw Error(fmt::format("{} says no metric: which result is limited.", field(path, node)));
    if (!result.max && !result.min)
      throw Error(fmt::format("{} limits nothing: give max, min or both.", field(path, node)));
    return result;
  }

  const std::string& where_;
  Ask ask_;
};

std::string read_text(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  const std::string name = path.string();
  if (!std::filesystem::exists(status)) throw Error(fmt::format("There is no plan '{}'.", name));
  if (std::filesystem::is_directory(status))
    throw Error(fmt::format("'{}' is a folder; a plan is a file.", name));
  if (!std::filesystem::is_regular_file(status)) throw Error(fmt::format("'{}' is no regular file.", name));
  if (std::filesystem::file_size(path, error) > kMostBytes || error)
    throw Error(fmt::format("The plan '{}' is larger than {} bytes.", name, kMostBytes));
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || file.bad()) throw Error(fmt::format("The plan '{}' cannot be read.", name));
  if (text.find('\0') != std::string::npos)
    throw Error(fmt::format("The plan '{}' is no text: it holds a NUL byte.", name));
  return text;
}

}  // namespace

std::span<const PlanBlock> plan_blocks() {
  return kBlocks;
}

std::span<const std::string_view> plan_options() {
  return kTop;
}

std::string plan_key(std::string_view option) {
  if (option == "hardware") return "name";
  std::string key(option);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

const PlanBlock* block_of_option(std::string_view key) {
  for (const PlanBlock& block : kBlocks)
    for (const std::string_view option : block.options)
      if (plan_key(option) == key) return &block;
  return nullptr;
}

Ask ask_of_plan(const YAML::Node& plan, const std::string& where) {
  return PlanReader(where).read(plan);
}

Ask load_plan(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  const std::string where = path.string();
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw Error(fmt::format("{} holds {} documents; a plan is one.", where, documents.size()));
    return ask_of_plan(documents.empty() ? YAML::Node() : documents.front(), where);
  } catch (const YAML::Exception& e) {
    throw Error(fmt::format("{}:{} is no YAML: {}.", where, e.mark.is_null() ? 1 : e.mark.line + 1, e.msg));
  }
}

}  // namespace ironlaw

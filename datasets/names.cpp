#include "datasets/names.hpp"

#include <array>
#include <cctype>

namespace ironlaw {

std::string_view text_of(NameKind kind) {
  switch (kind) {
    case NameKind::device:
      return "device";
    case NameKind::device_stated:
      return "device_stated";
    case NameKind::model:
      break;
  }
  return "model";
}

void NameTable::add_alias(NameKind kind, const std::string& suite, const std::string& name,
                          const std::string& round, const std::string& canonical) {
  aliases_[{kind, suite, name, round}] = canonical;
  if (!canonical.empty()) add_canonical(kind == NameKind::device_stated ? NameKind::device : kind, canonical);
}

void NameTable::add_canonical(NameKind kind, const std::string& id) {
  canonical_.emplace(kind, id);
}

std::optional<std::string> NameTable::canonical(NameKind kind, const std::string& suite,
                                                const std::string& round, const std::string& name) const {
  for (const std::string& when : {round, std::string()}) {
    const auto found = aliases_.find({kind, suite, name, when});
    if (found != aliases_.end()) return found->second;
  }
  if (const auto found = aliases_.find({kind, "any", name, ""}); found != aliases_.end())
    return found->second;
  if (canonical_.contains({kind, name})) return name;
  return std::nullopt;
}

std::optional<std::string> normal_precision(std::string_view given) {
  std::string name;
  for (const char c : given.substr(0, given.find('('))) {
    if (c != ' ' || !name.empty()) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  while (name.ends_with(' ')) name.pop_back();
  if (given.empty()) return "";
  if (const auto choice = name.find(" or "); choice != std::string::npos) {
    const bool known = normal_precision(name.substr(0, choice)) && normal_precision(name.substr(choice + 4));
    return known ? std::optional<std::string>("") : std::nullopt;
  }
  // "bf16/fp32": the matrix products run in the first, the sums in the second.
  if (const auto slash = name.find('/'); slash != std::string::npos) name.resize(slash);
  constexpr std::array<std::string_view, 8> names{"fp32", "tf32", "bf16", "fp16",
                                                  "fp8",  "int8", "fp4",  "int4"};
  for (const auto known : names)
    if (name == known) return name;
  using Synonym = std::pair<std::string_view, std::string_view>;
  constexpr std::array synonyms{
      Synonym("float32", "fp32"), Synonym("bfloat16", "bf16"), Synonym("float16", "fp16"),
      Synonym("half", "fp16"),    Synonym("float8", "fp8"),    Synonym("e4m3", "fp8"),
      Synonym("e5m2", "fp8"),     Synonym("mxfp8", "fp8"),     Synonym("float4", "fp4"),
      Synonym("nvfp4", "fp4"),    Synonym("mxfp4", "fp4")};
  for (const auto& [known, canonical] : synonyms)
    if (name == known) return std::string(canonical);
  return std::nullopt;
}

bool is_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (text[i] < '0' || text[i] > '9') return false;
  const int month = (text[5] - '0') * 10 + text[6] - '0';
  const int day = (text[8] - '0') * 10 + text[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

}  // namespace ironlaw

// One name for each thing: devices and models through the table of aliases, precisions by rule.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace ironlaw {

// device: the name a table normalises devices to; device_stated: the submitter's own words, which are looked
// up first because only they tell, say, a 500 W board from the plain one.
enum class NameKind { device, device_stated, model };
std::string_view text_of(NameKind kind);  // "device", "device_stated", "model"

// The aliases in memory.
class NameTable {
 public:
  // `round` is "" for every round without an entry of its own; `canonical` is "" where it cannot be told.
  void add_alias(NameKind kind, const std::string& suite, const std::string& name, const std::string& round,
                 const std::string& canonical);
  // Makes `id` a name that means itself, in every suite.
  void add_canonical(NameKind kind, const std::string& id);

  // The canonical name of `name`, "" where it cannot be told: as an alias in that round, as an alias in any,
  // as an alias of the suite "any", or as a canonical name itself (which stated words never are). Nothing
  // when it is not known. Names match exactly: "H100" and "H100 CTS" are different devices, so looseness
  // would be an error.
  std::optional<std::string> canonical(NameKind kind, const std::string& suite, const std::string& round,
                                       const std::string& name) const;

 private:
  std::map<std::tuple<NameKind, std::string, std::string, std::string>, std::string> aliases_;
  std::set<std::pair<NameKind, std::string>> canonical_;
};

// fp32, tf32, bf16, fp16, fp8, int8, fp4 or int4 from what a configuration calls it: "fp8(TransformerEngine)"
// is fp8, "bf16/fp32" bf16. "" where it names several without saying which ("fp8 or bf16") or is blank;
// nothing when it is none of these.
std::optional<std::string> normal_precision(std::string_view given);

// Whether `text` is a date as YYYY-MM-DD.
bool is_iso_date(std::string_view text);

}  // namespace ironlaw

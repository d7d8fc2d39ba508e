// The hardware targets as a table: which figures there are, which targets meet conditions on them, in which
// order and columns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ironlaw/abi.h"

namespace ironlaw {

// A figure that targets can be compared by: a quantity of their datasheets (dense or sparse), or one of
// peak_16bit (fp16, else bf16), ridge_<precision> and year.
struct HardwareFigure {
  std::string name, unit;
};

// Every figure that at least one of the targets could have, those of datasheets first, each once.
std::vector<HardwareFigure> figures_of(std::span<const ironlaw_hardware* const> targets);

// [the figure's base unit] NaN where nobody published it.
double value_of(const HardwareFigure& figure, const ironlaw_hardware& hardware);

enum class Compare { less, at_most, equal, at_least, more };

// "memory_bandwidth >= 3 TB/s"
struct HardwareCondition {
  HardwareFigure figure;
  Compare comparison;
  double value;
  std::string text;  // as it was given
};

// Throws Error for a text that is no condition, a figure that no target has (with suggestions), and a value
// that is not in its unit. `field` is how messages call it ("--where").
HardwareCondition parse_condition(std::string_view field, const std::string& text,
                                  std::span<const HardwareFigure> figures);
// "2024", "2022..2024", "2024.." or "..2020", as conditions on the year.
std::vector<HardwareCondition> parse_years(std::string_view field, const std::string& text);

// The targets that meet every condition, in their order. One whose figure is unknown meets none that asks for
// it; `unknown` is how many were left out for that alone.
struct Selected {
  std::vector<const ironlaw_hardware*> targets;
  std::size_t unknown = 0;
};
Selected select_hardware(std::span<const ironlaw_hardware* const> targets,
                         std::span<const HardwareCondition> conditions);

// Sorts by a figure; unknown ones last either way.
void sort_by(const HardwareFigure& figure, bool descending, std::vector<const ironlaw_hardware*>& targets);

// A column of the table: a figure, or where it is empty one of the texts vendor, family and kind.
struct HardwareColumn {
  std::string name;   // "memory_bandwidth", "vendor"
  std::string title;  // of the text table: "bandwidth"
  std::optional<HardwareFigure> figure;
};
// "vendor,peak_fp8,ridge_fp8"; throws Error for what is none (with suggestions). Empty: the usual columns.
std::vector<HardwareColumn> parse_columns(std::string_view field, const std::string& text,
                                          std::span<const HardwareFigure> figures);

// A row a target, with the units in a second line of the header.
std::string hardware_list_text(std::span<const ironlaw_hardware* const> targets,
                               std::span<const HardwareColumn> columns);
// Names of figures and plain numbers in base units; unknown ones are empty.
std::string hardware_list_csv(std::span<const ironlaw_hardware* const> targets,
                              std::span<const HardwareColumn> columns);

}  // namespace ironlaw

#include "framework/conformance/checks.hpp"

#include <fmt/format.h>

#include <array>

#include "framework/base/error.hpp"

namespace ironlaw::conformance {
namespace {

// The grid comes before the checks of functions: they also use the rows that it has met.
constexpr std::array kChecks = {
    Check{"search", "the file's name says what it holds", nullptr},
    Check{"safety", "nobody else may change the file or the folders above it", nullptr},
    Check{"file", "it is a complete shared object for this machine", nullptr},
    Check{"load", "the loader finds every symbol, and its constructors end", nullptr},
    Check{"entry", "it has the entry symbol and speaks this host's ABI", nullptr},
    Check{"table", "sizes, names, counts, units, ranges and priors keep abi.h", nullptr},
    Check{"constructors", "loading it changes nothing else in the process and prints nothing", nullptr},
    Check{"sources", "every figure, setting and equation says where it comes from", check_sources},
    Check{"figures", "the datasheet is possible, and near what such devices have", check_figures},
    Check{"ports", "its ports, units and figures fit the walls that are installed", check_ports},
    Check{"examples", "the cases worked by hand come out", check_examples},
    Check{"values", "finite values inside the ranges of their roles, in its own memory", check_values},
    Check{"side_effects", "evaluating changes nothing else in the process and prints nothing",
          check_side_effects},
    Check{"grid", "models x phases x batch x precision x devices give finite answers", check_grid},
    Check{"derivatives", "derivatives equal central differences", check_derivatives},
    Check{"repeatable", "the same bits twice, alone, in blocks and in another order", check_repeatable},
    Check{"threads", "the same bits from four threads at once", check_threads},
    Check{"monotone", "a faster part never makes it slower, a larger batch never a shorter step",
          check_monotone},
    Check{"neutral", "switched off, it leaves no trace", check_neutral},
    Check{"analysis", "its findings are valid and the same twice", check_analysis},
    Check{"nearest", "the nearest installed device answers about the same", check_nearest},
    Check{"speed", "a row takes about as long as a row of other walls", check_speed},
};

}  // namespace

std::span<const Check> checks() {
  return kChecks;
}

std::size_t check_index(std::string_view id) {
  for (std::size_t i = 0; i < kChecks.size(); ++i)
    if (id == kChecks[i].id) return i;
  throw Error(fmt::format("check '{}' is not known.", id));
}

}  // namespace ironlaw::conformance

// The checks, each in the order in which it is run. A check looks at one promise that a plugin makes.
#pragma once

#include <span>
#include <string_view>

#include "framework/conformance/result.hpp"
#include "framework/conformance/subject.hpp"

namespace ironlaw::conformance {

struct Check {
  const char* id;       // "derivatives"
  const char* promise;  // what holds when it passes, for people
  // Null for the stages of loading (plugin_file.hpp) and what they leave behind, which child.cpp reports.
  void (*run)(Subject& subject, Findings& findings);
};

std::span<const Check> checks();
// Index into checks(); throws Error.
std::size_t check_index(std::string_view id);

// What the plugin says of itself.
void check_sources(Subject& subject, Findings& findings);
void check_figures(Subject& subject, Findings& findings);
void check_examples(Subject& subject, Findings& findings);
// How it fits the walls that are installed.
void check_ports(Subject& subject, Findings& findings);
// Its functions, row by row.
void check_values(Subject& subject, Findings& findings);
void check_side_effects(Subject& subject, Findings& findings);
void check_repeatable(Subject& subject, Findings& findings);
void check_threads(Subject& subject, Findings& findings);
void check_derivatives(Subject& subject, Findings& findings);
void check_speed(Subject& subject, Findings& findings);
// Whole answers with it in place.
void check_grid(Subject& subject, Findings& findings);
void check_monotone(Subject& subject, Findings& findings);
void check_neutral(Subject& subject, Findings& findings);
void check_analysis(Subject& subject, Findings& findings);
void check_nearest(Subject& subject, Findings& findings);

}  // namespace ironlaw::conformance

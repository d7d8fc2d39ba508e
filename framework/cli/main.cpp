// ironlaw: dispatches to the commands, and turns what goes wrong into one sentence and an exit code.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>
#include <vector>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/watchdog.hpp"
#include "ironlaw/abi.h"

namespace ironlaw {
namespace {

struct Command {
  const char* name;
  const char* summary;
  ExitCode (*run)(CommandWords words);
};

constexpr Command kCommands[] = {
    {"solve", "predict time, throughput and the five terms of the Iron Law", cmd_solve},
    {"sensitivity", "rank the inputs by how much an output follows them", cmd_sensitivity},
    {"synthesize", "say what hardware would meet a target, and which device does", cmd_synthesize},
    {"compare", "put devices or plans side by side: who wins, why, and where that flips", cmd_compare},
    {"audit", "hold what vendors claim against the model, and say when it would be true", cmd_audit},
    {"hardware", "list the hardware targets, or show what is known of one", cmd_hardware},
    {"models", "list the models, or show one's shape", cmd_models},
    {"places", "list the places, or show one's electricity: carbon, water, price, PUE", cmd_places},
    {"walls", "the taxonomy on a page, a wall's equation and ports, the cheat sheet", cmd_walls},
    {"explain", "work a wall through, by hand or for your case", cmd_explain},
    {"tutorial", "learn the walls: predict, see what the model says, reflect", cmd_tutorial},
    {"schema", "print the JSON schema of a plan", cmd_schema},
    {"plugin", "list the plugins: loaded, hidden by others, refused; check one; start one", cmd_plugin},
    {"probe", "measure this machine, and hold the model against it", cmd_probe},
    {"db", "build the database of observations, add to it, query it", cmd_db},
    {"calibrate", "fit the parameters to the observations", cmd_calibrate},
    {"validate", "hold observations out, predict them, say how wrong that was", cmd_validate},
    {"drift", "hold today's predictions against the golden grid: what moved, and why", cmd_drift},
};

std::string overview() {
  std::string text =
      "Ironlaw predicts how fast a machine-learning system will be, and which wall it hits:\n"
      "Time = FLOPs / (N x Peak x MFU x eta_scaling x Goodput)\n\n"
      "usage: ironlaw COMMAND ...\n\ncommands:\n";
  for (const Command& c : kCommands) text += fmt::format("  {:<11} {}\n", c.name, c.summary);
  text +=
      "\n`ironlaw COMMAND --help` explains one. `ironlaw --version` tells the version.\n\n"
      "example: ironlaw solve llama-3.1-8b h100 --phase decode --batch 64\n\n"
      "exit code: 0 done, 1 the input is wrong, 2 physically impossible, 3 a stated limit is broken\n";
  return text;
}

ExitCode dispatch(const std::vector<std::string>& words) {
  if (words.empty()) throw Error("A command is missing. `ironlaw --help` lists them.");
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    print(overview());
    return ExitCode::ok;
  }
  if (first == "--version") {
    print(fmt::format("ironlaw {} (plugin ABI {}.{})\n", IRONLAW_VERSION, IRONLAW_ABI_MAJOR,
                      IRONLAW_ABI_MINOR));
    return ExitCode::ok;
  }
  std::vector<std::string> names;
  for (const Command& c : kCommands) {
    if (first == c.name) return c.run(std::span(words).subspan(1));
    names.emplace_back(c.name);
  }
  throw Error(fmt::format("There is no command '{}'.{} `ironlaw --help` lists them.", first,
                          did_you_mean(first, names)));
}

int fail(const std::string& message, ExitCode code) {
  std::fputs(fmt::format("ironlaw: {}\n", message).c_str(), stderr);
  return static_cast<int>(code);
}

int run(const std::vector<std::string>& words) {
  int code = 0;
  try {
    code = static_cast<int>(dispatch(words));
  } catch (const Error& e) {
    code = fail(e.what(), e.code());
  } catch (const std::bad_alloc&) {
    code = fail("There is not enough memory for this.", ExitCode::bad_input);
  } catch (const std::exception& e) {
    code = fail(fmt::format("Unexpected: {}. This is a bug in ironlaw; please report it.", e.what()),
                ExitCode::bad_input);
  }
  return finish_output() ? code : static_cast<int>(ExitCode::bad_input);
}

}  // namespace
}  // namespace ironlaw

int main(int argc, char** argv) {
  ironlaw::prepare_output();
  const ironlaw::Watchdog watchdog;
  return ironlaw::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

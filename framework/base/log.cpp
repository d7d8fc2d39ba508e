#include "framework/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace ironlaw {
namespace {

// The mutex in the sink makes lines whole, whichever thread writes them.
spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("ironlaw", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_pattern("ironlaw: %l: %v");
    made.set_level(spdlog::level::warn);
    made.flush_on(spdlog::level::trace);
    return made;
  }();
  return instance;
}

}  // namespace

void set_verbose(bool verbose) {
  logger().set_level(verbose ? spdlog::level::info : spdlog::level::warn);
}

// "{}": a message is text, never a format.
void warn(std::string_view message) {
  logger().warn("{}", message);
}

void detail(std::string_view message) {
  logger().info("{}", message);
}

}  // namespace ironlaw

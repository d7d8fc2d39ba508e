#include "framework/cli/workbench.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"

namespace ironlaw {

Workbench::Workbench() : host_(load_plugins()) {
  hardware_.assign(host_.hardware().begin(), host_.hardware().end());
  predictor_ = std::make_unique<Predictor>(
      std::vector<const ironlaw_wall*>(host_.walls().begin(), host_.walls().end()));
  store_ = std::make_unique<Store>(database_path().string(), Store::Access::write);
  observations_ = store_->observations();
  rounds_ = store_->rounds();

  // The lowering and the fit are in the executable, the equations in the plugins.
  std::vector<std::filesystem::path> files = {"/proc/self/exe"};
  for (const LoadedPlugin& plugin : host_.plugins()) files.push_back(plugin.path);
  identity_ = identify(*store_, observations_, host_.walls(), host_.hardware(), files);
}

ValidationInputs Workbench::inputs() {
  return {observations_, rounds_, hardware_, *predictor_, store_.get(), identity_, options()};
}

FitOptions Workbench::options() const {
  FitOptions options;
  options.progress = slow_progress("fit");
  return options;
}

std::function<void(const std::string&)> slow_progress(const char* command) {
  const auto start = std::chrono::steady_clock::now();
  return [command, start](const std::string& text) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (seconds > 1) std::fputs(fmt::format("{} ({:.0f} s): {}\n", command, seconds, text).c_str(), stderr);
  };
}

}  // namespace ironlaw

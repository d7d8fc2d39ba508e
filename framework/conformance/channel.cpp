#include "framework/conformance/channel.hpp"

#include <unistd.h>

namespace ironlaw::conformance {

void Channel::write(const nlohmann::json& line) {
  // A plugin's texts need not be UTF-8.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(descriptor_, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace ironlaw::conformance

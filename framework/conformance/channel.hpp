// From the process that runs a candidate to the one that waits: lines of JSON through a pipe.
//
//   {"begin": "values"}                            a check begins
//   {"at": "wall memory (traffic)"}                what it is about to do
//   {"result": {"check": .., "verdict": .., ..}}   what it found
//   {"identity": {..}}  {"nearest": {..}}
//   {"done": true}                                 all checks have been run
#pragma once

#include <string>

#include "framework/conformance/result.hpp"

namespace ironlaw::conformance {

class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  void begin(const std::string& check) { write({{"begin", check}}); }
  void at(const std::string& what) { write({{"at", what}}); }
  void result(const CheckResult& result) { write({{"result", result}}); }
  void identity(const Identity& identity) { write({{"identity", identity}}); }
  void nearest(const Nearest& nearest) { write({{"nearest", nearest}}); }
  void done() { write({{"done", true}}); }

 private:
  // A line that cannot be written is lost: then nobody reads any more.
  void write(const nlohmann::json& line);
  int descriptor_;
};

}  // namespace ironlaw::conformance

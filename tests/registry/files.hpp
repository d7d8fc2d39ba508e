// What the tests of model files share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "../plugin/scratch.hpp"
#include "framework/base/error.hpp"
#include "registry/model_file.hpp"

namespace ironlaw::testing {

inline LoadedModel published(const std::string& name) {
  return load_model(std::filesystem::path(CONFIGS_DIR) / name);
}

// A file of that name in a folder of the test's own.
class ModelFile {
 public:
  ModelFile(const std::string& name, const std::string& text) : path_(scratch_.path() / name) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  Scratch scratch_;
  std::filesystem::path path_;
};

// Why a file is refused, without its path.
inline std::string refusal_of(const std::filesystem::path& path) {
  try {
    load_model(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_input);
    std::string message = error.what();
    const std::size_t at = message.find(path.string());
    EXPECT_EQ(at, 0u) << message;
    return at == 0 ? message.substr(path.string().size()) : message;
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

inline std::string refusal_of(const std::string& name, const std::string& text) {
  return refusal_of(ModelFile(name, text).path());
}

inline TransformerShape shape_in(const std::string& name, const std::string& text) {
  return load_model(ModelFile(name, text).path()).spec().shape;
}

}  // namespace ironlaw::testing

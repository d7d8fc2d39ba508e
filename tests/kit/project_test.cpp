// Projects as text; tests/out_of_tree builds them.
#include "framework/kit/project.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "framework/base/error.hpp"
#include "framework/kit/template.hpp"
#include "tests/plugin/scratch.hpp"

namespace ironlaw {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

HardwareProject chip() {
  return {.id = "My-Chip-1+",
          .vendor = "Somebody",
          .family = "mine",
          .kind = "gpu",
          .year = 2026,
          .figures = {{"peak_bf16", "FLOP/s", 500e12, "page 3"},
                      {"peak_bf16_sparse", "FLOP/s", 1e15, "page \"4\"", "", IRONLAW_SPEC_SPARSE},
                      {"memory_capacity", "B", 64 * 1073741824.0, "page 3", "six stacks"},
                      {"memory_bandwidth", "B/s", 1.23456789e12, "measured", "best of ten",
                       IRONLAW_SPEC_UNVERIFIED},
                      {"cache_ladder_l2", "B/s", 5e12, "measured"}},
          .shape = "GpuTiles<132>"};
}

TEST(Project, AChipsFiguresAreAllInItsSource) {
  const Scratch scratch;
  const auto files = write_hardware_project(TEMPLATES_DIR, scratch.path() / "new" / "deep", chip());
  EXPECT_THAT(files,
              ElementsAre(".gitignore", "CMakeLists.txt", "README.md", "my_chip_1_.cpp", "tests.cmake"));
  const std::string source = text_of(scratch.path() / "new" / "deep" / "my_chip_1_.cpp");
  for (const char* part :
       {"constexpr const char* kSource1 = \"page 3\";\n",
        "constexpr const char* kSource2 = \"page \\\"4\\\"\";\n",
        "constexpr const char* kSource3 = \"measured\";\n", "    .id = \"My-Chip-1+\",\n",
        "    .year = 2026};\n", "    {spec::peak_bf16, 500 * tera, kSource1},\n",
        "    {{\"peak_bf16_sparse\", \"FLOP/s\"}, 1 * peta, kSource2, \"\", kSparse},\n",
        "    {spec::memory_capacity, 64 * gibi, kSource1, \"six stacks\"},\n",
        "    {spec::memory_bandwidth, 1.23456789 * tera, kSource3, \"best of ten\", kUnverified},\n",
        "    {{\"cache_ladder_l2\", \"B/s\"}, 5 * tera, kSource3},\n", "#include <ironlaw/shapes.hpp>\n",
        "IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, GpuTiles<132>)\n"})
    EXPECT_THAT(source, HasSubstr(part));
  for (const fs::path& file : files)
    EXPECT_THAT(text_of(scratch.path() / "new" / "deep" / file), Not(HasSubstr("@"))) << file;
}

TEST(Project, WallsAndAnalysesHaveTheirNameAndNumber) {
  const Scratch scratch;
  for (const bool is_analysis : {false, true}) {
    const fs::path folder = scratch.path() / (is_analysis ? "a" : "w");
    const auto files = write_wall_project(TEMPLATES_DIR, folder,
                                          {.id = "dram_refresh", .number = 31, .is_analysis = is_analysis});
    EXPECT_THAT(files,
                ElementsAre(".gitignore", "CMakeLists.txt", "README.md", "dram_refresh.cpp", "tests.cmake"));
    const std::string source = text_of(folder / "dram_refresh.cpp");
    EXPECT_THAT(source, HasSubstr("    .number = 31,"));
    EXPECT_THAT(source, HasSubstr("    .title = \"Dram refresh\",\n"));
    EXPECT_THAT(source,
                HasSubstr(is_analysis ? "IRONLAW_EXPORT_ANALYSIS(kInfo" : "IRONLAW_EXPORT_WALL(kInfo"));
    EXPECT_THAT(text_of(folder / "CMakeLists.txt"), HasSubstr("find_package(ironlaw 1.0 REQUIRED)"));
  }
}

TEST(Project, NothingIsWrittenOfWhatWouldNotLoad) {
  const Scratch scratch;
  const fs::path folder = scratch.path() / "chip";
  const auto refused = [&](const auto& change) {
    HardwareProject project = chip();
    change(project);
    return message_of([&] { write_hardware_project(TEMPLATES_DIR, folder, project); });
  };
  EXPECT_THAT(refused([](auto& p) { p.id = "../up"; }),
              HasSubstr("The name of a target is '../up'; it must be"));
  EXPECT_THAT(refused([](auto& p) { p.id = ""; }), HasSubstr("The name of a target is ''"));
  EXPECT_THAT(refused([](auto& p) { p.figures.clear(); }), HasSubstr("it has no figures"));
  EXPECT_THAT(refused([](auto& p) { p.figures[0].value = -1; }),
              HasSubstr("its value -1 is not a positive number"));
  EXPECT_THAT(refused([](auto& p) { p.figures[0].unit = "GB"; }),
              HasSubstr("it is in GB and must be in FLOP/s"));
  EXPECT_THAT(refused([](auto& p) { p.figures[0].source = ""; }), HasSubstr("it has no source"));
  EXPECT_THAT(refused([](auto& p) { p.figures[1].flags = 0; }),
              HasSubstr("a sparse figure is one that is flagged"));
  EXPECT_THAT(refused([](auto& p) { p.figures[0].note = "\x1b[31m"; }), HasSubstr("not plain text"));
  EXPECT_THAT(refused([](auto& p) { p.vendor = ""; }), HasSubstr("its vendor, family or kind is missing"));
  for (const char* id :
       {"", "9lives", "Upper", "with-dash", "a_name_that_is_longer_than_forty_characters_is"})
    EXPECT_THAT(message_of([&] {
                  write_wall_project(TEMPLATES_DIR, folder, {id, 23, false});
                }),
                HasSubstr("The name of a wall is"))
        << id;
  EXPECT_THAT(message_of([&] {
                write_wall_project(TEMPLATES_DIR, folder, {"mine", 22, false});
              }),
              HasSubstr("1 to 22 are the taxonomy's"));
  EXPECT_FALSE(fs::exists(folder));
}

TEST(Project, WhatIsThereIsLeftAlone) {
  const Scratch scratch;
  const WallProject project{"mine", 23, false};
  fs::create_directory(scratch.path() / "empty");
  EXPECT_EQ(write_wall_project(TEMPLATES_DIR, scratch.path() / "empty", project).size(), 5u);
  EXPECT_THAT(message_of([&] { write_wall_project(TEMPLATES_DIR, scratch.path() / "empty", project); }),
              HasSubstr("is there already and is not empty"));
  std::ofstream(scratch.path() / "file") << "mine";
  EXPECT_THAT(message_of([&] { write_wall_project(TEMPLATES_DIR, scratch.path() / "file", project); }),
              HasSubstr("is there already and is no folder"));
  EXPECT_EQ(text_of(scratch.path() / "file"), "mine");
  fs::create_symlink("nowhere", scratch.path() / "link");
  EXPECT_THAT(message_of([&] { write_wall_project(TEMPLATES_DIR, scratch.path() / "link", project); }),
              HasSubstr("is there already"));
  EXPECT_THAT(message_of([&] { write_wall_project("/nowhere", scratch.path() / "other", project); }),
              HasSubstr("there is no folder /nowhere/common"));
}

TEST(Template, FieldsAreFilledInTextsAndNames) {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "@name@");
  std::ofstream(scratch.path() / "@name@" / "@name@.txt.in") << "@name@ at @ 3 GB, me@host, @name@@name@";
  std::ofstream(scratch.path() / "ignored.txt") << "@name@";
  const RenderedFiles expected = {{"chip/chip.txt", "chip at @ 3 GB, me@host, chipchip"}};
  EXPECT_EQ(render_folder(scratch.path(), {{"name", "chip"}}), expected);
  EXPECT_THAT(message_of([&] { render_folder(scratch.path(), {}); }),
              HasSubstr("has a field @name@ that nobody fills"));
}

}  // namespace
}  // namespace ironlaw

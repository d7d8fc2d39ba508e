// ironlaw plugin new: what it says and refuses; tests/out_of_tree builds what it writes.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/cli/run.hpp"

namespace ironlaw::test {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kChip = {"--peak-bf16", "500 TFLOP/s", "--memory", "64GiB",
                                        "--bandwidth", "2 TB/s",      "--source", "datasheet, page 3"};

Result plugin_new(std::vector<std::string> words, const std::vector<std::string>& more = {}) {
  words.insert(words.begin(), {"plugin", "new"});
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

TEST(PluginNew, WritesAProjectAndSaysHowToGoOn) {
  const TemporaryFolder folder;
  const std::string dir = (folder.path() / "chip").string();
  const Result result = plugin_new({"hardware", "My-Chip-1", "--dir", dir, "--format", "json"}, kChip);
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["folder"], dir);
  ASSERT_EQ(json["files"].size(), 5u);
  for (const auto& file : json["files"])
    EXPECT_TRUE(std::filesystem::is_regular_file(folder.path() / "chip" / file.get<std::string>())) << file;
  ASSERT_EQ(json["assumed"].size(), 4u);
  EXPECT_EQ(json["assumed"][0], "vendor unknown");
  EXPECT_EQ(json["next"].back(), "ironlaw solve llama-3.1-8b My-Chip-1 --params textbook");
}

TEST(PluginNew, GivesAWallTheFirstNumberThatIsFree) {
  const TemporaryFolder folder;
  const Result result = plugin_new({"wall", "dram_refresh", "--dir", (folder.path() / "w").string()});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("is a project for wall dram_refresh"));
  EXPECT_THAT(result.out, HasSubstr("cmake --install build"));
  EXPECT_THAT(plugin_new({"wall", "other", "--number", "21", "--dir", (folder.path() / "o").string()}).err,
              HasSubstr("--number is '21'; it must be a whole number from 23 to"));
}

TEST(PluginNew, SaysAllThatATargetLacksWithAnExample) {
  const Result result = plugin_new({"hardware", "My-Chip-1"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "");
  for (const char* part : {"--peak-bf16", "--memory", "--bandwidth", "--source",
                           "For example: ironlaw plugin new hardware My-Chip-1 --peak-bf16 \"500 TFLOP/s\""})
    EXPECT_THAT(result.err, HasSubstr(part));
  EXPECT_THAT(plugin_new({"hardware", "My-Chip-1", "--set", "peak_bf16_sparse=1 PFLOP/s"}).err,
              HasSubstr("a dense peak"));
}

TEST(PluginNew, RefusesWhatItCannotUse) {
  const TemporaryFolder folder;
  const std::string dir = (folder.path() / "x").string();
  struct Case {
    std::vector<std::string> words;
    const char* message;
    bool is_chip = false;
  };
  const Case cases[] = {
      {{}, "plugin new needs more. Usage: ironlaw plugin new hardware|wall|analysis NAME"},
      {{"wal", "x"},
       "The kind of plugin is 'wal'; it is one of hardware, wall, analysis. Did you mean wall?"},
      {{"wall", "Not-Lower"}, "The name of a wall is 'Not-Lower'; it must be made of a-z"},
      {{"wall", "memory"}, "There is a wall memory already, number 2."},
      {{"analysis", "sensitivity"}, "There is a wall sensitivity already, number 21."},
      {{"wall", "x", "--power", "3W"}, "--power is a hardware target's; a wall has no datasheet."},
      {{"analysis", "x", "--shape", "gpu_tiles:3"}, "--shape is a hardware target's; an analysis has"},
      {{"hardware", "x/../y"}, "The name of a target is 'x/../y'; it must be made of", true},
      {{"hardware", "h100 sxm 80gb"}, "There is a hardware target H100-SXM-80GB already", true},
      {{"hardware", "X", "--number", "30"}, "--number is a wall's", true},
      {{"hardware", "X", "--power", "500"}, "--power is '500': it has no unit", true},
      {{"hardware", "X", "--link", "3 W"}, "'W' measures J/s", true},
      {{"hardware", "X", "--power", "-3 W"}, "its value -3 is not a positive number", true},
      {{"hardware", "X", "--year", "1066"}, "--year is '1066'; it must be a whole number from 1970 to", true},
      {{"hardware", "X", "--shape", "gpu_tile:3"}, "Did you mean gpu_tiles?", true},
      {{"hardware", "X", "--shape", "gpu_tiles"},
       "A number of --shape gpu_tiles is ''; it must be a whole number",
       true},
      {{"hardware", "X", "--shape", "systolic_array:128x0"}, "is '0'; it must be a whole number", true},
      {{"hardware", "X", "--set", "scaleup_size"}, "--set is 'scaleup_size'; it must be NAME=VALUE", true},
      {{"hardware", "X", "--set", "scaleup_sise=8"}, "Did you mean scaleup_size", true},
      {{"hardware", "X", "--set", "power_sparse=8W"}, "a datasheet has no such figure that walls know", true},
      {{"hardware", "X", "--set", "peak_bf16=8TFLOP/s"}, "spec peak_bf16 is declared twice", true},
      {{"hardware", "X", "--set", "peak_bf16_sparse=1TFLOP/s"}, "is below the dense peak_bf16", true},
      {{"hardware", "X", "--peak-fp12", "1TFLOP/s"},
       "plugin new has no option --peak-fp12. Did you mean",
       true},
  };
  for (const Case& c : cases) {
    std::vector<std::string> words = c.words;
    words.insert(words.end(), {"--dir", dir});
    const Result result = plugin_new(words, c.is_chip ? kChip : std::vector<std::string>{});
    EXPECT_EQ(result.code, 1) << c.message;
    EXPECT_EQ(result.out, "") << c.message;
    EXPECT_THAT(result.err, HasSubstr(c.message));
    EXPECT_FALSE(std::filesystem::exists(dir)) << c.message;
  }
}

}  // namespace
}  // namespace ironlaw::test

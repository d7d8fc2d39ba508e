// Every accelerator of the published results has a target, or a reason why it has none. All rows of the
// tables count here, also those that are no observations (latencies).
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "datasets/csv.hpp"
#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {
namespace {

struct Alias {
  std::string canonical, reason;
};
using Aliases = std::map<std::pair<std::string, std::string>, Alias>;  // by suite and name

Aliases read_aliases(const std::string& kind) {
  Aliases aliases;
  const CsvTable table = CsvTable::read(IRONLAW_FACTS_DIR "/aliases.csv");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    if (row.text("kind") == kind)
      aliases[{row.text("suite"), row.text("name")}] = {row.text("canonical"), row.text("reason")};
  }
  return aliases;
}

std::set<std::string> targets() {
  const PluginHost host(SearchPath{{{PLUGIN_DIR}}, false});
  std::set<std::string> ids;
  for (const ironlaw_hardware* h : host.hardware()) ids.insert(h->id);
  return ids;
}

struct Count {
  int closed = 0, closed_without_target = 0;
};

// Counts one table of results into `count`; `stated` and `name` are its columns.
void count_rows(const std::string& suite, const char* stated, const char* name, Count& count) {
  const Aliases by_name = read_aliases("device"), by_words = read_aliases("device_stated");
  const std::set<std::string> known = targets();
  const CsvTable table = CsvTable::read(IRONLAW_FACTS_DIR "/mlperf_" + suite + "/results.csv");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    const auto words = by_words.find({suite, row.text(stated)});
    const auto named = by_name.find({suite, row.text(name)});
    ASSERT_TRUE(words != by_words.end() || named != by_name.end())
        << suite << ": no alias for '" << row.text(name) << "'";
    if (row.text("division") != "closed") continue;
    const Alias& alias = words != by_words.end() ? words->second : named->second;
    ++count.closed;
    if (!known.contains(alias.canonical)) ++count.closed_without_target;
  }
}

TEST(Mapping, AtMostATwentiethOfTheClosedRowsHasNoTarget) {
  Count count;
  count_rows("inference", "accelerator", "accelerator_id", count);
  count_rows("training", "accelerator_model", "accelerator", count);
  std::printf("%d of %d closed rows without a target\n", count.closed_without_target, count.closed);
  EXPECT_GT(count.closed, 10000);
  EXPECT_LE(count.closed_without_target, count.closed / 20);
}

TEST(Mapping, EveryNameHasATargetOrAReason) {
  const std::set<std::string> known = targets();
  for (const char* kind : {"device", "device_stated"})
    for (const auto& [name, alias] : read_aliases(kind))
      EXPECT_TRUE(known.contains(alias.canonical) || !alias.reason.empty())
          << name.first << " '" << name.second << "' (" << alias.canonical << ")";
}

}  // namespace
}  // namespace ironlaw

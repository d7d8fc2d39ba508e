// The order in which sets of conditions are tried.
#include "framework/audit/condition_search.hpp"

#include "tests/audit/support.hpp"

namespace ironlaw {
namespace {

using ::testing::ElementsAre;

Change toy(const char* dimension, double size, int devices = 1) {
  return {dimension, dimension, size, [devices](Conditions& c) { c.product.devices += devices; }};
}

TEST(ConditionSearch, FewestFirstThenSmallest) {
  const std::vector<Change> changes = {toy("a", 3), toy("b", 1), toy("c", 2)};
  EXPECT_THAT(change_sets(changes, 3), ElementsAre(ChangeSet{1}, ChangeSet{2}, ChangeSet{0}, ChangeSet{1, 2},
                                                   ChangeSet{0, 1}, ChangeSet{0, 2}, ChangeSet{0, 1, 2}));
}

TEST(ConditionSearch, AtMostOneOfADimension) {
  const std::vector<Change> changes = {toy("a", 1), toy("a", 2), toy("b", 1)};
  EXPECT_THAT(change_sets(changes, 3),
              ElementsAre(ChangeSet{0}, ChangeSet{2}, ChangeSet{1}, ChangeSet{0, 2}, ChangeSet{1, 2}));
}

TEST(ConditionSearch, NoMoreThanAsked) {
  const std::vector<Change> changes = {toy("a", 1), toy("b", 1), toy("c", 1), toy("d", 1)};
  EXPECT_EQ(change_sets(changes, 1).size(), 4U);
  EXPECT_EQ(change_sets(changes, 2).size(), 4U + 6);
  EXPECT_EQ(change_sets(changes, 3).size(), 4U + 6 + 4);
  EXPECT_TRUE(change_sets({}, 3).empty());
}

TEST(ConditionSearch, AppliesAllOfASet) {
  const std::vector<Change> changes = {toy("a", 1, 10), toy("b", 1, 100), toy("c", 1, 1000)};
  EXPECT_EQ(with_changes({}, changes, {0, 2}).product.devices, 1 + 10 + 1000);
}

}  // namespace
}  // namespace ironlaw

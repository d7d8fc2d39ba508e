#include "datasets/coverage.hpp"

#include "datasets/store.hpp"

namespace ironlaw {

std::vector<DeviceUse> device_uses(const std::string& path) {
  // The submitter's own words are looked up first, as Loader::load_result does.
  const QueryResult result =
      query(path,
            "SELECT o.suite, coalesce(s.name, o.device_raw) AS written, o.device, d.id IS NOT NULL,"
            " count(CASE o.division WHEN 'closed' THEN 1 END) AS closed, count(*) - count(CASE o.division "
            "WHEN 'closed' THEN 1 END) AS other,"
            " CASE WHEN s.name IS NULL THEN a.reason ELSE s.reason END"
            " FROM observation o"
            " LEFT JOIN alias s ON s.kind = 'device_stated' AND s.suite = o.suite"
            "  AND s.name = o.device_stated AND s.round = ''"
            " LEFT JOIN alias a ON a.kind = 'device' AND a.suite = CASE WHEN o.round IS NULL THEN 'any' ELSE "
            "o.suite END"
            "  AND a.name = o.device_raw AND a.round = ''"
            " LEFT JOIN device d ON d.id = o.device"
            " GROUP BY o.suite, written, o.device"
            " ORDER BY closed DESC, other DESC, o.suite, written");
  std::vector<DeviceUse> uses;
  uses.reserve(result.rows.size());
  for (const auto& row : result.rows)
    uses.push_back({row[0].text, row[1].text, row[2].text, row[3].text == "1", std::stoll(row[4].text),
                    std::stoll(row[5].text), row[6].text});
  return uses;
}

}  // namespace ironlaw

#include "datasets/store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "datasets/sqlite.hpp"

namespace ironlaw {

namespace {

struct Reader {
  const Statement* statement;
  int column = 0;
  void operator()(const char*, std::string& value) { value = statement->text(column++); }
  void operator()(const char*, std::optional<std::int64_t>& value) {
    if (!statement->is_null(column)) value = statement->integer(column);
    ++column;
  }
  void operator()(const char*, std::optional<double>& value) {
    if (!statement->is_null(column)) value = statement->real(column);
    ++column;
  }
  void operator()(const char*, double& value) { value = statement->real(column++); }
  void operator()(const char*, std::int64_t& value) { value = statement->integer(column++); }
  void operator()(const char*, bool& value) { value = statement->integer(column++) != 0; }
};

// Collects the conditions of a WHERE and the texts bound to them.
class Where {
 public:
  void any_of(std::string_view column, const std::vector<std::string>& allowed) {
    if (allowed.empty()) return;
    std::string marks;
    for (const std::string& value : allowed) {
      marks += marks.empty() ? "?" : ", ?";
      values_.push_back(value);
    }
    that(fmt::format("{} IN ({})", column, marks));
  }
  void compare(std::string_view condition, const std::string& value) {
    if (value.empty()) return;
    that(condition);
    values_.push_back(value);
  }
  void that(std::string_view condition) {
    text_ += fmt::format("{}{}", text_.empty() ? " WHERE " : " AND ", condition);
  }
  const std::string& text() const { return text_; }
  void bind(Statement& statement) const {
    for (std::size_t i = 0; i < values_.size(); ++i)
      statement.bind(static_cast<int>(i) + 1, std::string_view(values_[i]));
  }

 private:
  std::string text_;
  std::vector<std::string> values_;
};

}  // namespace

Store::Store(const std::string& path, Access access) : path_(path), access_(access) {
  check_is_ours(path);
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) inode_ = status.st_ino;
  db_ = std::make_unique<Database>(path, access == Access::read ? OpenMode::read_only : OpenMode::read_write);
}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

std::vector<Observation> Store::observations(const Selection& selection) const {
  Where where;
  where.any_of("o.suite", selection.suites);
  where.any_of("o.source", selection.sources);
  where.any_of("o.round", selection.rounds);
  where.any_of("o.division", selection.divisions);
  where.any_of("o.scenario", selection.scenarios);
  where.any_of("o.quantity", selection.quantities);
  where.any_of("o.device", selection.devices);
  where.any_of("o.model", selection.models);
  where.compare("o.published >= ?", selection.published_from);
  where.compare("o.published <= ?", selection.published_to);
  if (!selection.with_duplicates) where.that("o.duplicate_of IS NULL");
  if (!selection.with_inferred) where.that("o.inferred = 0");
  if (!selection.with_power_limited) where.that("o.power_limited = 0");
  if (!selection.with_unknown) where.that("o.device IS NOT NULL AND o.model IS NOT NULL");

  Observation row;
  std::string columns;
  visit_columns(row, [&](const char* column, const auto&) { columns += fmt::format("o.{}, ", column); });
  Statement select =
      db_->prepare(fmt::format("SELECT {}o.id FROM observation o{} ORDER BY o.id", columns, where.text()));
  where.bind(select);
  std::vector<Observation> rows;
  while (select.step()) {
    row = Observation();
    Reader reader{&select};
    visit_columns(row, reader);
    row.id = select.integer(reader.column);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<OperatorRecord> Store::operators(const OperatorSelection& selection) const {
  Where where;
  where.any_of("op", selection.ops);
  where.any_of("device", selection.devices);
  where.any_of("precision", selection.precisions);
  where.any_of("source", selection.sources);
  if (!selection.with_held) where.that("held = 0");
  if (!selection.with_suspect) where.that("suspect = 0");
  if (!selection.with_unknown) where.that("device IS NOT NULL");
  std::string columns;
  const OperatorRecord any;
  visit_operator_columns(any,
                         [&](const char* column, const auto&) { columns += fmt::format("{}, ", column); });
  Statement select =
      db_->prepare(fmt::format("SELECT {}id FROM operator_measurement{} ORDER BY id", columns, where.text()));
  where.bind(select);
  std::vector<OperatorRecord> rows;
  while (select.step()) {
    Reader reader{&select};
    visit_operator_columns(rows.emplace_back(), reader);
    rows.back().id = select.integer(reader.column);
  }
  return rows;
}

std::vector<PeerRecord> Store::peer_predictions() const {
  std::string columns;
  const PeerRecord any;
  visit_peer_columns(any, [&](const char* column, const auto&) { columns += fmt::format("{}, ", column); });
  Statement select = db_->prepare(fmt::format("SELECT {}id FROM peer_prediction ORDER BY id", columns));
  std::vector<PeerRecord> rows;
  while (select.step()) {
    Reader reader{&select};
    visit_peer_columns(rows.emplace_back(), reader);
    rows.back().id = select.integer(reader.column);
  }
  return rows;
}

std::vector<ProbeRecord> Store::probes() const {
  std::string columns;
  const ProbeRecord any;
  visit_probe_columns(any, [&](const char* column, const auto&) {
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", column);
  });
  Statement select = db_->prepare(fmt::format("SELECT {} FROM probe_measurement ORDER BY rowid", columns));
  std::vector<ProbeRecord> rows;
  while (select.step()) {
    Reader reader{&select};
    visit_probe_columns(rows.emplace_back(), reader);
  }
  return rows;
}

std::vector<Round> Store::rounds() const {
  Statement select = db_->prepare("SELECT id, suite, published, note FROM round ORDER BY published, id");
  std::vector<Round> rounds;
  while (select.step()) rounds.push_back({select.text(0), select.text(1), select.text(2), select.text(3)});
  return rounds;
}

std::vector<ObservationCount> Store::counts(std::string_view device, std::string_view split) const {
  Statement select = db_->prepare(
      "SELECT o.suite, coalesce(o.round, o.suite) AS label, o.model, o.scenario, count(*), "
      "count(e.observation) "
      "FROM observation o LEFT JOIN residual e ON e.observation = o.id AND e.held_out = 0 AND "
      "e.fit = (SELECT id FROM fit WHERE split = ?2) WHERE o.device = ?1 "
      "GROUP BY o.suite, label, o.model, o.scenario ORDER BY o.suite, min(o.published), label, o.model, "
      "o.scenario");
  select.bind(1, device);
  select.bind(2, split);
  std::vector<ObservationCount> counts;
  while (select.step())
    counts.push_back({select.text(0), select.text(1), select.text(2), select.text(3), select.integer(4),
                      select.integer(5)});
  return counts;
}

std::string Store::data_hash() const {
  Statement select = db_->prepare("SELECT value FROM meta WHERE key = 'data_hash'");
  return select.step() ? select.text(0) : std::string();
}

std::string data_hash(const std::string& path) {
  return Store(path).data_hash();
}

}  // namespace ironlaw

#include "datasets/importers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "datasets/hash.hpp"
#include "datasets/own.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

const std::string kSameRow = "the same row is already loaded";

// Binds the fields of an observation, or adds them to a hash, according to their types.
struct Binder {
  Statement* statement;
  int index = 0;
  void operator()(const char*, const std::string& value) { statement->bind_or_null(++index, value); }
  void operator()(const char*, const std::optional<std::int64_t>& value) {
    statement->bind_or_null(++index, value);
  }
  void operator()(const char*, const std::optional<double>& value) {
    statement->bind_or_null(++index, value);
  }
  void operator()(const char*, double value) { statement->bind(++index, value); }
  void operator()(const char*, std::int64_t value) { statement->bind(++index, value); }
  void operator()(const char*, bool value) { statement->bind(++index, std::int64_t{value}); }
};

struct ContentHasher {
  Fnv1a hash;
  void operator()(std::string_view column, const std::string& value) {
    if (column != "file") hash.add(value);
  }
  void operator()(std::string_view, const std::optional<std::int64_t>& value) {
    hash.add(value ? fmt::format("{}", *value) : "");
  }
  void operator()(std::string_view, const std::optional<double>& value) {
    hash.add(value ? fmt::format("{}", *value) : "");
  }
  void operator()(std::string_view, double value) { hash.add_number(value); }
  void operator()(std::string_view column, std::int64_t value) {
    if (column != "line") hash.add_word(static_cast<std::uint64_t>(value));
  }
  void operator()(std::string_view, bool value) { hash.add_word(value ? 1 : 0); }
};

// Steps an insertion whose values are bound; false when the row is there already.
bool insert_unless_there(Statement& insert) {
  const bool is_added = insert.step();
  insert.reset();
  return is_added;
}

// Does something with a row; an Error is then about it.
template <class Action>
auto at_row(const CsvRow& row, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {  // a CHECK of the schema that the reader does not know of
    throw Error(fmt::format("{}:{}: {}", row.file(), row.line(), error.what()));
  }
}

}  // namespace

ProbeRecord read_probe(const CsvRow& row) {
  const auto positive = [&](const char* column) {
    const double value = row.number(column);
    if (!(value > 0)) row.fail(column, "a number above zero");
    return value;
  };
  const auto optional_positive = [&](const char* column) {
    return row.text(column).empty() ? std::nullopt : std::optional(positive(column));
  };
  ProbeRecord r;
  r.machine = row.required("machine");
  r.device = row.required("device");
  r.cores = row.optional_integer("cores", 1);
  r.memory_bytes = optional_positive("memory_bytes");
  r.kernel = row.text("kernel");
  r.compiler = row.text("compiler");
  r.date = row.required("date");
  if (!is_iso_date(r.date)) row.fail("date", "a date as YYYY-MM-DD");
  r.what = row.required("what");
  r.precision = row.text("precision");
  r.m = row.optional_integer("m", 1);
  r.n = row.optional_integer("n", 1);
  r.k = row.optional_integer("k", 1);
  r.bytes = optional_positive("bytes");
  r.threads = row.integer("threads", 1);
  r.value = positive("value");
  r.median = positive("median");
  r.unit = row.one_of("unit", {"FLOP/s", "B/s", "s"});
  r.spread = row.number("spread");
  if (r.spread < 0) row.fail("spread", "a number that is not negative");
  r.samples = row.integer("samples", 1);
  r.how = row.text("how");
  return r;
}

std::string content_hash(const Observation& o) {
  ContentHasher hasher;
  visit_columns(o, hasher);
  return hasher.hash.text();
}

Loader::Loader(Database& db) : db_(&db) {
  Statement aliases = db.prepare("SELECT kind, suite, name, round, canonical FROM alias");
  while (aliases.step()) {
    for (const NameKind kind : {NameKind::device, NameKind::device_stated, NameKind::model})
      if (aliases.text(0) == text_of(kind))
        names_.add_alias(kind, aliases.text(1), aliases.text(2), aliases.text(3), aliases.text(4));
  }
  Statement devices = db.prepare("SELECT id FROM device");
  while (devices.step()) names_.add_canonical(NameKind::device, devices.text(0));
  Statement models = db.prepare("SELECT id FROM model");
  while (models.step()) names_.add_canonical(NameKind::model, models.text(0));
  Statement rounds = db.prepare("SELECT id, published FROM round");
  while (rounds.step()) rounds_.emplace(rounds.text(0), rounds.text(1));
  Statement sources = db.prepare("SELECT id FROM source");
  while (sources.step()) sources_.insert(sources.text(0));

  Statement understood = db.prepare(
      "SELECT device_stated, min(device) FROM observation WHERE device_stated IS NOT NULL AND device IS NOT "
      "NULL "
      "GROUP BY device_stated HAVING min(device) = max(device)");
  while (understood.step()) understood_.emplace(understood.text(0), understood.text(1));

  const auto prepare_insert = [&](const char* table, const auto& visit_all) {
    std::string columns;
    std::string marks;
    visit_all([&](const char* column, const auto&) {
      columns += fmt::format("{}, ", column);
      marks += "?, ";
    });
    return db.prepare(fmt::format(
        "INSERT INTO {} ({}content) VALUES ({}?) ON CONFLICT (content) DO NOTHING RETURNING rowid", table,
        columns, marks));
  };
  insert_.emplace(prepare_insert("observation", [](auto visit) {
    const Observation any;
    visit_columns(any, visit);
  }));
  insert_time_.emplace(db.prepare("INSERT INTO time_to_train VALUES (?, ?, ?)"));
  insert_operator_.emplace(prepare_insert("operator_measurement", [](auto visit) {
    const OperatorRecord any;
    visit_operator_columns(any, visit);
  }));
  insert_peer_.emplace(prepare_insert("peer_prediction", [](auto visit) {
    const PeerRecord any;
    visit_peer_columns(any, visit);
  }));
  insert_probe_.emplace(prepare_insert("probe_measurement", [](auto visit) {
    const ProbeRecord any;
    visit_probe_columns(any, visit);
  }));
}

void Loader::load(const CsvTable& table, TableKind kind) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const CsvRow row = table.row(i);
    switch (kind) {
      case TableKind::sources:
        load_source(row);
        break;
      case TableKind::rounds:
        load_round(row);
        break;
      case TableKind::aliases:
        load_alias(row);
        break;
      case TableKind::mlperf_inference:
        load_result(row, read_mlperf_inference(row));
        break;
      case TableKind::mlperf_training:
        load_result(row, read_mlperf_training(row));
        break;
      case TableKind::gemm:
        load_operator(row, read_gemm(row));
        break;
      case TableKind::attention_prefill:
        load_operator(row, read_attention_prefill(row));
        break;
      case TableKind::attention_decode:
        load_operator(row, read_attention_decode(row));
        break;
      case TableKind::mla:
        load_operator(row, read_mla(row));
        break;
      case TableKind::moe:
        load_operator(row, read_moe(row));
        break;
      case TableKind::memory:
        load_operator(row, read_memory(row));
        break;
      case TableKind::collective:
        load_operator(row, read_collective(row));
        break;
      case TableKind::expert_exchange:
        load_operator(row, read_expert_exchange(row));
        break;
      case TableKind::microbench:
        load_operator(row, read_microbench(row));
        break;
      case TableKind::published_training:
        load_result(row, read_published_training(row));
        break;
      case TableKind::published_inference:
        load_result(row, read_published_inference(row));
        break;
      case TableKind::vtrain:
        load_result(row, read_vtrain(row));
        load_peers(row, read_vtrain_peer(row));
        break;
      case TableKind::serving:
        for (ResultRow& result : read_serving(row)) load_result(row, std::move(result));
        break;
      case TableKind::calculon:
        load_peers(row, read_calculon(row));
        break;
      case TableKind::aiconfigurator:
        load_peers(row, read_aiconfigurator(row));
        break;
      case TableKind::own_measurement:
        load_result(row, read_own_measurement(row));
        break;
      case TableKind::own_operator:
        load_operator(row, read_own_operator(row));
        break;
      case TableKind::probe:
        load_probe(row);
        break;
    }
  }
}

void Loader::insert_fact(const CsvRow& row, std::string_view shown, const std::string& table,
                         const std::vector<std::string>& columns, const std::vector<std::string>& values,
                         std::size_t keys) {
  std::string where;
  for (std::size_t i = 0; i < keys; ++i) where += fmt::format("{}{} = ?", i == 0 ? "" : " AND ", columns[i]);
  Statement find =
      db_->prepare(fmt::format("SELECT {} FROM {} WHERE {}", fmt::join(columns, ", "), table, where));
  for (std::size_t i = 0; i < keys; ++i) find.bind(static_cast<int>(i) + 1, values[i]);
  if (find.step()) {
    for (std::size_t i = keys; i < columns.size(); ++i)
      if (const std::string before = find.text(static_cast<int>(i)); before != values[i])
        row.fail(
            shown,
            fmt::format("a {} that is not there yet, or the same again (its {} is '{}' already, here '{}')",
                        table, columns[i], before, values[i]));
    skip(row, kSameRow);
    return;
  }
  std::string marks = "?";
  for (std::size_t i = 1; i < columns.size(); ++i) marks += ", ?";
  Statement insert =
      db_->prepare(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, fmt::join(columns, ", "), marks));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    // Key columns are NOT NULL and may be '' (the round of an alias).
    i < keys ? insert.bind(index, values[i]) : insert.bind_or_null(index, values[i]);
  }
  insert.run();
}

void Loader::load_source(const CsvRow& row) {
  const std::string& id = row.required("id");
  insert_fact(row, "id", "source", {"id", "title", "url", "licence", "note"},
              {id, row.required("title"), row.required("url"), row.required("licence"), row.text("note")}, 1);
  sources_.insert(id);
}

void Loader::load_round(const CsvRow& row) {
  const std::string& suite = row.one_of("suite", {"inference", "training"});
  const std::string& published = row.required("published");
  if (!is_iso_date(published)) row.fail("published", "a date as YYYY-MM-DD");
  const std::string id = fmt::format("{}-{}", suite, row.required("round"));
  insert_fact(row, "round", "round", {"id", "suite", "published", "note"},
              {id, suite, published, row.text("note")}, 1);
  rounds_.emplace(id, published);
}

void Loader::load_alias(const CsvRow& row) {
  const std::string& kind = row.one_of("kind", {"device", "device_stated", "model"});
  const std::string& suite = row.one_of("suite", {"inference", "training", "any"});
  const std::string& name = row.required("name");
  const std::string& round = row.text("round");
  const std::string& canonical = row.text("canonical");
  if (canonical.empty() && row.text("reason").empty())
    row.fail("reason", "a reason why there is no canonical name, when `canonical` is blank");
  if (!round.empty() && !rounds_.contains(fmt::format("{}-{}", suite, round)))
    row.fail("round", "blank, or a round of that suite in the table of rounds");
  insert_fact(row, "name", "alias", {"name", "kind", "suite", "round", "canonical", "reason"},
              {name, kind, suite, round, canonical, row.text("reason")}, 4);
  for (const NameKind known : {NameKind::device, NameKind::device_stated, NameKind::model})
    if (kind == text_of(known)) names_.add_alias(known, suite, name, round, canonical);
}

std::string Loader::resolve(NameKind kind, const std::string& suite, const std::string& round,
                            const std::string& name) {
  const auto canonical = names_.canonical(kind, suite, round, name);
  if (!canonical) ++unknown_names_[fmt::format("{} '{}' ({})", text_of(kind), name, suite)];
  return canonical.value_or("");
}

// Rows of one cell are not independent.
std::string cell_of(const Observation& o) {
  const auto or_raw = [](const std::string& name, const std::string& raw) {
    return name.empty() ? raw : name;
  };
  const auto number = [](const auto& value) { return value ? fmt::format("{}", *value) : std::string("?"); };
  const std::string device = or_raw(o.device, o.device_raw);
  const std::string model = or_raw(o.model, o.model_raw);
  const std::string precision = or_raw(o.precision, "?");
  if (!o.round.empty())
    return fmt::format("{}|{}|{}|{}|{}|{}", o.round, device, number(o.accelerators), model, precision,
                       o.scenario);
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}>{}|{}", o.suite, o.source, device, number(o.accelerators),
                     model, precision, or_raw(o.sequence_length, "?"), number(o.input_len),
                     number(o.output_len), o.scenario);
}

std::string Loader::round_of(const CsvRow& row, const Observation& o) {
  if (o.suite != "inference" && o.suite != "training") return {};
  if (!rounds_.contains(o.round)) {
    std::vector<std::string> known;
    for (const auto& [id, published] : rounds_)
      if (id.starts_with(o.suite + "-")) known.push_back(id.substr(o.suite.size() + 1));
    row.fail("round", fmt::format("a round of the table of rounds: {}", fmt::join(known, ", ")));
  }
  return o.round.substr(o.suite.size() + 1);
}

std::string Loader::device_of(const Observation& o, const std::string& round) {
  if (const auto stated = names_.canonical(NameKind::device_stated, o.suite, round, o.device_stated))
    return *stated;
  if (const auto known = names_.canonical(NameKind::device, o.suite, round, o.device_raw)) return *known;
  if (const auto before = understood_.find(o.device_stated); before != understood_.end())
    return before->second;
  return resolve(NameKind::device, o.suite, round, o.device_raw);
}

bool Loader::is_there(const Observation& o) {
  Statement find = db_->prepare(
      "SELECT 1 FROM observation WHERE round = ? AND division = ? AND submitter = ? AND platform = ? AND "
      "model_raw = ? "
      "AND scenario = ? AND accuracy_class IS ?");
  int index = 0;
  for (const std::string* text :
       {&o.round, &o.division, &o.submitter, &o.platform, &o.model_raw, &o.scenario})
    find.bind(++index, *text);
  find.bind_or_null(++index, o.accuracy_class);
  return find.step();
}

void Loader::load_result(const CsvRow& row, ResultRow result) {
  Observation& o = result.observation;
  const std::string round = round_of(row, o);
  if (!round.empty()) o.published = rounds_.at(o.round);
  require_source(row, o.source, result.source_title);
  if (!result.reason.empty()) return skip(row, result.reason);

  if (row.has("from_checkout") && is_there(o)) return skip(row, "the database has this result");
  o.device = device_of(o, round);
  o.model = resolve(NameKind::model, o.suite, round, o.model_raw);
  o.cell = cell_of(o);

  const std::string content = content_hash(o);
  Binder binder{&*insert_};
  visit_columns(o, binder);
  insert_->bind(binder.index + 1, content);
  if (!at_row(row, [&] { return insert_unless_there(*insert_); })) return skip(row, kSameRow);
  added_.push_back(content);
  ++observations_added_;
  if (!result.train_time_s) return;
  insert_time_->bind(1, db_->last_insert_id());
  insert_time_->bind(2, *result.train_time_s);
  insert_time_->bind_or_null(3, result.scaling);
  insert_time_->run();
}

void Loader::require_source(const CsvRow& row, const std::string& id, const std::string& title) {
  if (sources_.contains(id)) return;
  if (title.empty())
    throw Error(
        fmt::format("{}:{}: there is no source '{}' in the table of sources.", row.file(), row.line(), id));
  Statement insert = db_->prepare("INSERT INTO source (id, title, url, licence) VALUES (?, ?, ?, ?)");
  insert.bind(1, id);
  insert.bind(2, title);
  insert.bind(3, title);  // these tables write where to find a source, not what it is called
  insert.bind(4, "not stated; numbers quoted");
  insert.run();
  sources_.insert(id);
}

void Loader::load_operator(const CsvRow& row, OperatorRow result) {
  OperatorRecord& r = result.record;
  require_source(row, r.source, result.source_title);
  if (!result.reason.empty()) return skip(row, result.reason);
  r.device = resolve(NameKind::device, "operators", "", r.device_raw);
  ContentHasher hasher;
  visit_operator_columns(r, hasher);
  Binder binder{&*insert_operator_};
  visit_operator_columns(r, binder);
  const std::string content = hasher.hash.text();
  insert_operator_->bind(binder.index + 1, content);
  if (!at_row(row, [&] { return insert_unless_there(*insert_operator_); })) return skip(row, kSameRow);
  added_.push_back(content);
  ++operators_added_;
}

void Loader::load_peers(const CsvRow& row, std::vector<PeerRecord> records) {
  for (PeerRecord& r : records) {
    require_source(row, r.source, "");
    if (!r.device_raw.empty()) r.device = resolve(NameKind::device, "peers", "", r.device_raw);
    if (!r.model_raw.empty()) r.model = resolve(NameKind::model, "peers", "", r.model_raw);
    ContentHasher hasher;
    visit_peer_columns(r, hasher);
    Binder binder{&*insert_peer_};
    visit_peer_columns(r, binder);
    const std::string content = hasher.hash.text();
    insert_peer_->bind(binder.index + 1, content);
    if (!at_row(row, [&] { return insert_unless_there(*insert_peer_); }))
      skip(row, kSameRow);
    else
      added_.push_back(content);
  }
}

void Loader::load_probe(const CsvRow& row) {
  const ProbeRecord record = read_probe(row);
  if (!at_row(row, [&] { return add(record); })) return skip(row, kSameRow);
  ++probes_added_;
}

bool Loader::add(const ProbeRecord& record) {
  ContentHasher hasher;
  visit_probe_columns(record, hasher);
  Binder binder{&*insert_probe_};
  visit_probe_columns(record, binder);
  insert_probe_->bind(binder.index + 1, hasher.hash.text());
  return insert_unless_there(*insert_probe_);
}

}  // namespace ironlaw

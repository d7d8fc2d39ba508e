// Fits in the store: they come back as they were, and only for what they were made with.
#include "calibration/stored_fit.hpp"
#include "calibration/flat.hpp"

#include "tests/calibration/holdout.hpp"

namespace ironlaw::test {
namespace {

// A database of few rows with a fit of them.
struct Stored : testing::Test {
  Stored() {
    write_facts(dir);
    std::vector<Fields> rows;
    for (int devices : {1, 2, 4, 8})
      for (const char* round : {"v4.0", "v4.1"})
        rows.push_back(inference_row({{"round", round},
                                      {"accelerators_total", fmt::format("{}", devices)},
                                      {"tp", ""},
                                      {"batch", ""},
                                      {"tokens_per_s", fmt::format("{}", 2800 * devices)}}));
    write(dir / "facts/rounds.csv",
          "suite,round,published,note\ninference,v4.0,2024-03-27,\ninference,v4.1,2024-08-28,\n"
          "training,v1.1,2021-12-01,\ntraining,v4.0,2024-06-12,\n");
    write(dir / "facts/inference.csv", table(rows));
    build_database(path, inputs(dir));
    model = model_hash(plugins().walls(), plugins().hardware());
    for (const ironlaw_hardware* h : hardware()) device_ids.emplace_back(h->id);
    store = std::make_unique<Store>(path, Store::Access::write);
    identity = {store->data_hash(), model, "program", device_ids};
    observations = store->observations({.suites = {"inference"}});
    fitted = lowered(observations, hardware(), predictor);
    EXPECT_EQ(fitted.size(), 8u);
    options.rounds = 3;
    fit = fit_parameters(fitted, options);
  }
  void save() { save_fit(*store, kFullSplit, identity, fit, fitted, {}); }
  void add_row(const Fields& changes) {
    write(dir / "more.csv", table({inference_row(changes)}));
    import_files(path, {dir / "more.csv"});
  }

  Directory dir;
  std::string path = dir / "a.db";
  std::string model;
  std::vector<std::string> device_ids;
  std::unique_ptr<Store> store;
  FitIdentity identity;
  std::vector<Observation> observations;
  Predictor predictor{walls()};
  std::vector<Row> fitted;
  FitOptions options;
  Fit fit;
};

void expect_same_predictions(const std::vector<Row>& rows, const ParameterSet& a, const ParameterSet& b) {
  const auto of_a = predict_rates(rows, a);
  const auto of_b = predict_rates(rows, b);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    EXPECT_EQ(of_a[r].rate, of_b[r].rate);
    EXPECT_EQ(of_a[r].variance.half50(), of_b[r].variance.half50());
    EXPECT_EQ(of_a[r].variance.half90(), of_b[r].variance.half90());
  }
}

TEST_F(Stored, AFitComesBackWithItsPredictionsAndIntervals) {
  save();
  const std::optional<Fit> back = load_fit(*store, kFullSplit, identity);
  ASSERT_TRUE(back);
  expect_same_predictions(fitted, fit.parameters, back->parameters);
  // Also where levels are new and their spreads count.
  const std::vector<Row> others = lowered({inference([](Observation& o) {
                                             o.device = "MI300X";
                                             o.model = "gpt-j-6b";
                                           }),
                                           training()},
                                          hardware(), predictor);
  ASSERT_EQ(others.size(), 2u);
  expect_same_predictions(others, fit.parameters, back->parameters);
  EXPECT_EQ(back->parameters.spreads(), fit.parameters.spreads());
  EXPECT_EQ(back->noise.size(), 1u);
  EXPECT_EQ(back->flat_noise.size(), 1u);
  EXPECT_EQ(back->parameters.flat_noise, fit.parameters.flat_noise);
  EXPECT_EQ(back->parameters.flat_shares, fit.parameters.flat_shares);
  EXPECT_EQ(back->parameters.novelty_errors, fit.parameters.novelty_errors);
  EXPECT_EQ(flat_of(*back).parameters.effects().size(), flat_of(fit).parameters.effects().size());
  // What the rows span, too: 1 to 8 devices of one kind, at both steps.
  ASSERT_EQ(back->parameters.ranges.size(), 2u);
  const FittedRange& range = back->parameters.ranges.at("decoder.decode");
  EXPECT_EQ(range.rows, 8);
  EXPECT_EQ(range.devices, std::set<std::string>{"H100-SXM-80GB"});
  EXPECT_EQ(range.models, std::set<std::string>{"llama-2-70b"});
  EXPECT_EQ(range.spans.at("devices").low, 1);
  EXPECT_EQ(range.spans.at("devices").high, 8);
  EXPECT_EQ(range.spans.size(), fit.parameters.ranges.at("decoder.decode").spans.size());
  EXPECT_EQ(back->rows, 8);
  EXPECT_EQ(back->cells, 8);
  EXPECT_EQ(back->cost, fit.cost);
  EXPECT_EQ(back->converged, fit.converged);
  for (std::size_t i = 0; i < fit.parameters.effects().size(); ++i)
    EXPECT_EQ(is_determined(fit.parameters.effects()[i]), is_determined(back->parameters.effects()[i]));
}

TEST_F(Stored, ResidualsAndParametersCanBeRead) {
  save();
  const FitRecord record = *store->load_fit(kFullSplit, true);
  ASSERT_EQ(record.residuals.size(), 8u);
  for (const FitResidual& r : record.residuals) {
    EXPECT_FALSE(r.held_out);
    EXPECT_NEAR(r.log_error, std::log(r.predicted / r.observed), 1e-15);
  }
  for (const FitParameter& p : record.parameters) {
    if (p.name == "matmul_efficiency" && p.scope == "global") {
      EXPECT_NEAR(p.prior_mean, std::log(0.7 / 0.3), 1e-12);
      EXPECT_NEAR(p.value, 1 / (1 + std::exp(-p.value_link)), 1e-12);
      EXPECT_EQ(p.prior_sd, 0.5);
    }
    if (p.name == "network_latency") {
      EXPECT_FALSE(p.determined);
      EXPECT_NEAR(p.value, 5e-6, 1e-18);
    }
  }
}

TEST_F(Stored, AnythingElseIsNotReused) {
  save();
  EXPECT_TRUE(load_fit(*store, kFullSplit, identity));
  EXPECT_FALSE(load_fit(*store, "round=inference-v4.1", identity));
  for (std::string FitIdentity::*part : {&FitIdentity::data, &FitIdentity::model, &FitIdentity::program}) {
    FitIdentity other = identity;
    other.*part += "x";
    EXPECT_FALSE(load_fit(*store, kFullSplit, other));
  }
}

TEST_F(Stored, AValidationIsMadeOnceAndFoldsEachTime) {
  int fits = 0;
  const std::vector<Round> rounds = store->rounds();
  const std::vector<const ironlaw_hardware*> chips = hardware();
  ValidationInputs inputs_here{observations, rounds, chips, predictor, store.get(), identity, options};
  inputs_here.options.progress = [&](const std::string&) { ++fits; };
  const HoldOut holdout{"round", "inference-v4.1"};
  const Validation made = validate(holdout, inputs_here);
  EXPECT_FALSE(made.reused);
  EXPECT_GT(fits, 0);
  fits = 0;
  const Validation again = validate(holdout, inputs_here);
  EXPECT_TRUE(again.reused);
  EXPECT_EQ(fits, 0);
  ASSERT_EQ(again.groups.size(), made.groups.size());
  for (std::size_t g = 0; g < made.groups.size(); ++g) {
    EXPECT_EQ(again.groups[g].n, made.groups[g].n);
    EXPECT_EQ(again.groups[g].median_ape, made.groups[g].median_ape);
    EXPECT_EQ(again.groups[g].bias, made.groups[g].bias);
    EXPECT_EQ(again.groups[g].coverage90, made.groups[g].coverage90);
  }
  EXPECT_EQ(again.fitted_rows, made.fitted_rows);
  inputs_here.identity.program = "another";
  EXPECT_FALSE(validate(holdout, inputs_here).reused);

  EXPECT_EQ(store->splits(), (std::vector<std::string>{"round=inference-v4.1"}));
  fits = 0;
  validate_folds(2, inputs_here);
  EXPECT_GT(fits, 0);
  EXPECT_EQ(store->splits().size(), 1u);
}

TEST_F(Stored, CalibratedParametersAreTheFullFit) {
  save();
  const ParameterSet set = load_calibrated(path, walls(), hardware());
  expect_same_predictions(fitted, fit.parameters, set);
  EXPECT_EQ(set.origin, "fitted to 8 rows in 8 cells");
  EXPECT_FALSE(set.is_textbook());
}

TEST_F(Stored, CalibratedParametersSayWhatToDoWhenThereAreNone) {
  const auto loading = [&](const std::string& database, const auto& the_walls) {
    return message_of([&] { load_calibrated(database, the_walls, hardware()); });
  };
  auto fewer_walls = walls();
  fewer_walls.erase(fewer_walls.begin());
  expect_contains(loading(dir / "none.db", walls()),
                  {"no database", "none.db", "ironlaw db build", "ironlaw calibrate", "--params textbook"});
  expect_contains(loading(path, walls()), {"no fit yet", "ironlaw calibrate", "--params textbook"});
  // A validation's fit is not the full one.
  save_fit(*store, "round=inference-v4.1", identity, fit, fitted, {});
  expect_contains(loading(path, walls()), {"no fit yet"});
  save();
  expect_contains(loading(path, fewer_walls),
                  {"walls or datasheets have changed", "`ironlaw calibrate` again", "--params textbook"});
  EXPECT_NO_THROW(load_calibrated(path, walls(), hardware()));
  // A chip that the fit rests on is gone; one that it does not know may come.
  auto fewer_chips = hardware();
  std::erase(fewer_chips, fitted.front().hardware);
  expect_contains(message_of([&] { load_calibrated(path, walls(), fewer_chips); }),
                  {"datasheets have changed"});
  ironlaw_hardware stranger = *hardware().front();
  stranger.id = "Stranger-1";
  auto more_chips = hardware();
  more_chips.push_back(&stranger);
  EXPECT_NO_THROW(load_calibrated(path, walls(), more_chips));
  add_row({{"round", "v4.0"}, {"accelerators_total", "16"}});
  expect_contains(loading(path, walls()),
                  {"observations have changed", "`ironlaw calibrate` again", "--params textbook"});
}

TEST(ModelHash, ChangesWithTheWallsAndTheDatasheets) {
  const auto all_walls = walls();
  auto chips = hardware();
  const std::string all = model_hash(all_walls, chips);
  EXPECT_EQ(all, model_hash(all_walls, chips));
  auto fewer_walls = all_walls;
  const auto is = [](std::uint32_t number) {
    return [=](const ironlaw_wall* w) { return w->number == number; };
  };
  ASSERT_EQ(std::erase_if(fewer_walls, is(22)), 1u);
  EXPECT_EQ(all, model_hash(fewer_walls, chips)) << "an analysis changes no prediction";
  ASSERT_EQ(std::erase_if(fewer_walls, is(19)), 1u);
  EXPECT_NE(all, model_hash(fewer_walls, chips));
  EXPECT_NE(all, model_hash(all_walls, std::span(chips).first(chips.size() - 1)));

  Clones clones;
  ironlaw_hardware* chip = clones.add(chips[0]->id, chips[0]->id, chips[0]->family, chips[0]->vendor);
  chips[0] = chip;
  EXPECT_EQ(all, model_hash(all_walls, chips));
  std::vector<const ironlaw_spec*> specs(chip->specs, chip->specs + chip->n_specs);
  ironlaw_spec changed = *specs[1];
  changed.value *= 1 + 1e-15;
  specs[1] = &changed;
  chip->specs = specs.data();
  EXPECT_NE(all, model_hash(all_walls, chips));

  // A prior.
  auto changed_walls = all_walls;
  ironlaw_wall software = *all_walls[2];
  ironlaw_function function = *software.functions[0];
  std::vector<const ironlaw_port*> ports(function.inputs, function.inputs + function.n_inputs);
  ironlaw_port port =
      **std::find_if(ports.begin(), ports.end(), [](const auto* p) { return p->prior_sd > 0; });
  for (const ironlaw_port*& p : ports)
    if (std::string_view(p->name) == port.name) p = &port;
  port.prior_sd += 0.01;
  function.inputs = ports.data();
  std::vector<const ironlaw_function*> functions(software.functions,
                                                 software.functions + software.n_functions);
  functions[0] = &function;
  software.functions = functions.data();
  changed_walls[2] = &software;
  EXPECT_NE(model_hash(all_walls, hardware()), model_hash(changed_walls, hardware()));
}

// An equation that changes although its version and ports do not.
TEST(ModelHash, ChangesWithAnEquationWhoseVersionWasNotRaised) {
  static const ironlaw_function* memory = nullptr;
  auto changed_walls = walls();
  ironlaw_wall wall = **std::find_if(changed_walls.begin(), changed_walls.end(),
                                     [](const ironlaw_wall* w) { return w->number == 2; });
  memory = wall.functions[0];
  ironlaw_function function = *memory;
  // The same, but for a thousandth of its first output.
  function.eval = [](const double* const* in, double* const* out, std::size_t n, ironlaw_error* error) {
    const std::int32_t status = memory->eval(in, out, n, error);
    for (std::size_t i = 0; i < n; ++i) out[0][i] *= 1.001;
    return status;
  };
  std::vector<const ironlaw_function*> functions(wall.functions, wall.functions + wall.n_functions);
  functions[0] = &function;
  wall.functions = functions.data();
  changed_walls[1] = &wall;
  ASSERT_EQ(walls()[1]->number, 2u);
  EXPECT_EQ(ports_hash(*walls()[1]), ports_hash(wall));
  EXPECT_NE(model_hash(walls(), hardware()), model_hash(changed_walls, hardware()));
  function.eval = memory->eval;
  EXPECT_EQ(model_hash(walls(), hardware()), model_hash(changed_walls, hardware()));
}

TEST(FilesHash, IsOfTheBytes) {
  const Directory dir;
  write(dir / "a", std::string(100000, 'a'));
  write(dir / "b", std::string(100000, 'a'));
  write(dir / "c", std::string(99999, 'a') + "b");
  EXPECT_EQ(files_hash({dir / "a"}), files_hash({dir / "b"}));
  EXPECT_NE(files_hash({dir / "a"}), files_hash({dir / "c"}));
  EXPECT_NE(files_hash({dir / "a"}), files_hash({dir / "a", dir / "c"}));
  expect_contains(message_of([&] { files_hash({dir / "none"}); }), {"none", "cannot be read"});
}

}  // namespace
}  // namespace ironlaw::test

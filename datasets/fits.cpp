// The part of Store that keeps fits.
#include <fmt/format.h>
#include <sys/stat.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "datasets/file_lock.hpp"
#include "datasets/sqlite.hpp"
#include "datasets/store.hpp"
#include "framework/base/error.hpp"

namespace ironlaw {

namespace {

static_assert(std::endian::native == std::endian::little, "the covariance is stored as the machine holds it");

constexpr double kLockTimeoutS = 60;

void check_fit(const FitRecord& fit) {
  if (fit.split.empty()) throw Error("A fit without a text for its split cannot be stored.");
  const std::size_t p = fit.parameters.size();
  if (fit.covariance.size() != p * p)
    throw Error(fmt::format("The fit '{}' has {} parameters; its covariance must have {} numbers, not {}.",
                            fit.split, p, p * p, fit.covariance.size()));
  const auto finite = [&](double value, std::string_view what) {
    if (!std::isfinite(value))
      throw Error(fmt::format("The fit '{}': {} is {}; allowed: a finite number.", fit.split, what, value));
  };
  for (const double value : fit.covariance) finite(value, "a covariance");
  for (const FitParameter& p_i : fit.parameters)
    for (const double value : {p_i.value_link, p_i.se_link, p_i.value, p_i.prior_mean, p_i.prior_sd})
      finite(value, fmt::format("a number of the parameter '{}' ({} '{}')", p_i.name, p_i.scope, p_i.level));
  for (const FitResidual& residual : fit.residuals)
    for (const double value : {residual.predicted, residual.observed, residual.log_error})
      finite(value, fmt::format("a number of the residual of observation {}", residual.observation));
}

void insert_parameters(Database& db, std::int64_t id, const FitRecord& fit) {
  Statement row = db.prepare("INSERT INTO parameter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t position = 0;
  for (const FitParameter& parameter : fit.parameters) {
    row.bind(1, id);
    row.bind(2, position++);
    row.bind(3, parameter.name);
    row.bind(4, parameter.scope);
    row.bind(5, parameter.level);
    row.bind(6, parameter.value_link);
    row.bind(7, parameter.se_link);
    row.bind(8, parameter.value);
    row.bind(9, parameter.prior_mean);
    row.bind(10, parameter.prior_sd);
    row.bind(11, std::int64_t{parameter.determined});
    row.run();
  }
}

void insert_residuals(Database& db, std::int64_t id, const FitRecord& fit) {
  Statement row = db.prepare("INSERT INTO residual VALUES (?, ?, ?, ?, ?, ?)");
  for (const FitResidual& residual : fit.residuals) {
    row.bind(1, id);
    row.bind(2, residual.observation);
    row.bind(3, residual.predicted);
    row.bind(4, residual.observed);
    row.bind(5, residual.log_error);
    row.bind(6, std::int64_t{residual.held_out});
    row.run();
  }
}

}  // namespace

std::int64_t Store::save_fit(const FitRecord& fit) {
  if (access_ != Access::write)
    throw Error(fmt::format("Database '{}' was opened for reading; a fit cannot be stored in it.", path_));
  check_fit(fit);
  const FileLock lock(path_, kLockTimeoutS);
  struct stat now {};
  if (stat(path_.c_str(), &now) != 0 || now.st_ino != inode_)
    throw Error(fmt::format("Database '{}' was rebuilt while the fit '{}' ran: run the fit again.", path_,
                            fit.split));

  Transaction transaction(*db_);
  Statement remove = db_->prepare("DELETE FROM fit WHERE split = ?");
  remove.bind(1, fit.split);
  remove.run();
  Statement row = db_->prepare(
      "INSERT INTO fit (created_from_data_hash, split, options, summary, covariance, n_rows, n_cells) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  row.bind(1, fit.data_hash);
  row.bind(2, fit.split);
  row.bind(3, fit.options);
  row.bind(4, fit.summary);
  row.bind_blob(5, std::as_bytes(std::span(fit.covariance)));
  row.bind(6, fit.rows);
  row.bind(7, fit.cells);
  row.run();
  const std::int64_t id = db_->last_insert_id();
  insert_parameters(*db_, id, fit);
  insert_residuals(*db_, id, fit);
  transaction.commit();
  return id;
}

std::optional<FitRecord> Store::load_fit(std::string_view split, bool with_residuals) const {
  Statement row = db_->prepare(
      "SELECT id, split, created_from_data_hash, options, summary, covariance, n_rows, n_cells FROM fit "
      "WHERE split = ?");
  row.bind(1, split);
  if (!row.step()) return std::nullopt;
  FitRecord fit;
  fit.id = row.integer(0);
  fit.split = row.text(1);
  fit.data_hash = row.text(2);
  fit.options = row.text(3);
  fit.summary = row.text(4);
  const auto bytes = row.blob(5);
  fit.covariance.resize(bytes.size() / sizeof(double));
  if (!bytes.empty())
    std::memcpy(fit.covariance.data(), bytes.data(), fit.covariance.size() * sizeof(double));
  fit.rows = row.integer(6);
  fit.cells = row.integer(7);

  Statement parameters = db_->prepare(
      "SELECT name, scope, level, value_link, se_link, value, prior_mean, prior_sd, determined FROM "
      "parameter "
      "WHERE fit = ? ORDER BY position");
  parameters.bind(1, fit.id);
  while (parameters.step())
    fit.parameters.push_back({parameters.text(0), parameters.text(1), parameters.text(2), parameters.real(3),
                              parameters.real(4), parameters.real(5), parameters.real(6), parameters.real(7),
                              parameters.integer(8) != 0});
  if (fit.covariance.size() != fit.parameters.size() * fit.parameters.size())
    throw Error(fmt::format("Database '{}': the fit '{}' is incomplete. Fit again.", path_, fit.split));
  if (!with_residuals) return fit;

  Statement residuals = db_->prepare(
      "SELECT observation, predicted, observed, log_error, held_out FROM residual WHERE fit = ? "
      "ORDER BY observation");
  residuals.bind(1, fit.id);
  while (residuals.step())
    fit.residuals.push_back({residuals.integer(0), residuals.real(1), residuals.real(2), residuals.real(3),
                             residuals.integer(4) != 0});
  return fit;
}

std::vector<std::string> Store::splits() const {
  Statement select = db_->prepare("SELECT split FROM fit ORDER BY split");
  std::vector<std::string> splits;
  while (select.step()) splits.push_back(select.text(0));
  return splits;
}

}  // namespace ironlaw

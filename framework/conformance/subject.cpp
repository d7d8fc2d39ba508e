#include "framework/conformance/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "framework/base/suggest.hpp"

namespace ironlaw::conformance {
namespace {

constexpr std::size_t kMostKept = 200;  // rows of one function
constexpr std::size_t kTrialDevices = 4;

std::vector<NamedFunction> functions_of(const ironlaw_plugin& plugin) {
  std::vector<NamedFunction> result;
  for (std::uint32_t w = 0; w < plugin.n_walls; ++w)
    for (std::uint32_t f = 0; f < plugin.walls[w]->n_functions; ++f) {
      const ironlaw_function* const function = plugin.walls[w]->functions[f];
      result.push_back({function, fmt::format("wall {} ({})", plugin.walls[w]->id, function->name)});
    }
  for (std::uint32_t h = 0; h < plugin.n_hardware; ++h)
    if (const ironlaw_function* const shape = plugin.hardware[h]->shape)
      result.push_back({shape, fmt::format("the shape function of {}", plugin.hardware[h]->id)});
  return result;
}

}  // namespace

Subject::Subject(std::filesystem::path path, const ironlaw_plugin& plugin, const SearchPath& search,
                 bool is_quick, std::function<void(const std::string&)> at)
    : path_(std::move(path)),
      plugin_(plugin),
      is_quick_(is_quick),
      at_(std::move(at)),
      functions_(functions_of(plugin)),
      with_(search, LoadedPlugin{path_, {}, &plugin}),
      without_(search),
      before_calls_(ProcessState::now()),
      printed_before_calls_(bytes_printed()) {}

bool Subject::is_installed() const {
  const auto& plugins = without_.plugins();
  return std::any_of(plugins.begin(), plugins.end(), [&](const auto& p) { return p.table == &plugin_; });
}

std::vector<const ironlaw_hardware*> Subject::catalogue() const {
  std::set<std::string> own;
  for (const ironlaw_hardware* h : own_hardware()) own.insert(normalised(h->id));
  std::vector<const ironlaw_hardware*> result;
  for (const ironlaw_hardware* h : without_.hardware())
    if (!own.contains(normalised(h->id))) result.push_back(h);
  return result;
}

std::vector<const ironlaw_hardware*> Subject::devices() const {
  if (!has_walls()) return {own_hardware().begin(), own_hardware().end()};
  std::vector<const ironlaw_hardware*> all = catalogue();
  std::stable_sort(all.begin(), all.end(),
                   [](const auto* a, const auto* b) { return a->n_specs > b->n_specs; });
  std::vector<const ironlaw_hardware*> result;
  std::set<std::string_view> seen;  // vendors first, then whatever is left
  for (const bool takes_any : {false, true})
    for (const ironlaw_hardware* h : all)
      if (result.size() < kTrialDevices && std::find(result.begin(), result.end(), h) == result.end() &&
          (takes_any || seen.insert(h->vendor).second))
        result.push_back(h);
  return result;
}

Predictor& Subject::predictor_with() {
  if (!predictor_with_)
    predictor_with_ = std::make_unique<Predictor>(
        std::vector<const ironlaw_wall*>(with_.walls().begin(), with_.walls().end()));
  return *predictor_with_;
}

Predictor& Subject::predictor_without() {
  if (!predictor_without_)
    predictor_without_ = std::make_unique<Predictor>(
        std::vector<const ironlaw_wall*>(without_.walls().begin(), without_.walls().end()));
  return *predictor_without_;
}

void Subject::keep_row(const ironlaw_function* function, Row row) {
  std::vector<Row>& rows = kept_[function];
  if (rows.size() < kMostKept) rows.push_back(std::move(row));
}

const std::vector<Row>& Subject::kept_rows(const ironlaw_function& function) const {
  static const std::vector<Row> none;
  const auto found = kept_.find(&function);
  return found == kept_.end() ? none : found->second;
}

std::vector<Row> Subject::rows(const ironlaw_function& function, int made) const {
  std::vector<Row> result = rows_of(function, made);
  const std::vector<Row>& kept = kept_rows(function);
  result.insert(result.end(), kept.begin(), kept.end());
  return result;
}

}  // namespace ironlaw::conformance

// ironlaw places: what is known of the electricity of places.
#include <fmt/format.h>

#include <algorithm>

#include "framework/base/error.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/facts.hpp"
#include "framework/cli/output.hpp"
#include "framework/report/json.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "places",
    .synopsis = "[NAME] [options]",
    .summary =
        "Lists what is known of places and may be used with --place: the carbon intensity of the grid, "
        "water, "
        "the price of electricity and the PUE, each with its year and source. NAME shows the places whose "
        "name "
        "holds it, with all years; without it the newest figures of every place are shown.",
    .options = {{"year", "YYYY", "only figures of this year"}, {"format", "F", "text, json or csv; text"}},
    .most_names = 1,
    .more = "example: ironlaw places quebec",
};

struct Row {
  const Place* place;
  const PlaceFigure* figure;
};

bool has_in_name(const Place& place, std::string_view part) {
  return normalised(place.id).find(normalised(part)) != std::string::npos ||
         normalised(place.name).find(normalised(part)) != std::string::npos;
}

[[noreturn]] void no_place(const std::vector<Place>& places, const std::string& given) {
  std::vector<std::string> names;
  names.reserve(places.size());
  for (const Place& place : places) names.push_back(place.name);
  throw Error(fmt::format("There is no place '{}'.{} `ironlaw places` lists them.", given,
                          did_you_mean(given, names)));
}

// The figures that are asked for, places in the order of the table.
std::vector<Row> rows_of(const std::vector<Place>& places, const std::string& part, std::optional<int> year) {
  std::vector<Row> rows;
  for (const Place& place : places) {
    if (!has_in_name(place, part)) continue;
    for (const PlaceFigure& figure : place.figures) {
      const bool is_shown =
          year ? figure.year == *year : !part.empty() || place.figure(figure.quantity) == &figure;
      if (is_shown) rows.push_back({&place, &figure});
    }
  }
  return rows;
}

std::string text_of(const std::vector<Row>& rows) {
  TextTable table({Align::left, Align::left, Align::left, Align::right, Align::left});
  table.add({"place", "quantity", "year", "value", "source"});
  for (const auto& [place, figure] : rows)
    table.add({place->name, figure->quantity, std::to_string(figure->year), figure->text, figure->source});
  return table.text();
}

std::string csv_of(const std::vector<Row>& rows) {
  std::string text =
      csv_line({"place", "name", "quantity", "year", "value", "unit", "text", "source", "note"});
  for (const auto& [place, figure] : rows)
    text += csv_line({place->id, place->name, figure->quantity, std::to_string(figure->year),
                      fmt::format("{}", figure->value), figure->unit, figure->text, figure->source,
                      figure->note});
  return text;
}

Json json_of(const std::vector<Row>& rows) {
  Json json = Json::array();
  for (const auto& [place, figure] : rows)
    json.push_back({{"place", place->id},
                    {"name", place->name},
                    {"quantity", figure->quantity},
                    {"year", figure->year},
                    {"value", figure->value},
                    {"unit", figure->unit},
                    {"text", figure->text},
                    {"source", figure->source},
                    {"note", figure->note}});
  return json;
}

}  // namespace

ExitCode cmd_places(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const std::optional<int> year = arguments->integer("year", kFirstYear, kLastYear);
  const std::vector<Place> places = load_places();
  const std::string part = arguments->names().empty() ? "" : arguments->names()[0];
  const bool is_known =
      std::any_of(places.begin(), places.end(), [&](const Place& place) { return has_in_name(place, part); });
  if (!arguments->names().empty() && (normalised(part).empty() || !is_known)) no_place(places, part);
  const std::vector<Row> rows = rows_of(places, part, year);

  switch (format) {
    case Format::text:
      print(text_of(rows));
      break;
    case Format::json:
      print(json_text(json_of(rows)));
      break;
    case Format::csv:
      print(csv_of(rows));
      break;
  }
  return ExitCode::ok;
}

}  // namespace ironlaw

#include "framework/cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>

#include "framework/base/error.hpp"
#include "framework/base/log.hpp"
#include "framework/base/suggest.hpp"
#include "framework/cli/output.hpp"
#include "framework/report/text_table.hpp"

namespace ironlaw {
namespace {

namespace po = boost::program_options;

constexpr double kHuge = 1e15;  // no count in a computer's life is larger

constexpr Option kCommonOptions[] = {{"verbose", "", "say on stderr what is being done"},
                                     {"help", "", "show this"}};

std::vector<Option> all_options(const Usage& usage) {
  std::vector<Option> options = usage.options;
  options.insert(options.end(), std::begin(kCommonOptions), std::end(kCommonOptions));
  return options;
}

std::string help(const Usage& usage) {
  std::string text = fmt::format("usage: ironlaw {} {}\n\n{}\n\noptions:\n", usage.command, usage.synopsis,
                                 wrap(usage.summary, kPageWidth, ""));
  std::size_t widest = 0;
  const auto left = [](const Option& o) { return fmt::format("  --{} {}", o.name, o.argument); };
  for (const Option& o : all_options(usage)) widest = std::max(widest, left(o).size());
  const std::string indent(widest + 2, ' ');
  for (const Option& o : all_options(usage)) {
    std::string line = left(o);
    line.resize(indent.size(), ' ');
    text += line + wrap(o.help, kPageWidth, indent, indent.size()) + '\n';
  }
  if (*usage.more) text += fmt::format("\n{}\n", usage.more);
  return text;
}

[[noreturn]] void refuse_option(const Usage& usage, const std::string& given) {
  std::vector<std::string> known;
  for (const Option& o : all_options(usage)) known.push_back(fmt::format("--{}", o.name));
  throw Error(fmt::format("{} has no option {}.{} `ironlaw {} --help` lists them.", usage.command, given,
                          did_you_mean(given, known), usage.command));
}

bool is_repeatable(const Usage& usage, const std::string& name) {
  return std::any_of(usage.options.begin(), usage.options.end(),
                     [&](const Option& o) { return name == o.name && o.is_repeatable; });
}

// The name of an option in Boost's messages comes with or without its dashes.
std::string dashed(const std::string& name) {
  return name.starts_with("-") ? name : "--" + name;
}

[[noreturn]] void refuse_number(std::string_view field, const std::string& given, std::string_view wanted) {
  throw Error(fmt::format("{} is '{}'; it must be {}.", field, given, wanted));
}

double parse_number(std::string_view field, const std::string& given, std::string_view wanted) {
  double value = 0;
  const char* end = given.data() + given.size();
  const auto [stopped, error] = std::from_chars(given.data(), end, value);
  if (error == std::errc::result_out_of_range || (error == std::errc() && std::abs(value) > kHuge))
    throw Error(fmt::format("{} is {}; that is out of range (at most {:g}).", field, given, kHuge));
  if (error != std::errc() || stopped != end || !(value > 0)) refuse_number(field, given, wanted);
  return value;
}

}  // namespace

std::optional<std::string> Arguments::text(const std::string& option) const {
  const auto it = values_.find(option);
  return it == values_.end() ? std::nullopt : std::optional(it->second.front());
}

std::vector<std::string> Arguments::all(const std::string& option) const {
  const auto it = values_.find(option);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

std::optional<double> Arguments::positive(const std::string& option) const {
  const auto given = text(option);
  return given ? std::optional(parse_positive("--" + option, *given)) : std::nullopt;
}

std::optional<double> Arguments::count(const std::string& option) const {
  const auto given = text(option);
  return given ? std::optional(parse_count("--" + option, *given)) : std::nullopt;
}

std::optional<int> Arguments::integer(const std::string& option, int low, int high) const {
  const auto given = text(option);
  return given ? std::optional(parse_integer("--" + option, *given, low, high)) : std::nullopt;
}

double parse_positive(std::string_view field, const std::string& given) {
  return parse_number(field, given, "a positive number");
}

double parse_count(std::string_view field, const std::string& given) {
  constexpr const char* kWanted = "a positive whole number";
  const double value = parse_number(field, given, kWanted);
  if (value != std::floor(value)) refuse_number(field, given, kWanted);
  return value;
}

int parse_integer(std::string_view field, const std::string& given, int low, int high) {
  int value = 0;
  const char* end = given.data() + given.size();
  const auto [stopped, error] = std::from_chars(given.data(), end, value);
  if (error != std::errc() || stopped != end || value < low || value > high)
    refuse_number(field, given, fmt::format("a whole number from {} to {}", low, high));
  return value;
}

std::optional<Arguments> parse(const Usage& usage, std::span<const std::string> words) {
  po::options_description description;
  for (const Option& o : all_options(usage)) {
    if (*o.argument)
      description.add_options()(o.name, po::value<std::string>(), o.help);
    else
      description.add_options()(o.name, o.help);
  }
  po::options_description hidden;
  hidden.add(description);
  hidden.add_options()("names", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("names", -1);

  Arguments result;
  try {
    // Without short options: "-1" is then a value, which is answered as such, and not an option "-1".
    // Without guessing: an option that is added later must not change what an old script means.
    using namespace po::command_line_style;
    const auto parsed = po::command_line_parser(std::vector<std::string>(words.begin(), words.end()))
                            .options(hidden)
                            .positional(positional)
                            .style(allow_long | long_allow_adjacent | long_allow_next)
                            .run();
    for (const auto& option : parsed.options) {
      if (option.string_key == "names") {
        for (const std::string& name : option.value) {
          if (name == "-h") {
            print(help(usage));
            return std::nullopt;
          }
          if (name.size() > 1 && name.front() == '-') refuse_option(usage, name);
          result.names_.push_back(name);
        }
        continue;
      }
      // Boost takes whatever follows: "--batch --gpus 8" would say that the batch is "--gpus".
      if (!option.value.empty() && option.value.front().starts_with("--"))
        throw Error(fmt::format("--{} needs a value.", option.string_key));
      std::vector<std::string>& values = result.values_[option.string_key];
      if (!values.empty() && !is_repeatable(usage, option.string_key))
        throw Error(fmt::format("--{} is given twice.", option.string_key));
      values.push_back(option.value.empty() ? "" : option.value.front());
    }
  } catch (const po::unknown_option& e) {
    refuse_option(usage, dashed(e.get_option_name()));
  } catch (const po::invalid_command_line_syntax& e) {
    const bool is_missing = e.kind() == po::invalid_syntax::missing_parameter;
    throw Error(fmt::format("{} {}.", dashed(e.get_option_name()),
                            is_missing ? "needs a value" : "is a switch and takes no value"));
  } catch (const po::error& e) {
    throw Error(fmt::format("The command line cannot be read: {}.", e.what()));
  }

  if (result.has("help")) {
    print(help(usage));
    return std::nullopt;
  }
  if (result.has("verbose")) set_verbose(true);
  if (result.names_.size() < usage.least_names || result.names_.size() > usage.most_names) {
    if (result.names_.size() > usage.most_names)
      throw Error(fmt::format("{} does not understand '{}'. Usage: ironlaw {} {}", usage.command,
                              result.names_[usage.most_names], usage.command, usage.synopsis));
    throw Error(
        fmt::format("{} needs more. Usage: ironlaw {} {}", usage.command, usage.command, usage.synopsis));
  }
  return result;
}

std::string one_of(std::string_view field, const std::string& given, std::span<const std::string> allowed) {
  if (std::find(allowed.begin(), allowed.end(), given) != allowed.end()) return given;
  throw Error(fmt::format("{} is '{}'; it is one of {}.{}", field, given, fmt::join(allowed, ", "),
                          did_you_mean(given, allowed)));
}

Format format_of(const Arguments& arguments, bool has_csv) {
  std::vector<std::string> allowed = {"text", "json"};
  if (has_csv) allowed.emplace_back("csv");
  const std::string given = one_of("--format", arguments.text("format").value_or("text"), allowed);
  return given == "json" ? Format::json : given == "csv" ? Format::csv : Format::text;
}

}  // namespace ironlaw

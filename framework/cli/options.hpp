// What a command understands: its options and names, its help, and numbers as people type them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw {

struct Option {
  const char* name;      // "batch", given as --batch
  const char* argument;  // "N"; "" for a switch
  const char* help;
  bool is_repeatable = false;
};

// The usage of one command. --help and --verbose are added to every command's options.
struct Usage {
  const char* command;   // "solve"
  const char* synopsis;  // "MODEL HARDWARE [options]"
  const char* summary;   // what it does, in a sentence or two
  std::vector<Option> options;
  std::size_t least_names = 0, most_names = 0;  // arguments that are no options
  const char* more = "";                        // shown last in --help
};

// The options and names that were given.
class Arguments {
 public:
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& option) const { return values_.contains(option); }
  std::optional<std::string> text(const std::string& option) const;
  // Every value of a repeatable option, in order.
  std::vector<std::string> all(const std::string& option) const;

  // Numbers: above zero, finite, at most 1e15, nothing behind them. Throw Error that names the option.
  std::optional<double> positive(const std::string& option) const;  // "870.73"
  std::optional<double> count(const std::string& option) const;     // a whole number
  // A whole number between two ends that an int holds.
  std::optional<int> integer(const std::string& option, int low, int high) const;

 private:
  friend std::optional<Arguments> parse(const Usage& usage, std::span<const std::string> words);
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>> values_;
};

// Reads the words behind a command. Nothing when they ask for --help, which is then printed. Throws Error for
// an unknown option (with suggestions), a value that is missing or one too many, and too few or too many
// names.
std::optional<Arguments> parse(const Usage& usage, std::span<const std::string> words);

// Numbers as people type them; `field` is how messages call them ("--batch", "workload.batch"). Above zero,
// finite, at most 1e15, nothing behind them. Throw Error.
double parse_positive(std::string_view field, const std::string& given);
double parse_count(std::string_view field, const std::string& given);  // a whole number
int parse_integer(std::string_view field, const std::string& given, int low, int high);

// One of `allowed`, or Error that names the field and suggests.
std::string one_of(std::string_view field, const std::string& given, std::span<const std::string> allowed);

enum class Format { text, json, csv };
// What --format says; text when it is not given.
Format format_of(const Arguments& arguments, bool has_csv);

}  // namespace ironlaw

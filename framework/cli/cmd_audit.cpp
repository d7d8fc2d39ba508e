// ironlaw audit: what vendors claim, held against the model.
#include <fmt/format.h>

#include <algorithm>

#include "framework/audit/claims_file.hpp"
#include "framework/audit/free_claim.hpp"
#include "framework/base/error.hpp"
#include "framework/base/quantity_text.hpp"
#include "framework/cli/commands.hpp"
#include "framework/cli/facts.hpp"
#include "framework/cli/output.hpp"
#include "framework/cli/paths.hpp"
#include "framework/cli/plugins.hpp"
#include "framework/cli/request.hpp"
#include "framework/report/audit_report.hpp"

namespace ironlaw {
namespace {

const Usage kUsage{
    .command = "audit",
    .synopsis = "[CLAIM-ID ...] [--claim \"...\" | --product P ...] [options]",
    .summary =
        "Holds what vendors claim against the model: what it predicts under the stated conditions, under "
        "which "
        "others a claim would hold (found by search over what the claim leaves open), and the wall that "
        "decides "
        "it. Without arguments all claims of datasets/claims.csv; with ids those; or a claim of your own, in "
        "words or by flags.",
    .options =
        {{"claim", "TEXT", "a claim in words: \"H100 30x A100 llm inference\""},
         {"product", "NAME", "what is praised"},
         {"baseline", "NAME", "what it is held against"},
         {"metric", "M",
          "peak, bandwidth, capacity or their _ratio, throughput_ratio, training_time_ratio, latency_ratio, "
          "cost_ratio, energy_ratio, token_rate, user_token_rate or mfu"},
         {"value", "V", "30, 30x, or with a unit: 12000/s, 3958TFLOP/s, 80TB/s, 768GB"},
         {"model", "MODEL", "a name or a file; left open unless given, as everything below"},
         {"phase", "PHASE", "train, prefill, decode or offline"},
         {"precision", "P", "of the product"},
         {"baseline-precision", "P", "of the baseline"},
         {"batch", "N", "requests at once, or samples of a step, on the product"},
         {"baseline-batch", "N", "on the baseline"},
         {"gpus", "N", "devices of the product"},
         {"baseline-gpus", "N", "devices of the baseline"},
         {"sparse", "YES", "yes or no: whether sparsity is counted on the product"},
         {"input-len", "N", "tokens of a prompt"},
         {"output-len", "N", "tokens generated for a request"},
         {"latency", "TIME", "the longest time between two tokens of a request: 20ms"},
         {"params", "SET", "calibrated (fitted, with an error bar) or textbook; calibrated"},
         {"format", "F", "text, json or csv; text"}},
    .most_names = 1000,
    .more =
        "examples: ironlaw audit C001\n"
        "          ironlaw audit --claim \"H100 30x A100 llm inference\"\n"
        "          ironlaw audit --product h200 --baseline h100 --metric throughput_ratio --value 1.9x "
        "--model "
        "llama-2-70b\n"
        "A claim that is contradicted is a result: the exit code is 0.",
};

// The flags that describe a claim of one's own.
bool has_own_claim(const Arguments& arguments) {
  return std::any_of(kUsage.options.begin(), kUsage.options.end(), [&](const Option& o) {
    const std::string_view name = o.name;
    return name != "params" && name != "format" && arguments.has(o.name);
  });
}

double value_of(const std::string& text, Metric metric) {
  const bool is_ratio = facts_of(metric).is_ratio;
  const std::string number = is_ratio && text.ends_with("x") ? text.substr(0, text.size() - 1) : text;
  const double value = parse_quantity("--value", number, facts_of(metric).unit);
  if (!(value > 0)) throw Error(fmt::format("--value is {}; it must be above zero.", text));
  return value;
}

ClaimSide& baseline_of(Claim& claim) {
  if (!claim.baseline) claim.baseline.emplace();
  return *claim.baseline;
}

std::optional<Precision> precision_of(const Arguments& arguments, const char* option) {
  const auto text = arguments.text(option);
  if (!text) return std::nullopt;
  return parse_precision(fmt::format("--{}", option).c_str(), text->c_str());
}

void set_sides(const Arguments& arguments, Claim& claim) {
  if (const auto text = arguments.text("product")) claim.product.target = claim.product.name = *text;
  if (const auto text = arguments.text("baseline"))
    baseline_of(claim).target = baseline_of(claim).name = *text;
  if (const auto p = precision_of(arguments, "precision")) claim.product.precision = p;
  if (const auto p = precision_of(arguments, "baseline-precision")) baseline_of(claim).precision = p;
  if (const auto n = arguments.count("batch")) claim.product.batch = n;
  if (const auto n = arguments.count("baseline-batch")) baseline_of(claim).batch = n;
  if (const auto n = arguments.integer("gpus", 1, kMostDevicesStated)) claim.product.devices = n;
  if (const auto n = arguments.integer("baseline-gpus", 1, kMostDevicesStated))
    baseline_of(claim).devices = n;
  if (const auto text = arguments.text("sparse")) {
    const std::vector<std::string> allowed = {"yes", "no"};
    claim.product.is_sparse = one_of("--sparse", *text, allowed) == "yes";
  }
}

// A claim in words, with the flags on top.
Claim own_claim(const Arguments& arguments, const PluginHost& host) {
  Claim claim;
  if (const auto text = arguments.text("claim")) {
    claim = parse_free_claim(*text, host);
  } else {
    claim.id = claim.status = "yours";
    claim.vendor = "you";
    if (!arguments.has("metric"))
      throw Error("--metric is missing: what is claimed, as --metric throughput_ratio; or --claim \"...\".");
    if (!arguments.has("value")) throw Error("--value is missing: how much is claimed, as --value 30x.");
  }
  if (const auto text = arguments.text("metric")) claim.metric = parse_metric("--metric", *text);
  if (const auto text = arguments.text("value")) claim.low = claim.high = value_of(*text, claim.metric);
  set_sides(arguments, claim);
  if (const auto text = arguments.text("model")) claim.model = *text;
  if (const auto text = arguments.text("phase")) {
    const std::vector<std::string> allowed = {"train", "prefill", "decode", "offline"};
    claim.task = parse_task(one_of("--phase", *text, allowed));
  }
  if (const auto n = arguments.positive("input-len")) claim.input_len = n;
  if (const auto n = arguments.positive("output-len")) claim.output_len = n;
  if (const auto text = arguments.text("latency")) {
    claim.latency = parse_quantity("--latency", *text, "s");
    if (!(*claim.latency > 0)) throw Error(fmt::format("--latency is {}; it must be above zero.", *text));
  }
  settle_free_claim(claim, host);
  if (claim.text.empty()) claim.text = understood_text(claim);
  return claim;
}

std::vector<Claim> chosen_claims(const std::vector<std::string>& ids) {
  const std::vector<Claim> all =
      read_claims(CsvTable::read((facts_dir() / "claims.csv").string(), "claims.csv"));
  if (ids.empty()) return all;
  std::vector<Claim> chosen;
  chosen.reserve(ids.size());
  for (const std::string& id : ids) chosen.push_back(find_claim(all, id));
  return chosen;
}

}  // namespace

ExitCode cmd_audit(CommandWords words) {
  const auto arguments = parse(kUsage, words);
  if (!arguments) return ExitCode::ok;
  const Format format = format_of(*arguments, true);
  const bool is_own = has_own_claim(*arguments);
  if (is_own && !arguments->names().empty())
    throw Error(fmt::format("audit takes ids of claims or a claim of your own; not both ('{}').",
                            arguments->names()[0]));
  const PluginHost host = load_plugins();
  const std::vector<Claim> claims =
      is_own ? std::vector{own_claim(*arguments, host)} : chosen_claims(arguments->names());
  Ask ask;
  if (const auto text = arguments->text("params")) ask.said["params"] = {*text, "--params"};
  const ParameterSet parameters = parameters_of(ask, host);
  Predictor predictor({host.walls().begin(), host.walls().end()});
  const std::vector<RentalPrice> prices = load_rental_prices();

  AuditAnswer answer;
  answer.parameters = parameters.origin;
  const AuditInputs inputs{host, predictor, parameters, prices};
  for (const Claim& claim : claims) answer.audits.push_back(audit(claim, inputs));

  switch (format) {
    case Format::text:
      if (is_own) print(fmt::format("understood as: {}\n\n", understood_text(claims[0])));
      print(claims.size() == 1 ? audit_page(answer, bold) : audits_text(answer, bold));
      break;
    case Format::json:
      print(json_text(audits_json(answer)));
      break;
    case Format::csv:
      print(audits_csv(answer));
      break;
  }
  return ExitCode::ok;
}

}  // namespace ironlaw

// A claim in somebody's own words: "H100 30x A100 llm inference".
#pragma once

#include <string>
#include <string_view>

#include "framework/audit/claim.hpp"
#include "framework/plugin/plugin_host.hpp"

namespace ironlaw {

// Understands a product, a value (30x, 40% more, 12000 tok/s, 3958 TFLOP/s), a baseline, and words for what
// is compared (inference, training, peak, bandwidth, latency, ...), the model, the precision, sparsity, batch
// and the number of devices (8 H100, DGX H100, GB200 NVL72). What stands before the value is of the product,
// what stands behind it of the baseline; a precision or batch that is given once, behind it, is of both. No
// word is passed over but fillers (than, over, up to): throws Error that names the first that is not
// understood, with suggestions, or what is missing.
Claim parse_free_claim(std::string_view text, const PluginHost& host);

// Looks up all names and gives them as the catalogue has them. Throws Error for what is missing (a product, a
// value, the baseline of a ratio) or not known.
void settle_free_claim(Claim& claim, const PluginHost& host);

}  // namespace ironlaw

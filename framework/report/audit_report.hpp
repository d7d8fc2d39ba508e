// Audits of claims for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "framework/audit/verdict.hpp"
#include "framework/report/json.hpp"

namespace ironlaw {

struct AuditAnswer {
  std::vector<Audit> audits;
  std::string parameters;  // what the predictions rest on
};

// "A100-SXM-80GB against V100-SXM2-32GB: peak_ratio of at least 20x; ...": how a free claim was understood.
std::string understood_text(const Claim& claim);

// A table of all, with the reason below each.
std::string audits_text(const AuditAnswer& answer, std::string (*heading)(std::string_view));
// All about one.
std::string audit_page(const AuditAnswer& answer, std::string (*heading)(std::string_view));
// One object: "claims", a member of it for every audit; values in base units.
Json audits_json(const AuditAnswer& answer);
std::string audits_csv(const AuditAnswer& answer);

}  // namespace ironlaw

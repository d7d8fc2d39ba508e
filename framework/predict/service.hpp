// The closed loop of a service: how many requests run at once depends on how fast they are served, and how
// fast they are served on how many run at once.
#pragma once

#include "framework/predict/evaluator.hpp"

namespace ironlaw {

// Finds the load of a serve case: the number of running requests B at which a replica serves as many requests
// as arrive, B / cycle time(B) = arrival rate / replicas (Little's law), by bisection; the rate grows with B.
// Returns the two cases to be evaluated as one block: what the machine can do at the most, and the load.
// Where more arrives than that, both are the same, and wall 7 says that the queue never ends; where less
// arrives than one request at a time keeps busy, B is 1 and the machine idles in between.
// Throws Error when nobody says how many requests arrive.
struct Service {
  Case capacity, loaded;
  bool is_balanced = false;  // the load follows what arrives: it is neither at its limit nor one request
};
Service settle_service(const Case& serve, const CaseParameters& parameters, Evaluator& evaluator);

}  // namespace ironlaw

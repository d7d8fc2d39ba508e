// Readers of measured times of single operators: the tables of NVIDIA's aiconfigurator (as published,
// distilled) and the table of microbenchmarks from other publications.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/csv.hpp"
#include "datasets/records.hpp"

namespace ironlaw {

// One row of such a table, read and checked, with its device as stated. `reason` says why it is none; empty
// when it is one.
struct OperatorRow {
  OperatorRecord record;
  std::string reason;
  std::string source_title;  // where the table names its sources: what to call this one
};

// Each throws Error with file, line and column for a field that is wrong.
OperatorRow read_gemm(const CsvRow& row);
OperatorRow read_attention_prefill(const CsvRow& row);
OperatorRow read_attention_decode(const CsvRow& row);
OperatorRow read_mla(const CsvRow& row);
OperatorRow read_moe(const CsvRow& row);
OperatorRow read_memory(const CsvRow& row);
OperatorRow read_collective(const CsvRow& row);
OperatorRow read_expert_exchange(const CsvRow& row);
OperatorRow read_microbench(const CsvRow& row);

// Whether the site named `site` ("4096x1024": n x k of a product) belongs to the recommended hold-out: a
// fifth, by the CRC-32 of the name (datasets/README.md, "Operators").
bool is_held_site(std::string_view site);

// Every third message size, by the power of two below it.
bool is_held_size(double bytes);

// The precisions that a name of a kernel's data type stands for.
struct KernelPrecision {
  std::string products;  // in which the matrix products run
  std::string weights;   // in which the weights are stored, where that is another
  std::string variant;   // what the name says beyond that
};
// Throws Error that names the types known.
KernelPrecision kernel_precision(const CsvRow& row, std::string_view column);

}  // namespace ironlaw

// Our number for each row of the reference's expected values that we can compute, at the reference's inputs.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace ironlaw::reference {

// A value of the reference may have several parts ("AI ; MFU ; bottleneck"). Each of ours is a number in the
// reference's unit, a word, or nothing where we have none.
class Part {
 public:
  Part(double number) : kind_(Kind::number), number_(number) {}
  Part(const char* word) : kind_(Kind::word), word_(word) {}
  Part(std::string word) : kind_(Kind::word), word_(std::move(word)) {}
  static Part none() { return {}; }

  bool is_number() const { return kind_ == Kind::number; }
  bool is_none() const { return kind_ == Kind::none; }
  double number() const { return number_; }
  const std::string& word() const { return word_; }

 private:
  Part() = default;
  enum class Kind { none, number, word } kind_ = Kind::none;
  double number_ = 0;
  std::string word_;
};
using Parts = std::vector<Part>;

struct Computed {
  const char* id;
  Parts (*ours)();
};

std::span<const Computed> registry_values();
std::span<const Computed> node_values();
std::span<const Computed> training_values();
std::span<const Computed> operations_values();
std::span<const Computed> claim_values();

}  // namespace ironlaw::reference

// FNV-1a, 64 bits: enough to notice that an input changed; no defence against someone who wants it not to.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace ironlaw {

class Fnv1a {
 public:
  // Adds one field. Its length goes first, so that ("ab", "c") and ("a", "bc") differ.
  void add(std::string_view text) {
    add_word(text.size());
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  void add_word(std::uint64_t word) {
    for (int i = 0; i < 8; ++i) add_byte(static_cast<unsigned char>(word >> (8 * i)));
  }
  void add_number(double value) { add_word(std::bit_cast<std::uint64_t>(value)); }

  std::uint64_t value() const { return state_; }
  // 16 hexadecimal digits.
  std::string text() const {
    std::string out(16, '0');
    for (std::size_t i = 0; i < 16; ++i) out[i] = "0123456789abcdef"[state_ >> (60 - 4 * i) & 0xf];
    return out;
  }

 private:
  void add_byte(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

}  // namespace ironlaw

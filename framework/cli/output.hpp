// Where results go: stdout, all of it or a failure.
#pragma once

#include <string>
#include <string_view>

namespace ironlaw {

// Readies the standard streams: a reader who has gone is a failed write and not the end of the process, no
// file that is opened later takes the place of a stream that was closed, and what anybody but print() writes
// to stdout (a plugin, say) goes to stderr. Call it first.
void prepare_output();

// Writes to stdout. After a failed write the rest is dropped; finish_output() tells.
void print(std::string_view text);

// Flushes stdout. False when something could not be written; the reason is then on stderr.
bool finish_output();

// Whether stdout is a terminal that shows colours ($NO_COLOR is not set).
bool has_colour();

// `text` in bold where has_colour().
std::string bold(std::string_view text);

}  // namespace ironlaw

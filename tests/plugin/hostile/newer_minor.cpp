// Built for a later minor version.
#include "fixture.hpp"
constexpr ironlaw_plugin kPlugin = {sizeof(ironlaw_plugin),
                                    IRONLAW_ABI_MAJOR,
                                    IRONLAW_ABI_MINOR + 3,
                                    "newer",
                                    "1",
                                    "",
                                    0,
                                    0,
                                    nullptr,
                                    nullptr};
IRONLAW_EXPORT_PLUGIN(kPlugin)

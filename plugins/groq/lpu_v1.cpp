// No memory but SRAM: a model is spread over as many chips as hold it. Four planes of 320 x 320 multiply; the
// weights of all four are replaced in 40 cycles, so that few rows cost less than on other arrays. (20 at
// 16 bits, where a row takes two cycles: the shape function does not see the precision, so that it counts few
// rows at 16 bits twice as dear as they are.)
#include <ironlaw/hardware.hpp>
#include <ironlaw/shapes.hpp>

using namespace ironlaw;

namespace {

constexpr const char* kPage = "techpowerup.com news: 750 INT8 TOPS, 188 FP16 TFLOPS, 80 TB/s, 230 MB";
constexpr const char* kPaper =
    "Abts et al. 2020, Think Fast: A Tensor Streaming Processor, ISCA 2020; recalled";
constexpr const char* kScale =
    "Abts et al. 2022, A Software-defined Tensor Streaming Multiprocessor, ISCA 2022; recalled";

constexpr HardwareInfo kInfo{
    .id = "Groq-LPU", .vendor = "Groq", .family = "tsp", .kind = "npu", .year = 2020};

constexpr Spec kSpecs[] = {
    {spec::peak_fp16, 188 * tera, kPage, "from a secondary source", kUnverified},
    {spec::peak_int8, 750 * tera, kPage, "4 planes x 320^2 x 2 x 0.9 GHz are 737", kUnverified},
    {spec::memory_capacity, 230 * mega, kPage, "SRAM", kUnverified},
    {spec::memory_bandwidth, 80 * tera, kPage, "of the SRAM", kUnverified},
    {spec::scaleup_bandwidth, 240 * giga, kPaper, "16 links x 4 lanes x 30 Gb/s; recalled, not read",
     kUnverified},
    {spec::scaleup_size, 264, kScale, "chips that are at most three links apart", kUnverified},
    {spec::power, 300, "recalled", "of the card; mlsysim has 215", kUnverified},
    {spec::cores, 4, kPaper, "matrix planes", kUnverified},
};

}  // namespace

IRONLAW_EXPORT_HARDWARE(kInfo, kSpecs, SystolicArray<320, 4, 40>)

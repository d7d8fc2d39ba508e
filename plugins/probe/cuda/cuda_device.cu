// The probe's part for NVIDIA GPUs: products by cuBLAS where the toolkit has it, else by a plain kernel (fp32
// only, far from the peak, and said to be); the triad and the empty launch by kernels of its own.
#include <cuda_runtime.h>
#if __has_include(<cublas_v2.h>)
#define IRONLAW_HAS_CUBLAS 1
#include <cublas_v2.h>
#endif

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "framework/probe/probe_device.h"

namespace {

void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

template <class Work>
int32_t guarded(ironlaw_error* error, Work work) {
  try {
    work();
    return IRONLAW_OK;
  } catch (const std::exception& e) {
    std::snprintf(error->message, sizeof error->message, "%s", e.what());
    return IRONLAW_FAILED;
  }
}

class DeviceMemory {
 public:
  explicit DeviceMemory(size_t bytes) {
    check(cudaMalloc(&data_, bytes));
    check(cudaMemset(data_, 0, bytes));
  }
  ~DeviceMemory() { cudaFree(data_); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};

struct Job {
  virtual ~Job() = default;
  virtual void launch() = 0;
};

constexpr int kThreads = 256;
unsigned blocks_for(size_t n) { return static_cast<unsigned>((n + kThreads - 1) / kThreads); }

__global__ void empty_kernel() {}

__global__ void triad_kernel(double* a, const double* b, const double* c, size_t n) {
  const size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
  if (i < n) a[i] = b[i] + 3 * c[i];
}

// Power and so clocks depend on the numbers: zeros would run faster than any real product.
__global__ void noise_kernel(unsigned char* bytes, size_t n, int number_bytes) {
  const size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
  if (i >= n) return;
  unsigned x = static_cast<unsigned>(i) * 2654435761u + 12345u;
  x ^= x >> 15;
  // The upper byte of a float is its sign and most of its exponent: about 1 in every format but int8.
  const bool is_upper = number_bytes > 1 && i % number_bytes == static_cast<size_t>(number_bytes - 1);
  bytes[i] = static_cast<unsigned char>(is_upper ? 0x3c | (x & 0x80) : x);
}

#if !IRONLAW_HAS_CUBLAS
__global__ void product_kernel(const float* a, const float* b, float* c, int m, int n, int k) {
  const int column = blockIdx.x * 16 + threadIdx.x, row = blockIdx.y * 16 + threadIdx.y;
  if (row >= m || column >= n) return;
  float sum = 0;
  for (int i = 0; i < k; ++i) sum += a[static_cast<size_t>(row) * k + i] * b[static_cast<size_t>(i) * n + column];
  c[static_cast<size_t>(row) * n + column] = sum;
}
#endif

struct Launch : Job {
  void launch() override { empty_kernel<<<1, 1>>>(); }
};

struct Triad : Job {
  explicit Triad(size_t bytes) : n(bytes / sizeof(double)), a(bytes), b(bytes), c(bytes) {}
  void launch() override {
    triad_kernel<<<blocks_for(n), kThreads>>>(a.as<double>(), b.as<double>(), c.as<double>(), n);
  }
  size_t n;
  DeviceMemory a, b, c;
};

struct Format {
  const char* precision;
  int input_bytes, output_bytes;
#if IRONLAW_HAS_CUBLAS
  cudaDataType input, output;
  cublasComputeType_t compute;
#endif
};
#if IRONLAW_HAS_CUBLAS
constexpr Format kFormats[] = {{"fp64", 8, 8, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F},
                               {"fp32", 4, 4, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC},
                               {"tf32", 4, 4, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32},
                               {"bf16", 2, 2, CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F},
                               {"fp16", 2, 2, CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F},
                               {"int8", 1, 4, CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I}};
constexpr const char* kPrecisions[] = {"fp64", "fp32", "tf32", "bf16", "fp16", "int8"};
#else
constexpr Format kFormats[] = {{"fp32", 4, 4}};
constexpr const char* kPrecisions[] = {"fp32"};
#endif

const Format& format_of(const char* precision) {
  for (const Format& f : kFormats)
    if (std::strcmp(f.precision, precision) == 0) return f;
  throw std::runtime_error(std::string("there are no products at ") + precision);
}

class Product : public Job {
 public:
  Product(const Format& format, int64_t m, int64_t n, int64_t k, int copies)
      : format_(format), m_(static_cast<int>(m)), n_(static_cast<int>(n)), k_(static_cast<int>(k)), copies_(copies),
        a_(bytes(m, k)), b_(bytes(k, n) * static_cast<size_t>(copies)),
        c_(static_cast<size_t>(m * n) * static_cast<size_t>(format.output_bytes)) {
    fill(a_, bytes(m, k));
    fill(b_, bytes(k, n) * static_cast<size_t>(copies));
#if IRONLAW_HAS_CUBLAS
    if (cublasCreate(&handle_) != CUBLAS_STATUS_SUCCESS) throw std::runtime_error("cuBLAS cannot be started");
#endif
  }
  ~Product() override {
#if IRONLAW_HAS_CUBLAS
    cublasDestroy(handle_);
#endif
  }
  void launch() override {
    const char* b = b_.as<char>() + static_cast<size_t>(next_) * bytes(k_, n_);
    next_ = (next_ + 1) % copies_;
#if IRONLAW_HAS_CUBLAS
    // Column by column, the transposed product: C^T = B^T A^T.
    const double one64 = 1, zero64 = 0;
    const float one = 1, zero = 0;
    const int one_integer = 1, zero_integer = 0;
    const bool is_64 = format_.input == CUDA_R_64F, is_integer = format_.input == CUDA_R_8I;
    const void* alpha = is_64 ? static_cast<const void*>(&one64) : is_integer ? static_cast<const void*>(&one_integer) : &one;
    const void* beta = is_64 ? static_cast<const void*>(&zero64) : is_integer ? static_cast<const void*>(&zero_integer) : &zero;
    // B is kept transposed, which the integer units ask for and the others do as fast.
    const cublasStatus_t status =
        cublasGemmEx(handle_, CUBLAS_OP_T, CUBLAS_OP_N, n_, m_, k_, alpha, b, format_.input, k_, a_.as<void>(),
                     format_.input, k_, beta, c_.as<void>(), format_.output, n_, format_.compute, CUBLAS_GEMM_DEFAULT);
    if (status != CUBLAS_STATUS_SUCCESS)
      throw std::runtime_error(std::string("cuBLAS: ") + cublasGetStatusString(status));
#else
    const dim3 grid((n_ + 15) / 16, (m_ + 15) / 16), block(16, 16);
    product_kernel<<<grid, block>>>(a_.as<float>(), reinterpret_cast<const float*>(b), c_.as<float>(), m_, n_, k_);
#endif
  }

 private:
  size_t bytes(int64_t rows, int64_t columns) const {
    return static_cast<size_t>(rows * columns) * static_cast<size_t>(format_.input_bytes);
  }
  void fill(const DeviceMemory& memory, size_t n) const {
    noise_kernel<<<blocks_for(n), kThreads>>>(memory.as<unsigned char>(), n, format_.input_bytes);
    check(cudaDeviceSynchronize());
  }

  const Format& format_;
  int m_, n_, k_, copies_, next_ = 0;
  DeviceMemory a_, b_, c_;
#if IRONLAW_HAS_CUBLAS
  cublasHandle_t handle_ = nullptr;
#endif
};

int32_t describe(ironlaw_probe_facts* facts, ironlaw_error* error) {
  return guarded(error, [&] {
    int devices = 0;
    const cudaError_t status = cudaGetDeviceCount(&devices);
    if (status != cudaSuccess || devices == 0)
      throw std::runtime_error(std::string("no CUDA device: ") +
                               (status != cudaSuccess ? cudaGetErrorString(status) : "there is none"));
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0));
    check(cudaSetDevice(0));
    int version = 0;
    check(cudaRuntimeGetVersion(&version));
    std::snprintf(facts->name, sizeof facts->name, "%s", properties.name);
    facts->memory_bytes = static_cast<double>(properties.totalGlobalMem);
    facts->cache_bytes = properties.l2CacheSize;
    facts->cores = static_cast<uint32_t>(properties.multiProcessorCount);
#if IRONLAW_HAS_CUBLAS
    constexpr const char* kHow = "cuBLAS";
#else
    constexpr const char* kHow = "a plain kernel, far from the peak";
#endif
    std::snprintf(facts->library, sizeof facts->library, "CUDA %d.%d, %s", version / 1000, version % 1000 / 10, kHow);
  });
}

int32_t open_product(const char* precision, int64_t m, int64_t n, int64_t k, int32_t copies, void** job,
                     ironlaw_error* error) {
  return guarded(error, [&] { *job = static_cast<Job*>(new Product(format_of(precision), m, n, k, copies)); });
}
int32_t open_triad(int64_t array_bytes, void** job, ironlaw_error* error) {
  return guarded(error, [&] { *job = static_cast<Job*>(new Triad(static_cast<size_t>(array_bytes))); });
}
int32_t open_launch(void** job, ironlaw_error* error) {
  return guarded(error, [&] { *job = static_cast<Job*>(new Launch()); });
}
int32_t run(void* job, int32_t runs, ironlaw_error* error) {
  return guarded(error, [&] {
    for (int32_t i = 0; i < runs; ++i) static_cast<Job*>(job)->launch();
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
  });
}
void close(void* job) { delete static_cast<Job*>(job); }

constexpr ironlaw_probe_device kDevice = {sizeof(ironlaw_probe_device),
                                          "NVIDIA",
                                          "cuda",
                                          "gpu",
                                          sizeof kPrecisions / sizeof *kPrecisions,
                                          kPrecisions,
                                          describe,
                                          open_product,
                                          open_triad,
                                          open_launch,
                                          run,
                                          close};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ironlaw_probe_device* ironlaw_probe_device_v1() {
  return &kDevice;
}

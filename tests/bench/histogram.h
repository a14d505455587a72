/* Times by powers of two, each cut into equal parts: less than 1 % of error at any length, in a fixed array. */
#include <stddef.h>
#include <stdint.h>

enum { kPartBits = 7, kParts = 1 << kPartBits, kBuckets = (64 - kPartBits + 1) * kParts };

struct histogram {
  uint64_t total, counts[kBuckets];
};

static inline size_t bucket_of(uint64_t ns) {
  unsigned shift = ns < kParts ? 0 : 63 - kPartBits - (unsigned)__builtin_clzll(ns);
  return shift * kParts + (ns >> shift);
}

static inline double bucket_us(size_t bucket) {
  size_t shift = bucket < 2 * kParts ? 0 : bucket / kParts - 1;
  return (double)((bucket - shift * kParts) << shift) / 1e3;
}

static inline void count_time(struct histogram* times, uint64_t ns) {
  ++times->total;
  ++times->counts[bucket_of(ns)];
}

static inline double percentile_us(const struct histogram* times, double share) {
  uint64_t wanted = (uint64_t)((double)times->total * share), seen = 0;
  size_t bucket = 0;
  while (bucket < kBuckets - 1 && (seen += times->counts[bucket]) <= wanted) ++bucket;
  return bucket_us(bucket);
}

static inline uint64_t count_between(const struct histogram* times, uint64_t from_ns, uint64_t to_ns) {
  uint64_t count = 0;
  for (size_t bucket = bucket_of(from_ns); bucket < bucket_of(to_ns); ++bucket) count += times->counts[bucket];
  return count;
}

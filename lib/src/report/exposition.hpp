#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <tcpkit/report/report.hpp>

/// Prometheus' text format 0.0.4: prometheus.io/docs/instrumenting/exposition_formats/.
namespace tcpkit {

enum class MetricType : std::uint8_t { Gauge, Counter };

using Labels = std::vector<std::pair<std::string, std::string>>;

/// A metric's name, and what a number is divided by for it: metrics are in base units, seconds and bytes.
struct MetricName {
  std::string name;
  int decimals = 0;  ///< by ten to this power
};

/// "tcpkit_" and the words, from a key that ends in its unit: {"tcp_info", "rtt_us"} is tcpkit_tcp_info_rtt_seconds.
[[nodiscard]] MetricName metric_name(std::string_view section, std::string_view key);

/// Metrics as they are found, to be written family by family.
class Exposition {
 public:
  /// Numbers and switches; anything else has no sample, nor has a series that there is already.
  void add(const MetricName& metric, MetricType type, std::string_view help, const Labels& labels, const Data& value);

  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    std::string name;
    MetricType type;
    std::string help;
    std::vector<std::pair<std::string, std::string>> samples;  // labels, number
    std::unordered_set<std::string> series;                    // the labels once more, to find them
  };

  std::vector<Family> families_;
};

}  // namespace tcpkit

#pragma once

#include <vector>

#include <tcpkit/report/report.hpp>

#include "send_plan.hpp"

/// How long requests, connects and lives of connections took: sections for people, with a chart, and for programs.
[[nodiscard]] std::vector<tcpkit::Section> latency_sections(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);

/// Latency for programs alone: {latency_us, latency_ns, latency_reason}, and in open loop own_delay_us,
/// latency_intended_us and latency_intended_ns.
[[nodiscard]] std::vector<tcpkit::Field> latency_fields(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);

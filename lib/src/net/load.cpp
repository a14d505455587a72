#include <tcpkit/net/load.hpp>

#include <utility>

#include "net/generator.hpp"

namespace tcpkit {

struct Load::State {
  std::unique_ptr<Generator> generator;
};

Load::Load(std::unique_ptr<State> state) : state_(std::move(state)) {}
Load::Load(Load&&) noexcept = default;
Load& Load::operator=(Load&&) noexcept = default;
Load::~Load() = default;

Result<Load> Load::open(const LoadPlan& plan, std::vector<Attempt>& attempts) {
  auto generator = Generator::make(plan);
  if (!generator) return generator.error();
  if (auto opened = (*generator)->open(attempts); !opened) return opened.error();
  return Load(std::make_unique<State>(State{std::move(*generator)}));
}

int Load::socket() const noexcept {
  return state_->generator->first_socket();
}

Result<LoadResult> Load::run(LoadEvents& events) {
  return state_->generator->run(events);
}

void Load::stop() noexcept {
  state_->generator->stop();
}

std::string_view limiter_name(Limiter limiter) noexcept {
  switch (limiter) {
    case Limiter::Application:
      return "application";
    case Limiter::CongestionWindow:
      return "cwnd";
    case Limiter::PeerWindow:
      return "peer window";
    case Limiter::SendBuffer:
      return "send buffer";
    case Limiter::Pacing:
      return "pacing";
    case Limiter::Processor:
      return "processor";
    case Limiter::Unknown:
      break;
  }
  return "unknown";
}

}  // namespace tcpkit

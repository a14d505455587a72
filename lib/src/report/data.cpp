#include <tcpkit/report/data.hpp>

#include <chrono>

#include <algorithm>

namespace tcpkit {
namespace {

struct ToData {
  template <class Scalar>
  Data operator()(const Scalar& scalar) const {
    return {scalar};
  }
  Data operator()(const Numbers& numbers) const {
    DataArray array(numbers.size());
    std::ranges::transform(numbers, array.begin(), [](std::int64_t number) { return Data{number}; });
    return {std::move(array)};
  }
  Data operator()(const Structure& structure) const {
    DataObject object;
    for (const Member& member : structure) object.emplace_back(member.name, Data{member.value});
    return {std::move(object)};
  }
};

}  // namespace

Data to_data(const std::optional<Value>& value) {
  return value ? std::visit(ToData{}, *value) : Data{};
}

Data to_data(std::span<const NamedNumber> names) {
  DataObject object;
  for (const NamedNumber& row : names) object.emplace_back(std::string(row.name), Data{row.number});
  return {std::move(object)};
}

Data text_or_null(std::string_view text) {
  return text.empty() ? Data{} : Data{std::string(text)};
}

Data number_or_null(std::optional<std::uint64_t> number) {
  return number ? Data{*number} : Data{};
}

Data microseconds(Nanoseconds time) {
  return {static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count())};
}

}  // namespace tcpkit

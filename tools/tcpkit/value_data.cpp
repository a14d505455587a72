#include "value_data.hpp"

#include <algorithm>

namespace {

using tcpkit::Data;

struct ToData {
  template <class Scalar>
  Data operator()(const Scalar& scalar) const {
    return {scalar};
  }
  Data operator()(const tcpkit::Numbers& numbers) const {
    tcpkit::DataArray array(numbers.size());
    std::ranges::transform(numbers, array.begin(), [](std::int64_t number) { return Data{number}; });
    return {std::move(array)};
  }
  Data operator()(const tcpkit::Structure& structure) const {
    tcpkit::DataObject object;
    for (const tcpkit::Member& member : structure) object.emplace_back(member.name, Data{member.value});
    return {std::move(object)};
  }
};

}  // namespace

Data to_data(const std::optional<tcpkit::Value>& value) {
  return value ? std::visit(ToData{}, *value) : Data{};
}

Data to_data(std::span<const tcpkit::NamedNumber> names) {
  tcpkit::DataObject object;
  for (const tcpkit::NamedNumber& row : names) object.emplace_back(std::string(row.name), Data{row.number});
  return {std::move(object)};
}

Data text_or_null(std::string_view text) {
  return text.empty() ? Data{} : Data{std::string(text)};
}

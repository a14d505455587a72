#include <tcpkit/report/data.hpp>

#include <chrono>

#include <algorithm>

namespace tcpkit {
namespace {

void add_fields(const Section& section, DataObject& object) {
  for (const Field& field : section.fields) {
    const bool known = std::ranges::find(object, field.key, &DataObject::value_type::first) != object.end();
    if (!field.key.empty() && !known) object.emplace_back(field.key, field.data);
  }
}

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

DataObject to_object(const Report& report) {
  DataObject root;
  for (const Section& section : report.sections) {
    if (section.key.empty()) {
      add_fields(section, root);
      continue;
    }
    auto place = std::ranges::find(root, section.key, &DataObject::value_type::first);
    if (place == root.end()) place = root.insert(place, {section.key, Data{DataObject{}}});
    if (auto* object = std::get_if<DataObject>(&place->second.value)) add_fields(section, *object);
  }
  return root;
}

const Data* find_member(const Data& data, std::string_view key) {
  const auto* object = std::get_if<DataObject>(&data.value);
  if (object == nullptr) return nullptr;
  const auto member = std::ranges::find(*object, key, &DataObject::value_type::first);
  return member == object->end() ? nullptr : &member->second;
}

}  // namespace tcpkit

#include <algorithm>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

#include "report/formats.hpp"

namespace tcpkit {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kOneLine = -1;

/// ASCII only: a terminal obeys DEL and the C1 controls (U+009B starts a colour code) as well as ESC, and
/// escaped they reach it as text. Bytes that are no UTF-8 become U+FFFD.
std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

/// A key as it will read once dumped: two broken keys must not turn into the same one only on output.
std::string clean_key(const std::string& key) {
  const auto is_ascii = [](char letter) { return static_cast<unsigned char>(letter) < 0x80; };
  if (std::ranges::all_of(key, is_ascii)) return key;
  return Json::parse(dump(Json(key), kOneLine)).get<std::string>();
}

Json to_json(const Data& data);

struct Converter {
  Json operator()(const DataArray& items) const {
    auto array = Json::array();
    for (const auto& item : items) array.push_back(to_json(item));
    return array;
  }

  Json operator()(const DataObject& members) const {
    auto object = Json::object();
    for (const auto& [key, member] : members) object.emplace(clean_key(key), to_json(member));
    return object;
  }

  template <class Scalar>
  Json operator()(const Scalar& scalar) const {
    return Json(scalar);
  }
};

Json to_json(const Data& data) {
  return std::visit(Converter{}, data.value);
}

/// emplace keeps what is there: of two fields with one key the first stays, and nothing replaces the schema.
void add_section(Json& root, const Section& section) {
  Json* target = &root;
  if (!section.key.empty()) target = &*root.emplace(clean_key(section.key), Json::object()).first;
  if (!target->is_object()) return;
  for (const auto& field : section.fields) {
    if (!field.key.empty()) target->emplace(clean_key(field.key), to_json(field.data));
  }
}

std::string render(const Report& report, int indent) {
  auto root = Json::object();
  if (!report.schema.empty()) root.emplace("schema", report.schema);
  for (const auto& section : report.sections) add_section(root, section);
  return dump(root, indent) + '\n';
}

}  // namespace

std::string render_json(const Report& report, const Style& /*style*/) {
  return render(report, 2);
}

std::string render_ndjson(const Report& report, const Style& /*style*/) {
  return render(report, kOneLine);
}

}  // namespace tcpkit

#include <fmt/format.h>

#include <tcpkit/report/data.hpp>
#include <tcpkit/sock/unit.hpp>

#include "explain_rows.hpp"
#include "row_field.hpp"
#include "row_words.hpp"

namespace {

using namespace tcpkit;

std::string place_words(const TcpInfoField& field) {
  const std::string bits = field.bits == 0 ? "" : fmt::format(", {} bits from bit {}", field.bits, field.bit);
  return fmt::format("struct tcp_info, offset {}, {} bytes{}", field.offset, field.width, bits);
}

Field number_field(std::string key, std::int64_t number) {
  return row_field(std::move(key), {}, {number}, {});
}

}  // namespace

std::vector<Section> explain_row(const TcpInfoField& field) {
  const std::string symbol = fmt::format("tcpi_{}", field.name);
  Section section{.title = fmt::format("{} (TCP_INFO {})", field.key, symbol)};
  std::vector<Field>& fields = section.fields;
  fields.push_back(row_text("name", {}, field.name));
  fields.push_back(row_text("key", {}, field.key));
  fields.push_back(row_text("symbol", {}, symbol));
  fields.push_back(row_prose("brief", field.brief));
  fields.push_back(text_line("where", place_words(field)));
  fields.push_back(number_field("offset", field.offset));
  fields.push_back(number_field("width", field.width));
  fields.push_back(number_field("bit", field.bit));
  fields.push_back(number_field("bits", field.bits));
  fields.push_back(row_term("kind", "kind", kind_term(field.kind)));
  fields.push_back(row_text("unit", "unit", unit_name(field.unit)));
  fields.push_back(row_field("names", "names", to_data(field.names), name_list(field.names, ", ")));
  fields.push_back(row_field("special", "special", to_data(field.special), special_words(field.special)));
  fields.push_back(row_text("ss_name", "in ss", field.ss_name));
  fields.push_back(row_text("since", "since Linux", field.since));
  return {std::move(section)};
}

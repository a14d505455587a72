#include "tcp_info_report.hpp"

#include <utility>

#include <tcpkit/report/data.hpp>

#include "event_report.hpp"

using namespace tcpkit;

Data tcp_info_data(const TcpInfo& info) {
  DataObject object;
  object.reserve(tcp_info_fields().size());
  for (const TcpInfoField& row : tcp_info_fields()) object.emplace_back(row.key, number_or_null(info.get(row)));
  return {std::move(object)};
}

Section tcp_info_section(const std::string& key, const std::string& title, const std::optional<TcpInfo>& info,
                         const std::string& reason) {
  Section section{"", title, {}};
  section.fields.push_back(hidden(key, info ? tcp_info_data(*info) : Data{}));
  section.fields.push_back(hidden(key + "_reason", text_or_null(reason)));
  for (const TcpInfoField& row : tcp_info_fields()) {
    const auto number = info ? info->get(row) : std::nullopt;
    if (!number) continue;
    Field field;
    field.label = std::string(row.name);
    field.text = format_value(row, *number);
    field.remark = std::string(row.brief);
    field.show = Show::All;
    section.fields.push_back(std::move(field));
  }
  return section;
}

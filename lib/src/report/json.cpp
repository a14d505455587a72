#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/formats.hpp"

namespace tcpkit {
namespace {

using Json = nlohmann::json;

constexpr int kOneLine = -1;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

bool is_plain(char letter) {
  return letter >= 0x20 && letter <= 0x7e && letter != '"' && letter != '\\';
}

/// ASCII only: a terminal obeys DEL and the C1 controls (U+009B starts a colour code) as well as ESC, and
/// escaped they reach it as text. Bytes that are no UTF-8 become U+FFFD.
std::string escaped(std::string_view text) {
  return Json(text).dump(kOneLine, ' ', true, Json::error_handler_t::replace);
}

/// A key as it will read once written: two broken keys must not turn into the same one only on output.
std::string clean_key(const std::string& key) {
  return is_ascii(key) ? key : Json::parse(escaped(key)).get<std::string>();
}

/// A value as it will stand: what a report says of one key, from whatever sections. Points into the report.
struct Member {
  std::string key;
  const Data* data = nullptr;     // or nothing but what `more` has
  std::vector<Member> more = {};  // of later sections with this key
};

bool has(const std::vector<Member>& members, std::string_view key) {
  return std::ranges::find(members, key, &Member::key) != members.end();
}

/// Of two members with one key the first stays.
void add(std::vector<Member>& members, const std::string& key, const Data& data) {
  std::string clean = clean_key(key);
  if (!has(members, clean)) members.push_back({std::move(clean), &data});
}

void add_fields(std::vector<Member>& members, const Section& section) {
  for (const Field& field : section.fields) {
    if (!field.key.empty()) add(members, field.key, field.data);
  }
}

/// Nothing replaces what is there, but an object takes the fields of a section with its key.
void add_section(std::vector<Member>& root, const Section& section) {
  if (section.key.empty()) return add_fields(root, section);
  const std::string key = clean_key(section.key);
  auto target = std::ranges::find(root, key, &Member::key);
  if (target == root.end()) target = root.insert(target, {key});
  const auto* held = target->data != nullptr ? std::get_if<DataObject>(&target->data->value) : nullptr;
  if (target->data != nullptr && held == nullptr) return;
  std::vector<Member> members;
  if (held != nullptr) {
    for (const auto& [name, data] : *held) add(members, name, data);
  }
  for (Member& more : target->more) {
    if (!has(members, more.key)) members.push_back(std::move(more));
  }
  add_fields(members, section);
  target->data = nullptr;
  target->more = std::move(members);
}

/// Writes JSON text as it goes: a list of many sockets is long, and a tree of it would be made to be taken down.
class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  void write(const std::vector<Member>& members) {
    open('{');
    for (const Member& member : members) {
      begin_member(member.key);
      member.data != nullptr ? write(*member.data) : write(member.more);
    }
    close('}');
  }

  std::string take() { return std::move(out_); }

 private:
  void write(const Data& data) {
    std::visit([this](const auto& value) { write_value(value); }, data.value);
  }

  void write_value(std::nullptr_t) { out_ += "null"; }
  void write_value(bool on) { out_ += on ? "true" : "false"; }
  void write_value(std::int64_t number) { append(number); }
  void write_value(std::uint64_t number) { append(number); }
  void write_value(const std::string& text) { append(text); }

  void write_value(const DataArray& items) {
    open('[');
    for (const Data& item : items) {
      begin_item();
      write(item);
    }
    close(']');
  }

  void write_value(const DataObject& object) {
    const bool clean = std::ranges::all_of(object, [](const auto& member) { return is_ascii(member.first); });
    if (!clean) return write(cleaned(object));
    open('{');
    for (auto member = object.begin(); member != object.end(); ++member) {
      const auto same = [&](const auto& earlier) { return earlier.first == member->first; };
      if (std::any_of(object.begin(), member, same)) continue;
      begin_member(member->first);
      write(member->second);
    }
    close('}');
  }

  static std::vector<Member> cleaned(const DataObject& object) {
    std::vector<Member> members;
    for (const auto& [key, data] : object) add(members, key, data);
    return members;
  }

  template <class Number>
  void append(Number number) {
    const fmt::format_int digits(number);
    out_.append(digits.data(), digits.size());
  }

  void append(const std::string& text) {
    if (std::ranges::all_of(text, is_plain)) {
      ((out_ += '"') += text) += '"';
    } else {
      out_ += escaped(text);
    }
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
    empty_ = true;
  }

  void close(char bracket) {
    --depth_;
    if (!empty_) break_line();
    out_ += bracket;
    empty_ = false;
  }

  void begin_item() {
    if (!empty_) out_ += ',';
    empty_ = false;
    break_line();
  }

  void begin_member(const std::string& key) {
    begin_item();
    append(key);
    out_ += indent_ == kOneLine ? ":" : ": ";
  }

  void break_line() {
    if (indent_ == kOneLine) return;
    (out_ += '\n').append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(depth_), ' ');
  }

  int indent_;
  int depth_ = 0;
  bool empty_ = true;  // nothing stands behind the last bracket that was opened
  std::string out_;
};

std::string render(const Report& report, int indent) {
  const Data schema{report.schema};
  std::vector<Member> root;
  if (!report.schema.empty()) root.push_back({"schema", &schema});
  for (const Section& section : report.sections) add_section(root, section);
  Writer writer(indent);
  writer.write(root);
  return writer.take() + '\n';
}

}  // namespace

std::string render_json(const Report& report, const Style& /*style*/) {
  return render(report, 2);
}

std::string render_ndjson(const Report& report, const Style& /*style*/) {
  return render(report, kOneLine);
}

}  // namespace tcpkit

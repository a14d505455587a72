#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tcpkit/base/api.hpp>

/// What a command found, as a value: every format is a projection of it.
namespace tcpkit {

struct Data;
using DataArray = std::vector<Data>;
using DataObject = std::vector<std::pair<std::string, Data>>;  // in the order they are shown

/// A machine-readable value. null means "there is none"; the object around it says why.
struct Data {
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, std::string, DataArray, DataObject> value = nullptr;
};

/// When text output shows a field. Machine formats always have it.
enum class Show : std::uint8_t {
  Always,
  All,    ///< with --all
  Never,  ///< for machine formats only
};

/// One fact: what a program reads (key, data) and what a person reads (label, text, remark).
/// With neither label nor text the remark is a paragraph of its own.
struct Field {
  std::string key = {};  ///< unique in its object, or the first one counts; empty = for people only
  Data data = {};
  std::string label = {};
  std::string text = {};    ///< the value
  std::string remark = {};  ///< where it comes from and why, or empty
  Show show = Show::Always;
};

/// Fields under a heading. In machine formats an object under `key`, or fields of the top level when `key` is empty.
/// Sections with the same key become one object. A section none of whose fields is shown leaves no heading behind.
struct Section {
  std::string key = {};
  std::string title = {};
  std::vector<Field> fields = {};
};

/// The whole result of one run. `schema` comes first in machine formats: "tcpkit.probe/1"; empty = a part of a result.
struct Report {
  std::string schema = {};
  std::vector<Section> sections = {};
};

}  // namespace tcpkit

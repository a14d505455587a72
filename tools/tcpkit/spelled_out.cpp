#include "spelled_out.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <tcpkit/base/units.hpp>

namespace {

using tcpkit::Result;

class Speller {
 public:
  Speller(const Command& command, std::span<const std::string> words) : flags_(all_flags(command)), words_(words) {}

  Result<std::vector<std::string>> run() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word == "--") {
        spelled_.insert(spelled_.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_) - 1, words_.end());
        break;
      }
      if (auto done = spell(word); !done) return done.error();
    }
    return std::move(spelled_);
  }

 private:
  Result<void> spell(const std::string& word) {
    if (word.starts_with("--")) return spell_long(word);
    if (word.starts_with('-') && word.size() > 1) return spell_letters(word);
    spelled_.push_back(word);
    return {};
  }

  Result<void> spell_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto flag = std::ranges::find(flags_, name, &Flag::name);
    if (flag == flags_.end()) {
      spelled_.push_back(word);
      return {};
    }
    if (equals == std::string::npos) {
      if (flag->value_optional) return add(*flag, "");
      return flag->value.empty() ? add(*flag) : add_with_next(*flag, "--" + name);
    }
    const std::string value = word.substr(equals + 1);
    if (!flag->value.empty()) return add(*flag, value);
    return tcpkit::bad_value(fmt::format("option --{} takes no value, {} given", name, tcpkit::quote(value)));
  }

  Result<void> spell_letters(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const auto flag = std::ranges::find(flags_, word[at], &Flag::letter);
      if (flag == flags_.end() || word[at] == 0) {
        const bool looks_long = word[at] == '-';  // "-s-strict" must not become "--strict"
        spelled_.push_back(looks_long ? word : '-' + word.substr(at));
        return {};
      }
      if (!flag->value.empty()) {
        return at + 1 < word.size() ? add(*flag, word.substr(at + 1)) : add_with_next(*flag, {'-', word[at]});
      }
      if (auto done = add(*flag); !done) return done;
    }
    return {};
  }

  Result<void> add(const Flag& flag) {
    spelled_.push_back("--" + std::string(flag.name));
    return {};
  }

  Result<void> add(const Flag& flag, std::string value) {
    spelled_.push_back("--" + std::string(flag.name));
    spelled_.push_back(std::move(value));
    return {};
  }

  Result<void> add_with_next(const Flag& flag, const std::string& typed) {
    if (next_ < words_.size()) return add(flag, words_[next_++]);
    return tcpkit::bad_value(fmt::format("option {} needs a value: {} {}", typed, typed, flag.value));
  }

  std::vector<Flag> flags_;
  std::span<const std::string> words_;
  std::size_t next_ = 0;
  std::vector<std::string> spelled_;
};

}  // namespace

Result<std::vector<std::string>> spelled_out(const Command& command, std::span<const std::string> words) {
  return Speller(command, words).run();
}

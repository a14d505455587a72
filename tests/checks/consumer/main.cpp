#include <iostream>

#include <tcpkit/base/result.hpp>

// What a stranger writes first: one public function, no other library's header.
int main() {
  const tcpkit::Error error = tcpkit::bad_value("port 70000 is above 65535");
  std::cout << tcpkit::describe(error) << '\n';
}

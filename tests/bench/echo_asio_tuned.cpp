// An echo server on Asio with what costs most left out: it waits for readiness only, and reads and writes with plain
// system calls through one buffer for all connections.
#include <sys/socket.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace {

using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

std::array<char, 256 * 1024> buffer;

class Session {
 public:
  explicit Session(Socket socket) : socket_(std::move(socket)) { socket_.native_non_blocking(true); }

  static void wait_to_read(std::unique_ptr<Session> session) {
    Socket& socket = session->socket_;
    socket.async_wait(Socket::wait_read, [session = std::move(session)](std::error_code error) mutable {
      if (!error && session->echo()) wait(std::move(session));
    });
  }

 private:
  static void wait(std::unique_ptr<Session> session) {
    if (session->rest_.empty())
      wait_to_read(std::move(session));
    else
      wait_to_write(std::move(session));
  }

  static void wait_to_write(std::unique_ptr<Session> session) {
    Socket& socket = session->socket_;
    socket.async_wait(Socket::wait_write, [session = std::move(session)](std::error_code error) mutable {
      if (!error && session->send_rest()) wait(std::move(session));
    });
  }

  // Whether the connection goes on. Readiness is asked for anew after each read, so that one read is enough.
  bool echo() {
    const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    const auto length = static_cast<std::size_t>(got);
    const ssize_t sent = ::send(socket_.native_handle(), buffer.data(), length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken < length) rest_.assign(buffer.data() + taken, length - taken);
    return true;
  }

  bool send_rest() {
    const ssize_t sent = ::send(socket_.native_handle(), rest_.data(), rest_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    rest_.erase(0, static_cast<std::size_t>(sent));
    return true;
  }

  Socket socket_;
  std::string rest_;  // what the client has not taken yet
};

void accept(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code error, Socket socket) {
    if (!error) Session::wait_to_read(std::make_unique<Session>(std::move(socket)));
    accept(acceptor);
  });
}

}  // namespace

int main() {
  asio::io_context context(1);
  Acceptor acceptor(context.get_executor(), asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  acceptor.set_option(asio::ip::tcp::no_delay(true));  // accepted sockets inherit it
  std::printf("listening on 127.0.0.1:%u\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  context.run();
}

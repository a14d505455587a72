/* The floor under every echo server: nothing in it that an echo does not need. One thread, one edge-triggered epoll,
   one buffer for all connections; a request costs epoll_wait, recv and send. Listens on a free port of 127.0.0.1, says
   which, and serves until it is killed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

/* A read shorter than the buffer took all there was, so the buffer is longer than any request. */
enum { kBufferBytes = 256 * 1024, kEventsAtOnce = 256 };

/* What a client has not taken yet. */
struct rest {
  size_t begin, end;
  char bytes[];
};

static char buffer[kBufferBytes];
static struct rest** rest_of; /* by descriptor; null: nothing is left to send, and the client is listened to */
static int poller;

static void die(const char* doing) {
  perror(doing);
  exit(1);
}

static void watch(int operation, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(poller, operation, fd, &event) < 0) die("epoll_ctl");
}

static void end(int fd) {
  free(rest_of[fd]);
  rest_of[fd] = NULL;
  close(fd);
}

static void keep(int fd, const char* bytes, size_t length) {
  struct rest* rest = malloc(sizeof *rest + length);
  if (!rest) die("malloc");
  rest->begin = 0;
  rest->end = length;
  memcpy(rest->bytes, bytes, length);
  rest_of[fd] = rest;
  watch(EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLET); /* says so at once if there is room by now */
}

/* Whether the client took everything. */
static bool answer(int fd, size_t length) {
  ssize_t sent = send(fd, buffer, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    end(fd);
    return false;
  }
  size_t taken = sent < 0 ? 0 : (size_t)sent;
  if (taken < length) keep(fd, buffer + taken, length - taken);
  return taken == length;
}

/* A short read means drained: what comes after it is a new edge. An end that came with the bytes is none. */
static void echo(int fd, bool client_ended) {
  for (;;) {
    ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      end(fd);
      return;
    }
    if (!answer(fd, (size_t)got)) return;
    if ((size_t)got < sizeof buffer && !client_ended) return;
  }
}

static void send_rest(int fd) {
  struct rest* rest = rest_of[fd];
  ssize_t sent = send(fd, rest->bytes + rest->begin, rest->end - rest->begin, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) end(fd);
    return;
  }
  rest->begin += (size_t)sent;
  if (rest->begin < rest->end) return;
  free(rest);
  rest_of[fd] = NULL;
  watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

static void accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

static int listen_on_loopback(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* accepted sockets inherit it */
  if (bind(listener, (struct sockaddr*)&address, length) < 0) die("bind");
  if (listen(listener, SOMAXCONN) < 0) die("listen");
  getsockname(listener, (struct sockaddr*)&address, &length);
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(void) {
  struct rlimit descriptors;
  getrlimit(RLIMIT_NOFILE, &descriptors);
  rest_of = calloc(descriptors.rlim_cur, sizeof *rest_of);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (!rest_of || poller < 0) die("start");
  int listener = listen_on_loopback();
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);

  struct epoll_event events[kEventsAtOnce];
  for (;;) {
    int count = epoll_wait(poller, events, kEventsAtOnce, -1);
    for (int i = 0; i < count; ++i) {
      int fd = events[i].data.fd;
      if (fd == listener)
        accept_one(listener);
      else if (rest_of[fd])
        send_rest(fd);
      else
        echo(fd, events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    }
  }
}

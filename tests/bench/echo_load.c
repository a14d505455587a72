/* A closed-loop client of echo servers: every connection has one request under way, and sends the next when the answer
   is complete.

       echo_load PORT CONNECTIONS SIZE SECONDS [--connect-each] [--requests N]    measures at 127.0.0.1:PORT
       echo_load PORT CONNECTIONS SIZE SECONDS --idle                             holds, until its input ends

   It ends after SECONDS or, with --requests, as soon as N requests are answered. --connect-each makes a connection for
   every request and closes it. Prints one line: requests, seconds, rate (requests/s), p50_us, p99_us, and stalls, the
   requests that took the 30 to 60 ms of a delayed ACK. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"

enum { kEventsAtOnce = 256, kConnectionsPerAddress = 20000, kPatienceSeconds = 60 };

struct connection {
  int fd;
  bool watches_output;
  size_t unsent, missing; /* bytes of the request under way, of its answer */
  uint64_t begin_ns;
};

static struct {
  uint16_t port;
  size_t connections, size;
  double seconds;
  uint64_t requests;
  bool connect_each, idle;
} plan = {.requests = UINT64_MAX};

static struct connection* connections;
static char *request, *answer;
static struct histogram times; /* of the requests that were answered */
static uint64_t started;
static int poller;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void die(const char* doing) {
  fprintf(stderr, "echo_load: %s: %s\n", doing, errno ? strerror(errno) : "the server ended the connection");
  exit(1);
}

static void watch(int operation, struct connection* connection, uint32_t events) {
  struct epoll_event event = {.events = events | EPOLLET, .data.ptr = connection};
  if (epoll_ctl(poller, operation, connection->fd, &event) < 0) die("epoll_ctl");
}

/* An address has some 28,000 ports (ip_local_port_range); loopback has 16 million addresses. */
static void bind_source(int fd, size_t index) {
  uint32_t host = INADDR_LOOPBACK + (uint32_t)(index / kConnectionsPerAddress);
  struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
  if (bind(fd, (struct sockaddr*)&source, sizeof source) < 0) die("bind");
}

static void open_connection(struct connection* connection) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(plan.port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  size_t index = (size_t)(connection - connections);
  if (index >= kConnectionsPerAddress) bind_source(fd, index);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  if (connect(fd, (struct sockaddr*)&server, sizeof server) < 0) die("connect");
  *connection = (struct connection){.fd = fd};
}

/* One at a time, each known to be accepted: a burst would overflow the server's backlog and wait for a second SYN. */
static void open_all(void) {
  for (size_t i = 0; i < plan.connections; ++i) {
    open_connection(&connections[i]);
    char byte = 'x';
    if (send(connections[i].fd, &byte, 1, MSG_NOSIGNAL) != 1) die("first send");
    if (recv(connections[i].fd, &byte, 1, 0) != 1) die("first recv");
    watch(EPOLL_CTL_ADD, &connections[i], EPOLLIN);
  }
}

/* Waits for the servers' end too, so that no work of this run is left to disturb the next. */
static void close_all(void) {
  for (size_t i = 0; i < plan.connections; ++i) shutdown(connections[i].fd, SHUT_WR);
  for (size_t i = 0; i < plan.connections; ++i) {
    while (recv(connections[i].fd, answer, plan.size, 0) > 0) continue;
    close(connections[i].fd);
  }
}

static void send_request(struct connection* connection) {
  while (connection->unsent > 0) {
    const char* begin = request + plan.size - connection->unsent;
    ssize_t sent = send(connection->fd, begin, connection->unsent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!connection->watches_output) watch(EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
      connection->watches_output = true;
      return;
    }
    if (sent < 0) die("send");
    connection->unsent -= (size_t)sent;
  }
}

/* Whether the answer is complete. A short read means drained, as in the server. */
static bool take_answer(struct connection* connection) {
  ssize_t got = recv(connection->fd, answer, connection->missing, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return false;
  if (got == 0) errno = 0;
  if (got <= 0) die("recv");
  connection->missing -= (size_t)got;
  return connection->missing == 0;
}

static void begin_request(struct connection* connection, uint64_t now) {
  if (started == plan.requests) return;
  ++started;
  if (plan.connect_each) open_connection(connection);
  connection->begin_ns = now;
  connection->unsent = connection->missing = plan.size;
  send_request(connection);
  if (plan.connect_each) watch(EPOLL_CTL_ADD, connection, EPOLLIN);
}

/* One reading of the clock is the end of this request and the beginning of the next. */
static void end_request(struct connection* connection, uint64_t now) {
  count_time(&times, now - connection->begin_ns);
  if (plan.connect_each) close(connection->fd);
  begin_request(connection, now);
}

/* How long it ran. */
static double measure(void) {
  uint64_t begin = now_ns(), now = begin, deadline = begin + (uint64_t)(plan.seconds * 1e9);
  struct epoll_event events[kEventsAtOnce];
  for (size_t i = 0; i < plan.connections; ++i) begin_request(&connections[i], begin);
  while (times.total < plan.requests && now < deadline) {
    int count = epoll_wait(poller, events, kEventsAtOnce, (int)((deadline - now) / 1000000) + 1);
    if (count <= 0) now = now_ns();
    for (int i = 0; i < count; ++i) {
      struct connection* connection = events[i].data.ptr;
      send_request(connection);
      if (connection->missing == 0 || !take_answer(connection)) continue;
      now = now_ns();
      end_request(connection, now);
    }
  }
  return (double)(now - begin) / 1e9;
}

static void read_command_line(int argc, char** argv) {
  const struct option options[] = {{"connect-each", no_argument, NULL, 'c'},
                                   {"idle", no_argument, NULL, 'i'},
                                   {"requests", required_argument, NULL, 'r'},
                                   {0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    plan.connect_each |= option == 'c';
    plan.idle |= option == 'i';
    if (option == 'r') plan.requests = strtoull(optarg, NULL, 10);
    if (option == '?') exit(2);
  }
  if (argc - optind != 4) {
    fputs("echo_load PORT CONNECTIONS SIZE SECONDS [--connect-each] [--requests N] [--idle]\n", stderr);
    exit(2);
  }
  plan.port = (uint16_t)atoi(argv[optind]);
  plan.connections = strtoull(argv[optind + 1], NULL, 10);
  plan.size = strtoull(argv[optind + 2], NULL, 10);
  plan.seconds = atof(argv[optind + 3]);
}

static void hold(void) {
  printf("holding %zu connections\n", plan.connections);
  fflush(stdout);
  while (getchar() != EOF) continue;
}

static void print_result(double seconds) {
  printf("requests %lu seconds %.6f rate %.1f ", times.total, seconds, (double)times.total / seconds);
  printf("p50_us %.3f p99_us %.3f ", percentile_us(&times, 0.50), percentile_us(&times, 0.99));
  printf("stalls %lu\n", count_between(&times, 30000000, 60000000));
}

int main(int argc, char** argv) {
  read_command_line(argc, argv);
  connections = calloc(plan.connections, sizeof *connections);
  request = calloc(1, plan.size);
  answer = malloc(plan.size);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (!connections || !request || !answer || poller < 0) die("start");
  if (!plan.idle) alarm((unsigned)plan.seconds + kPatienceSeconds); /* a server that hangs ends this too */

  if (!plan.connect_each) open_all();
  if (plan.idle)
    hold();
  else
    print_result(measure());
  if (!plan.connect_each) close_all();
}

/* The least a request can take: one connection, a blocking send and a blocking recv, nothing else.

       ping_pong PORT SIZE SECONDS    measures at 127.0.0.1:PORT

   Prints one line: requests, seconds, rate (requests/s), p50_us and p99_us. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"

enum { kPatienceSeconds = 60 };

static struct histogram times;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void die(const char* doing) {
  fprintf(stderr, "ping_pong: %s: %s\n", doing, errno ? strerror(errno) : "the server ended the connection");
  exit(1);
}

static int connected(uint16_t port) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  if (connect(fd, (struct sockaddr*)&server, sizeof server) < 0) die("connect");
  return fd;
}

static void exchange(int fd, char* bytes, size_t size) {
  if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) die("send");
  errno = 0;
  if (recv(fd, bytes, size, MSG_WAITALL) != (ssize_t)size) die("recv");
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fputs("ping_pong PORT SIZE SECONDS\n", stderr);
    return 2;
  }
  size_t size = strtoull(argv[2], NULL, 10);
  double seconds = atof(argv[3]);
  char* bytes = calloc(1, size);
  if (!bytes) die("start");
  alarm((unsigned)seconds + kPatienceSeconds); /* a server that hangs ends this too */

  int fd = connected((uint16_t)atoi(argv[1]));
  exchange(fd, bytes, size); /* the connection is accepted now */
  uint64_t begin = now_ns(), now = begin, end = begin + (uint64_t)(seconds * 1e9);
  while (now < end) {
    uint64_t sent = now;
    exchange(fd, bytes, size);
    now = now_ns();
    count_time(&times, now - sent);
  }
  double took = (double)(now - begin) / 1e9;
  printf("requests %lu seconds %.6f rate %.1f ", times.total, took, (double)times.total / took);
  printf("p50_us %.3f p99_us %.3f\n", percentile_us(&times, 0.50), percentile_us(&times, 0.99));
}

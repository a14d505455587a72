/* A server that takes bytes and copies them, as a program that wants them would: one client after the other, a blocking
   recv into one buffer. Listens on a free port of 127.0.0.1, says which, and serves until it is killed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kBufferBytes = 128 * 1024 }; /* as iperf3's server */

static char buffer[kBufferBytes];

static void die(const char* doing) {
  perror(doing);
  exit(1);
}

static int listen_on_loopback(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr*)&address, length) < 0) die("bind");
  if (listen(listener, SOMAXCONN) < 0) die("listen");
  getsockname(listener, (struct sockaddr*)&address, &length);
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(void) {
  int listener = listen_on_loopback();
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (client >= 0 && recv(client, buffer, sizeof buffer, 0) > 0) continue;
    close(client);
  }
}

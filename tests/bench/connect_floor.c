/* The floor under `tcpkit probe` as a whole process: connects to 127.0.0.1 on the given port, and ends. Linked statically
   it does no more than the kernel asks of any program that connects. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  struct sockaddr_in peer = {.sin_family = AF_INET};
  peer.sin_port = htons((unsigned short)strtoul(argv[1], NULL, 10));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || connect(descriptor, (struct sockaddr*)&peer, sizeof peer) != 0) {
    perror("connect");
    return 1;
  }
  return 0;
}

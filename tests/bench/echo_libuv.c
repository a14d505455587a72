/* An echo server on libuv, as its authors would write it for speed: one buffer for all reads, answers written at once,
   and only what a client does not take yet is queued. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { kBufferBytes = 256 * 1024, kBacklog = 4096 };

static char buffer[kBufferBytes];

/* What a client has not taken yet; it is not read from until it has. */
struct rest {
  uv_write_t request;
  char bytes[];
};

static void on_read(uv_stream_t* client, ssize_t got, const uv_buf_t* bytes);

static void check(int result, const char* doing) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", doing, uv_strerror(result));
  exit(1);
}

static void on_close(uv_handle_t* client) {
  free(client);
}

static void end(uv_stream_t* client) {
  if (!uv_is_closing((uv_handle_t*)client)) uv_close((uv_handle_t*)client, on_close);
}

static void share_buffer(uv_handle_t* client, size_t suggested, uv_buf_t* bytes) {
  (void)client, (void)suggested;
  *bytes = uv_buf_init(buffer, sizeof buffer);
}

static void on_rest_sent(uv_write_t* request, int status) {
  if (status < 0)
    end(request->handle);
  else
    uv_read_start(request->handle, share_buffer, on_read);
  free(request->data);
}

static void queue(uv_stream_t* client, const char* bytes, size_t length) {
  struct rest* rest = malloc(sizeof *rest + length);
  if (!rest) abort();
  memcpy(rest->bytes, bytes, length);
  rest->request.data = rest;
  uv_read_stop(client);
  uv_buf_t unsent = uv_buf_init(rest->bytes, (unsigned)length);
  uv_write(&rest->request, client, &unsent, 1, on_rest_sent);
}

static void on_read(uv_stream_t* client, ssize_t got, const uv_buf_t* bytes) {
  if (got == 0) return; /* EAGAIN */
  if (got < 0) {
    end(client);
    return;
  }
  uv_buf_t answer = uv_buf_init(bytes->base, (unsigned)got);
  int sent = uv_try_write(client, &answer, 1);
  if (sent < 0 && sent != UV_EAGAIN) {
    end(client);
    return;
  }
  size_t taken = sent < 0 ? 0 : (size_t)sent;
  if (taken < (size_t)got) queue(client, bytes->base + taken, (size_t)got - taken);
}

static void on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  uv_tcp_t* client = malloc(sizeof *client);
  if (!client) abort();
  uv_tcp_init(listener->loop, client);
  if (uv_accept(listener, (uv_stream_t*)client) < 0) {
    end((uv_stream_t*)client);
    return;
  }
  uv_tcp_nodelay(client, 1);
  uv_read_start((uv_stream_t*)client, share_buffer, on_read);
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener;
  struct sockaddr_in address;
  int length = sizeof address;
  uv_tcp_init(loop, &listener);
  uv_ip4_addr("127.0.0.1", 0, &address);
  check(uv_tcp_bind(&listener, (struct sockaddr*)&address, 0), "bind");
  check(uv_listen((uv_stream_t*)&listener, kBacklog, on_connection), "listen");
  check(uv_tcp_getsockname(&listener, (struct sockaddr*)&address, &length), "getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}

/* The physical limit: one write() per socket, with the bytes of a whole burst of WebSocket frames. No queue, no id, no check.
 *
 *   one-write CLIENTS PAYLOAD MAGIC
 *
 * Says "port N", takes CLIENTS connections, and answers the first bytes of each with 101. Then it reads from its input "burst FIRST COUNT MICROS":
 * COUNT frames with PAYLOAD bytes, marked (src/load/marker.ts) with MAGIC, target 0, lane 0, their number from FIRST on, and MICROS, are made once and
 * written to every socket; and "usage", which it answers with the microseconds of processor it has used. Ends with its input. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) { perror(what); exit(1); }

static void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = write(fd, bytes, length);
    if (sent < 0) fail("write");
    bytes += sent;
    length -= (size_t)sent;
  }
}

/* Six bits a digit, the last digit first. */
static void put_digits(char *at, int width, unsigned long long value) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  while (width-- > 0) {
    at[width] = alphabet[value & 63];
    value >>= 6;
  }
}

static void put_frame(char *at, int head, int payload, const char *magic, unsigned number, unsigned long long micros) {
  at[0] = (char)0x81;
  at[1] = (char)(head == 2 ? payload : head == 4 ? 126 : 127);
  for (int i = 0; i < head - 2; i++) at[2 + i] = (char)((unsigned long long)payload >> (8 * (head - 3 - i)));
  memset(at + head, 'x', (size_t)payload);
  memcpy(at + head, magic, 8);
  put_digits(at + head + 8, 6, 0);
  put_digits(at + head + 14, 5, number);
  put_digits(at + head + 19, 6, micros);
}

int main(int argc, char **argv) {
  if (argc != 4 || strlen(argv[3]) != 8 || atoi(argv[2]) < 25) return 2;
  int clients = atoi(argv[1]), payload = atoi(argv[2]), head = payload < 126 ? 2 : payload < 65536 ? 4 : 10;
  size_t frame = (size_t)(head + payload);
  static const char welcome[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), *sockets = calloc((size_t)clients, sizeof *sockets);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (int i = 0; i < clients; i++) {
    char request[4096];
    if ((sockets[i] = accept(listener, NULL, NULL)) < 0 || read(sockets[i], request, sizeof request) <= 0) fail("accept");
    write_all(sockets[i], welcome, sizeof welcome - 1);
  }
  char line[128], *burst = NULL;
  while (fgets(line, sizeof line, stdin)) {
    unsigned first, count;
    unsigned long long micros;
    if (sscanf(line, "burst %u %u %llu", &first, &count, &micros) == 3) {
      if ((burst = realloc(burst, frame * count)) == NULL) fail("realloc");
      for (unsigned i = 0; i < count; i++) put_frame(burst + frame * i, head, payload, argv[3], first + i, micros);
      for (int i = 0; i < clients; i++) write_all(sockets[i], burst, frame * count);
    } else if (strncmp(line, "usage", 5) == 0) {
      struct rusage used;
      getrusage(RUSAGE_SELF, &used);
      long long seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
      printf("%lld\n", seconds * 1000000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec);
      fflush(stdout);
    }
  }
  return 0;
}

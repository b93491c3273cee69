// Raw TCP on loopback, the ceiling of everything above it: length-prefixed frames one way, a 4-byte ack for each the other way.
//   tcp server                               prints "listening PORT"
//   tcp client PORT BYTES WINDOW SECONDS FPS  prints "measuring", then one line of JSON
// Frames over 1 MB have a 64-byte header before a page-aligned payload, at both ends: the kernel copies whole pages.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MOST = 64 << 20, LARGE = 1 << 20, WARM_UP_MS = 300, MOST_FRAMES = 1 << 20 };

static int64_t *sent_at;
static double *latencies;
static sem_t window;
static volatile int64_t total = -1;  // known once the last frame has gone
static int64_t measure_from, last_ack, measured;
static int connection;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

// Reads exactly that much; 0 at the end of the connection.
static int read_all(int fd, void *to, size_t bytes) {
  for (size_t have = 0; have < bytes;) {
    ssize_t n = recv(fd, (char *)to + have, bytes - have, MSG_WAITALL);
    if (n <= 0) return 0;
    have += n;
  }
  return 1;
}

static void write_all(int fd, const void *from, size_t bytes) {
  for (size_t have = 0; have < bytes;) {
    ssize_t n = send(fd, (const char *)from + have, bytes - have, MSG_NOSIGNAL);
    if (n <= 0) fail("send");
    have += n;
  }
}

static void *take(void *argument) {
  int fd = (int)(intptr_t)argument;
  char *pages = aligned_alloc(PAGE, PAGE + MOST);
  char *payload = pages + PAGE;
  uint32_t header[2];
  for (uint32_t ack = 0; read_all(fd, header, sizeof header); ack++) {
    if (header[0] > MOST) break;
    if (header[0] > LARGE && !read_all(fd, payload - 56, 56)) break;
    if (!read_all(fd, payload, header[0])) break;
    if (header[1] != ack) break;
    write_all(fd, &ack, sizeof ack);
  }
  free(pages);
  close(fd);
  return NULL;
}

static void serve(void) {
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) fail("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pthread_t thread;
    pthread_create(&thread, NULL, take, (void *)(intptr_t)fd);
    pthread_detach(thread);
  }
}

static void *read_acks(void *unused) {
  (void)unused;
  for (uint32_t expected = 0, ack; expected != (uint64_t)total; expected++) {
    if (!read_all(connection, &ack, sizeof ack) || ack != expected) {
      fprintf(stderr, "ack %u is missing\n", expected);
      exit(1);
    }
    int64_t time = now();
    if (sent_at[expected] >= measure_from) {
      if (measured == 0) {
        puts("measuring");
        fflush(stdout);
      }
      latencies[measured++] = (time - sent_at[expected]) / 1e3;
      last_ack = time;
    }
    sem_post(&window);
  }
  return NULL;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double at(double p) { return latencies[(int64_t)(p * (measured - 1))]; }

static void send_frames(size_t bytes, double seconds, double fps) {
  size_t head = bytes > LARGE ? 64 : 8;
  char *pages = aligned_alloc(PAGE, (PAGE + bytes + PAGE) / PAGE * PAGE);
  char *message = pages + PAGE - head;
  for (size_t i = 0; i < bytes; i++) pages[PAGE + i] = (char)(i * 2654435761u >> 13);
  memset(message, 0, head);
  int64_t start = now(), until = start + (int64_t)(seconds * 1e9) + WARM_UP_MS * 1000000LL;
  measure_from = start + WARM_UP_MS * 1000000LL;
  pthread_t reader;
  uint32_t number = 0;
  for (; now() < until && number < MOST_FRAMES; number++) {
    if (fps > 0) {
      int64_t due = start + (int64_t)(number * 1e9 / fps);
      struct timespec t = {due / 1000000000LL, due % 1000000000LL};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    }
    sem_wait(&window);
    ((uint32_t *)message)[0] = (uint32_t)bytes;
    ((uint32_t *)message)[1] = number;
    sent_at[number] = now();
    if (number == 0) pthread_create(&reader, NULL, read_acks, NULL);
    write_all(connection, message, head + bytes);
  }
  // The reader may wait for an ack that never comes unless it is told before the last one: one more frame goes when the number is known.
  sem_wait(&window);
  total = number + 1;
  ((uint32_t *)message)[1] = number;
  sent_at[number] = now();
  write_all(connection, message, head + bytes);
  pthread_join(reader, NULL);
}

int main(int count, char **arguments) {
  if (count == 2 && !strcmp(arguments[1], "server")) serve();
  if (count != 7) return 2;
  int one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(atoi(arguments[2]))};
  connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sent_at = calloc(MOST_FRAMES + 1, sizeof *sent_at);
  latencies = calloc(MOST_FRAMES + 1, sizeof *latencies);
  sem_init(&window, 0, atoi(arguments[4]));
  send_frames(atol(arguments[3]), atof(arguments[5]), atof(arguments[6]));
  if (measured == 0) return 1;
  qsort(latencies, measured, sizeof *latencies, by_size);
  printf("{\"frames\": %ld, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f}\n", (long)measured, (last_ack - measure_from) / 1e9, at(.5), at(.99), at(.999));
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}

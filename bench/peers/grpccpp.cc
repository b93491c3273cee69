// The seed's contract on C++ gRPC, by its blocking ("sync") and by its callback API.
//   grpccpp sync|callback server                                  prints "listening PORT"
//   grpccpp sync|callback client PORT BYTES WINDOW SECONDS FPS    prints "measuring", then one line of JSON
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "video.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMostBytes = 64 << 20;
constexpr auto kWarmUp = std::chrono::milliseconds(300);

class SyncService final : public video::Service {
  grpc::Status Analyse(grpc::ServerContext*, grpc::ServerReaderWriter<MsgReply, MsgRequest>* stream) override {
    MsgRequest request;
    MsgReply reply;
    for (int number = 0; stream->Read(&request); number++) {
      reply.set_reply(number);
      if (!stream->Write(reply)) break;
    }
    return grpc::Status::OK;
  }
};

// Reads one frame while the ack of the one before is being written; reading goes on once it is.
class CallbackCall final : public grpc::ServerBidiReactor<MsgRequest, MsgReply> {
 public:
  CallbackCall() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    reply_.set_reply(number_++);
    StartWrite(&reply_);
  }

  void OnWriteDone(bool ok) override {
    if (ok)
      StartRead(&request_);
    else
      Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

 private:
  MsgRequest request_;
  MsgReply reply_;
  int number_ = 0;
};

class CallbackService final : public video::CallbackService {
  grpc::ServerBidiReactor<MsgRequest, MsgReply>* Analyse(grpc::CallbackServerContext*) override { return new CallbackCall; }
};

int Serve(grpc::Service* service) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMostBytes);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service);
  auto server = builder.BuildAndStart();
  if (!server || port == 0) return 1;
  std::printf("listening %d\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

// The window, the clock and the latencies. One thread sends, another takes acks.
class Measure {
 public:
  Measure(int window, double seconds, double fps)
      : window_(window), fps_(fps), start_(Clock::now()), measure_from_(start_ + kWarmUp),
        until_(measure_from_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {}

  // Waits until a frame may be sent; false if there shall be no more.
  bool Next() {
    if (fps_ > 0) std::this_thread::sleep_until(start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(sent_.size() / fps_)));
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [this] { return static_cast<int>(sent_.size() - acked_) < window_; });
    auto now = Clock::now();
    if (now >= until_) return false;
    sent_.push_back(now);
    return true;
  }

  void Ack(int number) {
    auto now = Clock::now();
    std::lock_guard<std::mutex> lock(mutex_);
    if (number != static_cast<int>(acked_) || acked_ >= sent_.size()) Fail("ack " + std::to_string(acked_) + " is missing");
    auto sent = sent_[acked_++];
    if (sent >= measure_from_) {
      if (times_.empty()) {
        std::puts("measuring");
        std::fflush(stdout);
      }
      times_.push_back(std::chrono::duration<double, std::micro>(now - sent).count());
      last_ = now;
    }
    room_.notify_one();
  }

  void Finish() {
    if (acked_ != sent_.size() || times_.empty()) Fail(std::to_string(acked_) + " of " + std::to_string(sent_.size()) + " frames were acknowledged");
    std::sort(times_.begin(), times_.end());
    auto at = [this](double p) { return times_[static_cast<size_t>(p * (times_.size() - 1))]; };
    std::printf("{\"frames\": %zu, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f}\n", times_.size(),
                std::chrono::duration<double>(last_ - measure_from_).count(), at(.5), at(.99), at(.999));
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  }

 private:
  const int window_;
  const double fps_;
  const Clock::time_point start_, measure_from_, until_;
  Clock::time_point last_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::vector<Clock::time_point> sent_;
  std::vector<double> times_;
  size_t acked_ = 0;
};

void SendSync(video::Stub* stub, const MsgRequest& request, Measure& measure) {
  grpc::ClientContext context;
  auto stream = stub->Analyse(&context);
  std::thread reader([&] {
    MsgReply reply;
    while (stream->Read(&reply)) measure.Ack(reply.reply());
  });
  while (measure.Next()) {
    if (!stream->Write(request)) Fail("the call broke");
  }
  stream->WritesDone();
  reader.join();
  if (auto status = stream->Finish(); !status.ok()) Fail(status.error_message());
}

// The next write is asked for by the thread of the pace, as soon as the last one is done and the window has room.
class CallbackSender final : public grpc::ClientBidiReactor<MsgRequest, MsgReply> {
 public:
  CallbackSender(video::Stub* stub, Measure& measure) : measure_(measure) {
    stub->async()->Analyse(&context_, this);
    AddHold();
    StartCall();
    StartRead(&reply_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    measure_.Ack(reply_.reply());
    StartRead(&reply_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) Fail("the call broke");
    std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }

  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) Fail(status.error_message());
    std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

  void Run(const MsgRequest& request) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !writing_; });
      lock.unlock();
      bool more = measure_.Next();
      lock.lock();
      if (!more) break;
      writing_ = true;
      StartWrite(&request);
    }
    StartWritesDone();
    RemoveHold();
    changed_.wait(lock, [this] { return done_; });
  }

 private:
  Measure& measure_;
  grpc::ClientContext context_;
  MsgReply reply_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool writing_ = false, done_ = false;
};

int Send(bool callback, char** arguments) {
  grpc::ChannelArguments limits;
  limits.SetMaxReceiveMessageSize(kMostBytes);
  auto channel = grpc::CreateCustomChannel(std::string("127.0.0.1:") + arguments[0], grpc::InsecureChannelCredentials(), limits);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) Fail("no server");
  auto stub = video::NewStub(channel);
  MsgRequest request;
  std::mt19937 noise(1);
  for (long left = std::atol(arguments[1]); left > 0; left--) request.mutable_img()->push_back(static_cast<char>(noise()));
  Measure measure(std::atoi(arguments[2]), std::atof(arguments[3]), std::atof(arguments[4]));
  if (callback) {
    CallbackSender sender(stub.get(), measure);
    sender.Run(request);
  } else {
    SendSync(stub.get(), request, measure);
  }
  measure.Finish();
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  bool callback = std::string(arguments[1]) == "callback";
  if (count == 3) {
    SyncService blocking;
    CallbackService reactive;
    return callback ? Serve(&reactive) : Serve(&blocking);
  }
  return count == 8 ? Send(callback, arguments + 3) : 2;
}

// Streams, events and captures: work is executed in order, at once or, in late mode, when something waits for it.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "entries.h"

namespace fake {

struct Operation {
    /// Returns a status.
    std::function<int()> run;
    /// Whether it can run; empty if it always can.
    std::function<bool()> isReady;
};

struct EventState {
    uint64_t recorded = 0, passed = 0;
    double seconds = 0;
};

/// A node of a graph, and the nodes it depends on.
struct Node {
    std::function<int()> run;
    std::vector<size_t> before;
};

struct Capture {
    std::vector<Node> nodes;
    cr_stream origin;
    std::vector<cr_stream> streams;
    int mode;
    std::thread::id thread;
    bool isValid = true;
};

/// Puts work into a stream, or into the graph being captured there.
int enqueue(cr_stream stream, std::function<int()> run);
/// Runs queued work until `isDone`; the work in `first` goes first, unless late.
int drain(const std::function<bool()> &isDone, cr_stream first = nullptr);
int drainStream(cr_stream stream);
int drainAll();
/// The stream, with null meaning the device's default stream; nullptr if it belongs to another device.
cr_stream resolve(cr_stream stream);
/// An error if this thread may not make a call that might disturb a capture.
int checkUnsafeCall(const char *call);
int runNodes(const std::vector<Node> &nodes);
bool isCapturing(cr_stream stream);

}  // namespace fake

struct cr_stream_s {
    int device;
    std::deque<fake::Operation> queue;
    std::shared_ptr<fake::Capture> capture;
    /// In a capture: the nodes on which the stream's next node depends.
    std::vector<size_t> frontier;
};

struct cr_event_s {
    int device;
    bool isTimed;
    std::shared_ptr<fake::EventState> state = std::make_shared<fake::EventState>();
    /// The capture in which it was last recorded.
    std::weak_ptr<fake::Capture> capture;
    bool isCaptured = false;
    std::vector<size_t> frontier;
};

struct cr_graph_s {
    std::vector<fake::Node> nodes;
};
struct cr_graph_exec_s {
    std::shared_ptr<std::vector<fake::Node>> nodes;
};

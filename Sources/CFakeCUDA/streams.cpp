#include "streams.h"

#include <algorithm>
#include <chrono>

#include "memory.h"
#include "state.h"

namespace fake {

static std::vector<cr_stream> &streams = *new std::vector<cr_stream>;
static cr_stream ownStreams[16];

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

cr_stream resolve(cr_stream stream) {
    if (!stream) {
        cr_stream &own = ownStreams[currentDevice];
        if (!own) streams.push_back(own = new cr_stream_s{currentDevice, {}, nullptr, {}});
        return own;
    }
    if (stream->device == currentDevice) return stream;
    refuse(invalidHandle, "a stream of device %d is used while device %d is current", stream->device, currentDevice);
    return nullptr;
}

// MARK: Work

int drain(const std::function<bool()> &isDone, cr_stream first) {
    while (!isDone()) {
        std::vector<cr_stream> able;
        for (cr_stream stream : streams) {
            if (stream->queue.empty()) continue;
            auto &isReady = stream->queue.front().isReady;
            if (isReady && !isReady()) continue;
            able.push_back(stream);
            if (stream == first) std::swap(able.front(), able.back());
        }
        if (able.empty()) return stickyError = refuse(launchFailed, "streams wait for each other");
        cr_stream stream = able[settings().isLate ? randomNumbers()() % able.size() : 0];
        Operation operation = std::move(stream->queue.front());
        stream->queue.pop_front();
        if (stickyError) continue;
        OpenMemory open(stream->device);
        if (int status = operation.run()) stickyError = status;
    }
    return stickyError;
}

int drainStream(cr_stream stream) {
    return drain([=] { return stream->queue.empty(); }, stream);
}

static bool areIdle() {
    return std::all_of(streams.begin(), streams.end(), [](cr_stream stream) { return stream->queue.empty(); });
}

int drainAll() { return drain(areIdle); }

/// Runs one piece of work, so that a caller that polls eventually finishes.
static void makeProgress() {
    bool hasRun = false;
    drain([&] {
        bool isDone = hasRun || areIdle();
        hasRun = true;
        return isDone;
    });
}

static size_t addNode(cr_stream stream, std::function<int()> run) {
    Capture &capture = *stream->capture;
    capture.nodes.push_back({std::move(run), stream->frontier});
    stream->frontier = {capture.nodes.size() - 1};
    return capture.nodes.size() - 1;
}

static int enqueueOperation(cr_stream stream, Operation operation) {
    stream->queue.push_back(std::move(operation));
    return settings().isLate ? stickyError : drainStream(stream);
}

int enqueue(cr_stream stream, std::function<int()> run) {
    if (stream->capture) {
        if (!stream->capture->isValid) return captureInvalidated;
        addNode(stream, std::move(run));
        return success;
    }
    return enqueueOperation(stream, {std::move(run), nullptr});
}

// MARK: Captures

bool isCapturing(cr_stream stream) { return stream->capture != nullptr; }

static thread_local int captureMode = 0;

int checkUnsafeCall(const char *call) {
    if (captureMode == 2) return success;
    for (cr_stream stream : streams) {
        if (!stream->capture || stream->capture->origin != stream) continue;
        Capture &capture = *stream->capture;
        bool isOwn = capture.thread == std::this_thread::get_id();
        if (isOwn ? capture.mode == 2 : captureMode != 0 || capture.mode != 0) continue;
        capture.isValid = false;
        return refuse(captureUnsupported, "%s is not permitted while a stream is captured", call);
    }
    return success;
}

/// Rejects waiting for a stream that is being captured.
static int refuseWait(cr_stream stream, const char *call) {
    stream->capture->isValid = false;
    return refuse(captureUnsupported, "%s of a stream that is captured", call);
}

static bool isJoined(const Capture &capture, const std::vector<size_t> &end, const std::vector<size_t> &frontier) {
    std::vector<bool> seen(capture.nodes.size());
    std::vector<size_t> open = end;
    while (!open.empty()) {
        size_t node = open.back();
        open.pop_back();
        if (seen[node]) continue;
        seen[node] = true;
        open.insert(open.end(), capture.nodes[node].before.begin(), capture.nodes[node].before.end());
    }
    return std::all_of(frontier.begin(), frontier.end(), [&](size_t node) { return seen[node]; });
}

int runNodes(const std::vector<Node> &nodes) {
    if (!settings().isLate) {
        for (const Node &node : nodes)
            if (int status = node.run()) return status;
        return success;
    }
    // Any order that keeps each node after those it depends on.
    std::vector<bool> isDone(nodes.size());
    for (size_t left = nodes.size(); left; left--) {
        std::vector<size_t> able;
        for (size_t i = 0; i < nodes.size(); i++) {
            auto &before = nodes[i].before;
            if (!isDone[i] && std::all_of(before.begin(), before.end(), [&](size_t n) { return isDone[n]; }))
                able.push_back(i);
        }
        size_t next = able[randomNumbers()() % able.size()];
        isDone[next] = true;
        if (int status = nodes[next].run()) return status;
    }
    return success;
}

static void join(cr_stream stream, const std::shared_ptr<Capture> &capture, const std::vector<size_t> &frontier) {
    if (!stream->capture) {
        stream->capture = capture;
        stream->frontier.clear();
        capture->streams.push_back(stream);
    }
    for (size_t node : frontier)
        if (std::find(stream->frontier.begin(), stream->frontier.end(), node) == stream->frontier.end())
            stream->frontier.push_back(node);
}

}  // namespace fake

using namespace fake;

// MARK: Streams

int cuStreamCreateWithPriority(cr_stream *stream, unsigned flags, int) {
    FAKE_ENTER_DEVICE;
    if (flags > 1) return refuse(invalidValue, "cuStreamCreateWithPriority: flags %u", flags);
    streams.push_back(*stream = new cr_stream_s{currentDevice, {}, nullptr, {}});
    return success;
}

int cuStreamDestroy_v2(cr_stream stream) {
    FAKE_ENTER;
    if (!stream) return invalidHandle;
    if (stream->capture) return refuseWait(stream, "cuStreamDestroy");
    int status = drainStream(stream);
    streams.erase(std::find(streams.begin(), streams.end(), stream));
    delete stream;
    return status;
}

int cuStreamSynchronize(cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (stream->capture) return refuseWait(stream, "cuStreamSynchronize");
    return drainStream(stream);
}

int cuStreamQuery(cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (stream->capture) return refuseWait(stream, "cuStreamQuery");
    if (stream->queue.empty()) return success;
    makeProgress();
    return stickyError ? stickyError : stream->queue.empty() ? success : notReady;
}

int cuCtxSynchronize() {
    FAKE_ENTER_DEVICE;
    for (cr_stream stream : streams)
        if (stream->capture && stream->device == currentDevice) return refuseWait(stream, "cuCtxSynchronize");
    return drainAll();
}

int cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    FAKE_ENTER_DEVICE;
    if (least) *least = 0;
    if (greatest) *greatest = -5;
    return success;
}

int cuStreamWaitEvent(cr_stream stream, cr_event event, unsigned flags) {
    FAKE_ENTER_DEVICE;
    if (!event || flags) return invalidValue;
    if (!stream) stream = resolve(stream);
    if (event->isCaptured) {
        auto capture = event->capture.lock();
        if (!capture) return refuse(capturedEvent, "waiting for an event of a capture that has ended");
        if (stream->capture && stream->capture != capture)
            return refuse(captureIsolation, "a captured stream waits for an event of another capture");
        join(stream, capture, event->frontier);
        return success;
    }
    if (stream->capture) {
        if (event->state->recorded == 0) return success;
        stream->capture->isValid = false;
        return refuse(captureIsolation, "a captured stream waits for an event that was recorded outside");
    }
    auto state = event->state;
    uint64_t ticket = state->recorded;
    return enqueueOperation(stream, {[] { return 0; }, [=] { return state->passed >= ticket; }});
}

// MARK: Events

int cuEventCreate(cr_event *event, unsigned flags) {
    FAKE_ENTER_DEVICE;
    // 1: waits without spinning, 2: without times.
    if (flags & ~3u) return refuse(invalidValue, "cuEventCreate: flags %u", flags);
    *event = new cr_event_s;
    (*event)->device = currentDevice;
    (*event)->isTimed = !(flags & 2);
    return success;
}

int cuEventDestroy_v2(cr_event event) {
    FAKE_ENTER;
    if (!event) return invalidHandle;
    delete event;
    return success;
}

int cuEventRecord(cr_event event, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!event) return invalidHandle;
    if (!(stream = resolve(stream))) return invalidHandle;
    if (event->device != stream->device)
        return refuse(invalidHandle, "an event of device %d is recorded on device %d", event->device, stream->device);
    event->isCaptured = stream->capture != nullptr;
    if (event->isCaptured) {
        event->capture = stream->capture;
        event->frontier = stream->frontier;
        return success;
    }
    auto state = event->state;
    uint64_t ticket = ++state->recorded;
    return enqueueOperation(
        stream, {[=] {
                     state->passed = std::max(state->passed, ticket);
                     state->seconds = now();
                     return 0;
                 },
                 nullptr});
}

static int checkEvent(cr_event event, const char *call) {
    if (!event) return invalidHandle;
    if (event->isCaptured) return refuse(capturedEvent, "%s of an event that was recorded in a capture", call);
    return checkUnsafeCall(call);
}

int cuEventQuery(cr_event event) {
    FAKE_ENTER;
    if (int status = checkEvent(event, "cuEventQuery")) return status;
    if (event->state->passed >= event->state->recorded) return success;
    makeProgress();
    return stickyError ? stickyError : event->state->passed >= event->state->recorded ? success : notReady;
}

int cuEventSynchronize(cr_event event) {
    FAKE_ENTER;
    if (int status = checkEvent(event, "cuEventSynchronize")) return status;
    auto state = event->state;
    uint64_t ticket = state->recorded;
    return drain([=] { return state->passed >= ticket; });
}

int cuEventElapsedTime(float *milliseconds, cr_event start, cr_event end) {
    FAKE_ENTER;
    for (cr_event event : {start, end}) {
        if (!event || !event->isTimed || event->isCaptured || event->state->recorded == 0)
            return refuse(invalidHandle, "cuEventElapsedTime: an event has no time");
        if (event->state->passed < event->state->recorded) return notReady;
    }
    *milliseconds = static_cast<float>((end->state->seconds - start->state->seconds) * 1e3);
    return success;
}

// MARK: Graphs

int cuStreamBeginCapture_v2(cr_stream stream, int mode) {
    FAKE_ENTER_DEVICE;
    if (!stream) return refuse(captureUnsupported, "the default stream cannot be captured");
    if (!(stream = resolve(stream))) return invalidHandle;
    if (stream->capture || mode < 0 || mode > 2) return refuse(invalidValue, "cuStreamBeginCapture: captured already");
    stream->capture = std::make_shared<Capture>();
    stream->capture->origin = stream;
    stream->capture->streams = {stream};
    stream->capture->mode = mode;
    stream->capture->thread = std::this_thread::get_id();
    stream->frontier.clear();
    return success;
}

int cuStreamEndCapture(cr_stream stream, cr_graph *graph) {
    FAKE_ENTER_DEVICE;
    if (graph) *graph = nullptr;
    if (!stream || !stream->capture) return refuse(invalidValue, "cuStreamEndCapture: nothing is captured");
    auto capture = stream->capture;
    if (capture->origin != stream) return refuse(captureUnmatched, "a capture ends on another stream than it began on");
    if (capture->mode != 2 && capture->thread != std::this_thread::get_id())
        return refuse(captureWrongThread, "a capture ends on another thread than it began on");
    bool isWhole = true;
    for (cr_stream other : capture->streams) isWhole = isWhole && isJoined(*capture, stream->frontier, other->frontier);
    for (cr_stream other : capture->streams) {
        if (other != stream) other->capture = nullptr;
    }
    stream->capture = nullptr;
    if (!capture->isValid) return captureInvalidated;
    if (!isWhole) return refuse(captureUnjoined, "a stream that joined a capture was not waited for at its end");
    *graph = new cr_graph_s{capture->nodes};
    return success;
}

int cuStreamIsCapturing(cr_stream stream, int *status) {
    FAKE_ENTER_DEVICE;
    *status = stream && stream->capture ? stream->capture->isValid ? 1 : 2 : 0;
    return success;
}

int cuThreadExchangeStreamCaptureMode(int *mode) {
    if (!mode || *mode < 0 || *mode > 2) return invalidValue;
    std::swap(*mode, captureMode);
    return success;
}

int cuGraphInstantiateWithFlags(cr_graph_exec *executable, cr_graph graph, uint64_t) {
    FAKE_ENTER_DEVICE;
    if (!graph) return invalidValue;
    *executable = new cr_graph_exec_s{std::make_shared<std::vector<Node>>(graph->nodes)};
    return success;
}

int cuGraphLaunch(cr_graph_exec executable, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    if (!executable || !(stream = resolve(stream))) return invalidHandle;
    auto nodes = executable->nodes;
    return enqueue(stream, [=] { return runNodes(*nodes); });
}

int cuGraphUpload(cr_graph_exec executable, cr_stream stream) {
    FAKE_ENTER_DEVICE;
    return executable && resolve(stream) ? success : invalidHandle;
}

int cuGraphExecDestroy(cr_graph_exec executable) {
    FAKE_ENTER;
    if (!executable) return invalidValue;
    delete executable;
    return success;
}

int cuGraphDestroy(cr_graph graph) {
    FAKE_ENTER;
    if (!graph) return invalidValue;
    delete graph;
    return success;
}

int cuGraphGetNodes(cr_graph graph, void **nodes, size_t *count) {
    FAKE_ENTER;
    if (!graph || !count) return invalidValue;
    size_t room = nodes ? *count : 0;
    *count = graph->nodes.size();
    for (size_t i = 0; i < room; i++) nodes[i] = i < *count ? &graph->nodes[i] : nullptr;
    return success;
}

import Foundation
internal import GrantlineGenerated

/// Takes HTTP work from the native library, has each request performed in a task of its own, and gives the reply back.
///
/// It lives in a task of its own, never in the caller's: what was sent must be answered even if the caller is gone. It ends
/// with its client, by whichever way that ends.
final class PerformerLoop: Sendable {
    private let native: GrantlineGenerated.Client

    init(_ native: GrantlineGenerated.Client, _ performer: any HttpPerformer) {
        self.native = native
        let requests = RunningRequests(native, performer)
        Task.detached {
            while let work = await native.nextHttpWork() {
                await requests.take(work)
            }
            await requests.giveUp()
        }
    }

    deinit {
        // Nobody holds the client any more, or it was shut down already. There is nobody to tell what was given up.
        Task.detached { [native] in try? await native.shutDown(limitMs: nil) }
    }
}

/// The requests that are being performed, by their id.
private actor RunningRequests {
    private let native: GrantlineGenerated.Client
    private let performer: any HttpPerformer
    private var tasks: [HttpWorkId: Task<Void, Never>] = [:]

    init(_ native: GrantlineGenerated.Client, _ performer: any HttpPerformer) {
        self.native = native
        self.performer = performer
    }

    func take(_ work: HttpWork) {
        switch work {
        case .perform(let id, let request):
            // It enters the table before it can leave it: `done` waits for this call to end.
            tasks[id] = Task.detached { [native, performer] in
                await Self.perform(request, id, native, performer)
                await self.done(id)
            }
        case .cancel(let id):
            tasks[id]?.cancel()
        }
    }

    /// What was waited for is answered by then.
    func giveUp() {
        tasks.values.forEach { $0.cancel() }
    }

    private func done(_ id: HttpWorkId) {
        tasks[id] = nil
    }

    private static func perform(
        _ request: GrantlineGenerated.HttpRequest, _ id: HttpWorkId, _ native: GrantlineGenerated.Client,
        _ performer: any HttpPerformer
    ) async {
        do throws(HttpFailure) {
            let response = try await performer.perform(HttpRequest(request))
            guard let status = UInt16(exactly: response.status), (100...999).contains(status) else {
                throw HttpFailure(.notHttp, sent: .maybe, detail: "\(response.status) is no HTTP status")
            }
            native.replyHttpResponse(
                id: id, status: status, headers: response.headers.map(\.native), body: response.body)
        } catch {
            native.replyHttpFailure(id: id, kind: error.kind.native, sent: error.sent.native, detail: error.detail)
        }
    }
}

extension HttpRequest {
    fileprivate init(_ native: GrantlineGenerated.HttpRequest) {
        self.init(
            method: native.method(), url: native.url(),
            headers: native.exposeHeaders().map { HttpHeader($0.name, $0.value) }, body: native.exposeBody(),
            timeout: Duration(milliseconds: native.timeoutMs()))
    }
}

extension HttpHeader {
    fileprivate var native: GrantlineGenerated.HttpHeader { .init(name: name, value: value) }
}

extension HttpFailure.Kind {
    fileprivate var native: HttpFailureKind {
        switch self {
        case .dns: .dns
        case .connect: .connect
        case .tls: .tls
        case .timedOut: .timedOut
        case .connectionLost: .connectionLost
        case .bodyTooLarge: .bodyTooLarge
        case .notHttp: .notHttp
        case .notPerformed: .notPerformed
        }
    }
}

extension HttpFailure.Sent {
    fileprivate var native: GrantlineGenerated.Sent {
        switch self {
        case .certainlyNot: .certainlyNot
        case .maybe: .maybe
        }
    }
}

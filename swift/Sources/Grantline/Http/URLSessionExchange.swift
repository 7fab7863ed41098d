import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request and its response, in a session of their own. The first end counts; what comes later is ignored.
///
/// It is told of the exchange on its session's serial queue, and of time limits and cancellations on any thread.
final class URLSessionExchange: NSObject, URLSessionDataDelegate, Sendable {
    typealias Outcome = Result<HttpResponse, HttpFailure>

    private struct State {
        var session: URLSession?
        var waiting: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var body = Data()
    }

    private let request: URLRequest
    private let longestBody: Int
    private let state = Locked(State())

    /// - Parameter longestBody: how many bytes of a response are read at most.
    init(_ request: URLRequest, longestBody: Int) {
        self.request = request
        self.longestBody = longestBody
    }

    /// Sends the request. Cancelling the caller closes the connection.
    func run() async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { start($0) }
        } onCancel: {
            giveUp(.notPerformed, "the caller went away")
        }
    }

    /// Ends the exchange from outside, where it is not known how far it came.
    func giveUp(_ kind: HttpFailure.Kind, _ detail: String) {
        let began = state.with { $0.session != nil }
        end(.failure(HttpFailure(kind, sent: began ? .maybe : .certainlyNot, detail: detail)))
    }

    private func start(_ continuation: CheckedContinuation<Outcome, Never>) {
        let session = URLSession(configuration: configuration(), delegate: self, delegateQueue: delegateQueue())
        // Before anybody can end the session: one that has ended makes no task, but ends the process.
        let task = session.dataTask(with: request)
        let ended = state.with { state -> Outcome? in
            guard state.outcome == nil else { return state.outcome }
            state.session = session
            state.waiting = continuation
            return nil
        }
        if let ended {
            session.invalidateAndCancel()
            continuation.resume(returning: ended)
        } else {
            task.resume()
        }
    }

    private func end(_ outcome: Outcome) {
        let (waiting, session) = state.with { state in
            guard state.outcome == nil else { return (CheckedContinuation<Outcome, Never>?.none, URLSession?.none) }
            state.outcome = outcome
            state.body = Data()
            defer { state.waiting = nil }
            return (state.waiting, state.session)
        }
        waiting?.resume(returning: outcome)
        // On Linux this waits for libcurl, which can be busy reading what a fast server still sends.
        DispatchQueue.global().async { session?.invalidateAndCancel() }
    }

    private func configuration() -> URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        return configuration
    }

    private func delegateQueue() -> OperationQueue? {
        #if canImport(FoundationNetworking)
            InlineQueue()
        #else
            nil
        #endif
    }

    // MARK: URLSessionDataDelegate

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            // On Linux the handler ends the process if the task is cancelled meanwhile. The body is not needed.
            succeed(response)
        #else
            completionHandler(nil)
        #endif
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let tooLong = state.with { state in
            guard state.outcome == nil else { return false }
            state.body.append(data)
            return state.body.count > longestBody
        }
        if tooLong {
            let detail = "the body has more than \(longestBody) bytes"
            end(.failure(HttpFailure(.bodyTooLarge, sent: .maybe, detail: detail)))
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            end(.failure(URLSessionFailure.judge(error, bodyTaken: task.countOfBytesSent > 0)))
        } else {
            succeed(task.response)
        }
    }

    #if canImport(FoundationNetworking)
        // On Linux a 401 with a challenge comes here, after its body, and no disposition has the task complete with it. So
        // the challenge is left open: the end of the session ends it.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            succeed(challenge.failureResponse)
        }
    #endif

    private func succeed(_ response: URLResponse?) {
        guard let response = response as? HTTPURLResponse else {
            return end(.failure(HttpFailure(.notHttp, sent: .maybe, detail: "the response is not HTTP")))
        }
        let headers = response.allHeaderFields.compactMap { name, value in
            (name as? String).flatMap { name in (value as? String).map { HttpHeader(name, $0) } }
        }
        let body = state.with { $0.body }
        end(.success(HttpResponse(status: response.statusCode, headers: headers, body: body)))
    }
}

#if canImport(FoundationNetworking)
    /// Has a session's delegate called on the session's own queue, between two reads.
    ///
    /// On Linux each piece of a body is otherwise queued, and a server that sends faster than the queue is worked off
    /// fills the memory, whatever the delegate does with what it gets.
    private final class InlineQueue: OperationQueue, @unchecked Sendable {
        override func addOperation(_ block: @escaping @Sendable () -> Void) {
            block()
        }
    }
#endif

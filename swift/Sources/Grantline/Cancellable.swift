internal import GrantlineGenerated

/// Awaits a call of the native library. When the task is cancelled the caller leaves the call and gets a
/// `CancellationError`; a request that others share goes on for them.
func cancellable<Value: Sendable>(
    _ call: @Sendable (Cancellation) async throws -> Value
) async throws -> Value {
    let cancellation = Cancellation()
    do {
        return try await withTaskCancellationHandler {
            // Cancelled before this line, the handler has run already and the cancellation sticks; still, begin nothing.
            try Task.checkCancellation()
            return try await call(cancellation)
        } onCancel: {
            cancellation.cancel()
        }
    } catch let error as CancellationError {
        throw error
    } catch {
        let error = GrantlineError(native: error)
        throw error.fault == .cancelled && Task.isCancelled ? CancellationError() : error
    }
}

/// Awaits a call of the native library that goes to its end, whatever becomes of the caller's task. When that is cancelled
/// the caller leaves and gets a `CancellationError`.
func outlivingItsCaller<Value: Sendable>(_ call: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try Task.checkCancellation()
    let (values, end) = AsyncThrowingStream<Value, any Error>.makeStream()
    Task.detached {
        do {
            end.yield(try await call())
            end.finish()
        } catch {
            end.finish(throwing: GrantlineError(native: error))
        }
    }
    for try await value in values { return value }
    // The stream ends without a value for a task that is cancelled.
    throw CancellationError()
}

/// Where a call of the application's code waits.
actor Gate {
    private let arrived = AsyncStream<Void>.makeStream()
    private let opened = AsyncStream<Void>.makeStream()
    private let cancelled = AsyncStream<Void>.makeStream()

    func pass() async {
        arrived.continuation.finish()
        let cancelled = cancelled.continuation
        await withTaskCancellationHandler {
            for await _ in opened.stream {}
        } onCancel: {
            cancelled.finish()
        }
    }

    func open() { opened.continuation.finish() }

    nonisolated func arrival() async { for await _ in arrived.stream {} }
    nonisolated func cancellation() async { for await _ in cancelled.stream {} }
}

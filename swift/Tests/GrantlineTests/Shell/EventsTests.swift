import GrantlineGenerated
import Testing

@testable import Grantline

/// Who listens to events, and for how long.
@Suite(.timeLimit(.minutes(1))) struct EventsTests {
    @Test func aLoopThatWasCancelledLeavesNoListenerBehind() async throws {
        let client = try Grantline.Client()
        weak var listener: GrantlineGenerated.Events?
        do {
            let native = client.native.events()
            listener = native
            let events = Grantline.Events(native)
            let loop = Task { for await _ in events {} }
            loop.cancel()
            await loop.value
        }
        while listener != nil { await Task.yield() }
        try await client.shutDown()
    }
}

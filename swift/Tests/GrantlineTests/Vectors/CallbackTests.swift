import Foundation
import Grantline
import Testing

/// tests/vectors/callbacks.json: what comes back from the browser, accepted or refused.
@Suite struct CallbackTests {
    @Test(arguments: Case.all(in: "callbacks.json"))
    func judgesTheCallback(_ one: Case) async throws {
        let application = try entry("applications", one["application"], one.file)
        let record = try #require(try entry("pending", one["pending"], one.file).string)
        let callback = try callback(of: one)
        let binding = try one["binding"].map(binding)
        try await one.expectEnd {
            try VectorApplication(application).checkCallback(try PendingLogin.fromRecord(record), callback, binding)
        }
    }

    private func entry(_ table: String, _ name: JSON?, _ file: JSON) throws -> JSON {
        try #require(file[table]?[name?.string ?? ""])
    }

    private func callback(of one: Case) throws -> Callback {
        let callback = try #require(one["callback"])
        if let url = callback["url"]?.string { return .url(one.padded(url)) }
        if let query = callback["query"]?.string { return .query(one.padded(query)) }
        return .formPost(one.padded(try #require(callback["form_post"]?.string)))
    }

    private func binding(_ binding: JSON) throws -> WebApp.Binding {
        if let header = binding["cookie_header"]?.string { return .cookieHeader(header) }
        if let value = binding["cookie_value"]?.string { return .cookieValue(value) }
        #expect(binding["dangerous_unbound"] != nil)
        return .dangerousUnbound
    }
}

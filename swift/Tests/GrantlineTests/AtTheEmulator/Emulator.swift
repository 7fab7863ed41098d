import Foundation
import Grantline
import ScriptedBrowser
import Testing

/// The tests that share the emulators: one at a time, since they count requests and hold answers back.
@Suite(.serialized, .timeLimit(.minutes(2))) enum AtTheEmulator {}

/// An emulator that `cargo xtask test` has started, in one of its two modes.
struct Emulator: Sendable, CustomTestStringConvertible {
    /// Behaves like Visma Connect.
    static let visma = Emulator(url: Surroundings.emulator, isVisma: true)
    /// Does what the RFCs say where Visma Connect differs.
    static let standard = Emulator(url: Surroundings.standardEmulator, isVisma: false)
    static let both = [visma, standard]

    let url: String
    let isVisma: Bool
    private let http = PlainHttp()

    init(url: String, isVisma: Bool) {
        self.url = url
        self.isVisma = isVisma
    }

    var testDescription: String { isVisma ? "visma" : "standard" }

    /// The provider as an application of that kind of server would describe it.
    func provider() async throws -> Provider {
        if isVisma { return try .vismaConnect(at: url) }
        let document = try await http.get("\(url)/.well-known/openid-configuration").body
        return try .metadata(issuer: url, document: document).withTenantParameter("tenant_id")
    }

    // MARK: The next answers

    /// Answers the next token request of that client like this.
    func reply(to clientID: String, status: Int, contentType: String = "application/json", body: String) async throws {
        try await script([
            "path": "/connect/token", "client_id": clientID, "status": status, "body": body,
            "headers": ["content-type": contentType],
        ])
    }

    /// Holds the answer to the next request of that client back until ``release()``.
    func hold(_ clientID: String, path: String = "/connect/token") async throws {
        try await script(["path": path, "client_id": clientID, "delay_ms": 60_000])
    }

    /// From now on the client's access tokens live so long; 0: they have expired on arrival.
    func setLifetime(of clientID: String, seconds: Int) async throws {
        let json = #"{"client_id":"\#(clientID)","access_token_s":\#(seconds)}"#
        #expect(try await http.post("\(url)/admin/lifetimes", json: json).status == 204)
    }

    /// Forgets what was scripted, and releases what is held back.
    func release() async throws {
        let answer = try await http.delete("\(url)/admin/replies")
        #expect(answer.status == 204)
    }

    /// Answers the next request like this (`POST /admin/replies`).
    func script(_ reply: [String: Any]) async throws {
        let json = String(decoding: try JSONSerialization.data(withJSONObject: reply), as: UTF8.self)
        let answer = try await http.post("\(url)/admin/replies", json: json)
        #expect(answer.status == 204, "\(answer.body)")
    }

    // MARK: Faults and notices

    /// What goes wrong next with things of that sort.
    func fault(_ sort: String, _ fault: String) async throws {
        try await control("faults", #"{"fault":{"\#(sort)":"\#(fault)"},"times":1}"#)
    }

    /// Ends a user's sessions; answers when the applications have been told.
    func endSessions(of username: String) async throws {
        try await control("logouts", #"{"username":"\#(username)"}"#)
    }

    /// A tenant approves the service application; answers when that has been told.
    func approve(_ tenantID: String) async throws {
        try await control("approvals", #"{"client_id":"isv_service","tenant_id":"\#(tenantID)"}"#)
    }

    private func control(_ name: String, _ json: String) async throws {
        let answer = try await http.post("\(url)/admin/\(name)", json: json)
        #expect((200...204).contains(answer.status), "\(answer.body)")
    }

    // MARK: What arrived

    /// The status of a call of the protected API.
    func callAPI(_ token: AccessToken) async throws -> Int {
        let authorization = HttpHeader("Authorization", "Bearer \(token.exposeSecret())")
        return try await http.get("\(url)/api/invoices", [authorization]).status
    }

    /// How many token requests of that client have arrived since the emulator was started.
    func arrived(_ clientID: String) async throws -> Int {
        try await requests(clientID, "").count
    }

    /// Waits until as many token requests of that client have arrived as that.
    func waitForArrival(_ clientID: String, count: Int) async throws {
        let requests = try await requests(clientID, "&wait_for=\(count)&timeout_ms=10000")
        #expect(requests.count == count)
    }

    private func requests(_ clientID: String, _ wait: String) async throws -> [JSON] {
        let query = "client_id=\(formEncoded(clientID))&path=/connect/token\(wait)"
        let answer = try await http.get("\(url)/admin/requests?\(query)")
        return try #require(try answer.json()["requests"]?.array)
    }
}

/// What the emulators' built-in configuration has.
enum Known {
    static let bakery = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")
    static let shipping = TenantChoice.tenant("22222222-2222-4222-8222-222222222222")
    static let stranger = TenantChoice.tenant("99999999-9999-4999-8999-999999999999")
    static let webCallback = "https://app.example/callback"
    static let nativeCallback = "http://127.0.0.1:49152/callback"
    static let webSecret = "web:secret+100%25&more"
}

import Foundation
import Grantline
import Testing

/// An application of one of the four types, made as a case says.
enum VectorApplication: Sendable {
    case service(ServiceApp)
    case web(WebApp)
    case native(NativeApp)
    case singlePage(SinglePageApp)

    /// What the server would be at: no case sends anything there.
    static let server = "http://127.0.0.1:9"

    init(_ application: JSON, client: Client? = nil) throws {
        let registration = try Registration(application: application)
        self =
            switch application["type"]?.string {
            case "service": .service(try ServiceApp(registration, client: client))
            case "web": .web(try WebApp(registration, client: client))
            case "native": .native(try NativeApp(registration, client: client))
            case "single_page": .singlePage(try SinglePageApp(registration, client: client))
            default: throw UnknownVector(application)
            }
    }

    func beginLogin(_ request: LoginRequest) async throws -> BegunLogin {
        switch self {
        case .web(let app): try await app.beginLogin(request)
        case .native(let app): try await app.beginLogin(request)
        case .singlePage(let app): try await app.beginLogin(request)
        case .service: throw UnknownVector(.string("a login of a service"))
        }
    }

    func checkCallback(_ pending: PendingLogin, _ callback: Callback, _ binding: WebApp.Binding?) throws {
        switch self {
        case .web(let app): try app.checkCallback(pending, callback: callback, binding: try #require(binding))
        case .native(let app): try app.checkCallback(pending, callback: callback)
        case .singlePage(let app): try app.checkCallback(pending, callback: callback)
        case .service: throw UnknownVector(.string("a callback of a service"))
        }
    }
}

/// A case that this runner does not understand: a failure, never a skip.
struct UnknownVector: Error {
    let what: JSON

    init(_ what: JSON?) {
        self.what = what ?? .null
    }
}

extension Registration {
    fileprivate init(application: JSON) throws {
        let registration = try #require(application["registration"])
        try self.init(
            Provider.described(by: try #require(application["provider"])),
            clientID: registration["client_id"]?.string ?? "", clientSecret: registration["client_secret"]?.string,
            redirectURIs: registration["redirect_uris"]?.strings ?? [],
            clientAuthentication: registration["client_authentication"].map(ClientAuthentication.init))
    }
}

extension Registration {
    /// One by which a token is judged.
    init(judging described: JSON) throws {
        let algorithm = try described["id_token_algorithm"].map { name in
            try #require(SigningAlgorithm(rawValue: name.string ?? ""))
        }
        self.init(
            try Provider.described(by: try #require(described["provider"])),
            clientID: described["client_id"]?.string ?? "", idTokenAlgorithm: algorithm,
            trustedAudiences: described["trusted_audiences"]?.strings ?? [],
            clockTolerance: described["clock_tolerance_s"]?.int.map { .seconds($0) })
    }
}

extension Registration.ClientAuthentication {
    fileprivate init(_ name: JSON) throws {
        switch name.string {
        case "client_secret_basic": self = .basic
        case "client_secret_basic_unencoded": self = .basicUnencoded
        case "client_secret_post": self = .post
        case "none": self = .noAuthentication
        default: throw UnknownVector(name)
        }
    }
}

extension Provider {
    static func described(by provider: JSON) throws -> Provider {
        if let issuer = provider["discover"]?.string { return try .discover(issuer) }
        return switch provider["profile"]?.string {
        case "visma_connect": .vismaConnect
        case "visma_connect_staging": .vismaConnectStaging
        case "visma_connect_at": try .vismaConnect(at: provider["issuer"]?.string ?? "")
        case nil:
            try .metadata(issuer: provider["issuer"]?.string ?? "", document: try #require(provider["metadata"]).text())
        default: throw UnknownVector(provider)
        }
    }
}

extension Scopes {
    init(_ scopes: JSON?) throws {
        switch scopes {
        case .string("all_allowed"): self = .allAllowed
        case .array: self = .list(scopes?.strings ?? [])
        default: throw UnknownVector(scopes)
        }
    }
}

extension Case {
    /// A text of this case, with its padding in place.
    func padded(_ text: String) -> String {
        guard let padding = self["padding"], let piece = padding["text"]?.string else { return text }
        let filling = String(repeating: piece, count: padding["times"]?.int ?? 0)
        return text.replacingOccurrences(of: "{padding}", with: filling)
    }

    /// Checks that the call ends as the case says: with this error, or well.
    @discardableResult
    func expectEnd<Value: Sendable>(of call: () async throws -> Value) async throws -> Value? {
        let expected = data["expect"]?["error"]
        do {
            let value = try await call()
            #expect(expected == nil, "it was accepted")
            return value
        } catch let error as GrantlineError {
            #expect(error.code == expected?["code"]?.string, "\(error)")
            #expect(error.fault.rawValue == expected?["fault"]?.string)
            #expect(error.advice.rawValue == expected?["advice"]?.string)
            #expect(error.retryAfter == expected?["retry_after_s"]?.int.map { .seconds($0) })
            if let description = expected?["description"] {
                #expect(error.refusal?.errorDescription == description.string)
            }
            return nil
        }
    }
}

import Foundation
import Grantline
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension AtTheEmulator {
    /// API requests with a token.
    @Suite struct Apis {
        private let emulator = Emulator.visma
        private let server: ApiServer
        private let elsewhere: ApiServer

        init() throws {
            server = try ApiServer()
            elsewhere = try ApiServer()
        }

        @Test(arguments: Sender.all)
        func aRequestToANamedOriginHasATokenThatIsGoodNow(_ sender: Sender) async throws {
            let session = try await nativeApp().loggedIn()
            let api = try session.api(origins: [server.url])
            let answer = try await sender.send(api, Call("\(server.url)/v1/invoices", body: "an invoice"))
            #expect(answer.status == 200 && answer.refusal == nil)
            let token = try await session.freshToken().exposeSecret()
            #expect(server.arrivals.map(\.token) == [token[...]])
            #expect(server.arrivals.map(\.body) == ["an invoice"])
        }

        @Test(arguments: Sender.all)
        func aRequestToAnyOtherOriginGoesWithoutATokenAndAsItIs(_ sender: Sender) async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            elsewhere.refuseToken()
            #expect(try await sender.send(api, Call(elsewhere.url)).refusal == nil)
            _ = try await sender.send(api, Call(elsewhere.url, authorization: "Basic of-its-own"))
            #expect(elsewhere.arrivals.map(\.authorization) == [nil, "Basic of-its-own"])
        }

        @Test(arguments: Sender.all)
        func aRefusedTokenIsReplacedOnceAndTheRequestSentOnceMore(_ sender: Sender) async throws {
            let session = try await nativeApp().loggedIn()
            let before = try await emulator.arrived("isv_native")
            server.refuseToken()
            let api = try session.api(origins: [server.url])
            let answer = try await sender.send(api, Call(server.url, body: "an invoice"))
            #expect(answer.status == 200 && answer.refusal == nil)
            #expect(try await emulator.arrived("isv_native") == before + 1)
            let sent = server.arrivals.map(\.token)
            #expect(sent.count == 2 && sent[0] != sent[1])
            let token = try await session.freshToken().exposeSecret()
            #expect(sent.last == token[...])
            #expect(server.arrivals.map(\.body) == ["an invoice", "an invoice"])
        }

        @Test(arguments: Sender.all)
        func aFreshTokenThatIsRefusedIsPassedOnWithAdviceAndNeverALoop(_ sender: Sender) async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            let before = try await emulator.arrived("isv_native")
            for _ in 0..<3 { server.refuseToken() }
            for _ in 0..<2 {
                let answer = try await sender.send(api, Call(server.url))
                let refusal = try #require(answer.refusal)
                #expect(answer.status == 401 && refusal.status == 401)
                #expect(refusal.code == "api_token_invalid_though_new" && refusal.advice == .askAdministrator)
                #expect(refusal.message.contains("licence"))
            }
            #expect(server.arrivals.count == 3)
            #expect(try await emulator.arrived("isv_native") == before + 1)
        }

        @Test(arguments: Sender.all)
        func aBodyThatCanBeSentOnlyOnceIsSentOnceAndTheNextRequestHasAnotherToken(_ sender: Sender) async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            server.refuseToken()
            let answer = try await sender.send(api, Call(server.url, body: "a stream", isOneShot: true))
            #expect(answer.refusal?.code == "api_token_invalid" && answer.refusal?.advice == .retry)
            #expect(try await sender.send(api, Call(server.url)).status == 200)
            let sent = server.arrivals.map(\.token)
            #expect(sent.count == 2 && sent[0] != sent[1])
            #expect(server.arrivals.first?.body == "a stream")
        }

        @Test(arguments: Sender.all)
        func aMissingScopeIsToldByNameAndCostsNoToken(_ sender: Sender) async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            let before = try await emulator.arrived("isv_native")
            server.answer(403, ["WWW-Authenticate": #"Bearer error="insufficient_scope", scope="visma_api:write""#])
            let refusal = try #require(try await sender.send(api, Call(server.url)).refusal)
            #expect(refusal.status == 403 && refusal.code == "api_insufficient_scope")
            #expect(refusal.scopes == ["visma_api:write"])
            #expect(try await emulator.arrived("isv_native") == before)
        }

        @Test(arguments: Sender.all)
        func aRequestThatHasAnAuthorizationHeaderAlreadyIsRefused(_ sender: Sender) async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            let call = Call(server.url, authorization: "Bearer of-its-own")
            #expect(await grantlineError { try await sender.send(api, call) }?.code == "authorization_present")
            #expect(server.arrivals.isEmpty)
        }

        @Test(arguments: Sender.all)
        func noTokenForARequestIsTheApplicationsToKnow(_ sender: Sender) async throws {
            let api = try await nativeApp().session("nobody's").api(origins: [server.url])
            #expect(await grantlineError { try await sender.send(api, Call(server.url)) }?.code == "session_unknown")
            #expect(server.arrivals.isEmpty)
        }

        @Test func aRedirectIsNotFollowed() async throws {
            let api = try await nativeApp().loggedIn().api(origins: [server.url])
            server.answer(302, ["Location": "\(elsewhere.url)/download"])
            #expect(try await Sender.urlSession.send(api, Call(server.url)).status == 302)
            #expect(elsewhere.arrivals.isEmpty)
        }

        @Test func aServiceTokenGoesToItsApiAsWell() async throws {
            let source = try await serviceApp(at: emulator).tokenSource(for: Known.bakery, scopes: ["visma_api:read"])
            server.refuseToken()
            #expect(try await Sender.urlSession.send(source.api(origins: [server.url]), Call(server.url)).status == 200)
            let token = try await source.freshToken().exposeSecret()
            #expect(server.arrivals.last?.token == token[...])
        }

        @Test func anApiThatIsDownIsAnHttpFailureAndCostsNoToken() async throws {
            let nobody = "http://127.0.0.1:9"
            let api = try await nativeApp().loggedIn().api(origins: [nobody])
            let before = try await emulator.arrived("isv_native")
            await #expect(throws: HttpFailure.self) { try await Sender.urlSession.send(api, Call(nobody)) }
            #expect(try await emulator.arrived("isv_native") == before)
        }

        @Test func anOriginIsASchemeAHostAndPerhapsAPort() async throws {
            let session = try await nativeApp().session("anybody's")
            let path = await grantlineError { try session.api(origins: ["https://api.example/v1"]) }
            #expect(path?.code == "invalid_api_origin")
            let clear = await grantlineError { try session.api(origins: ["http://api.example"]) }
            #expect(clear?.code == "insecure_api_origin")
        }
    }
}

/// What an application sends to an API.
struct Call: Sendable {
    let url: String
    let body: String?
    let isOneShot: Bool
    let authorization: String?

    init(_ url: String, body: String? = nil, isOneShot: Bool = false, authorization: String? = nil) {
        self.url = url
        self.body = body
        self.isOneShot = isOneShot
        self.authorization = authorization
    }
}

/// A way to put a token on a request.
struct Sender: Sendable, CustomTestStringConvertible {
    typealias Answer = (status: Int, refusal: ApiRefusal?)

    static let all = [urlSession, ownClient]

    let testDescription: String
    private let sending: @Sendable (Api, Call) async throws -> Answer

    func send(_ api: Api, _ call: Call) async throws -> Answer {
        try await sending(api, call)
    }

    static let urlSession = Sender(testDescription: "URLSession") { api, call in
        var request = URLRequest(url: try #require(URL(string: call.url)))
        if let authorization = call.authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        if let body = call.body {
            request.httpMethod = "POST"
            let bytes = Data(body.utf8)
            if call.isOneShot { request.httpBodyStream = InputStream(data: bytes) } else { request.httpBody = bytes }
        }
        let answer = try await ApiClient(api).send(request)
        return (answer.response.status, answer.refusal)
    }

    /// As an application would that has an HTTP client of its own.
    static let ownClient = Sender(testDescription: "an HTTP client of the application's own") { api, call in
        let http = URLSessionPerformer()
        let answer = try await api.send(
            to: call.url, hasAuthorization: call.authorization != nil, repeatable: !call.isOneShot
        ) { token in
            let authorization = token.map { "Bearer \($0.exposeSecret())" } ?? call.authorization
            let response = try await http.perform(
                HttpRequest(
                    method: call.body == nil ? "GET" : "POST", url: call.url,
                    headers: authorization.map { [HttpHeader("Authorization", $0)] } ?? [],
                    body: call.body.map { Data($0.utf8) }, timeout: .seconds(10)))
            let challenges = response.headers.filter { $0.name.lowercased() == "www-authenticate" }
            return (response, response.status, challenges.map(\.value))
        }
        return (answer.response.status, answer.refusal)
    }
}

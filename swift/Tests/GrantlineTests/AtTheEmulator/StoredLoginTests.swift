import Foundation
import Grantline
import ScriptedBrowser
import Testing

extension AtTheEmulator {
    /// Logins whose record waits in the client's store: any process that shares it completes them, each once.
    @Suite struct StoredLoginTests {
        private let folder: Folder

        init() throws {
            folder = try Folder()
        }

        @Test(arguments: Emulator.both, [LoginRequest.ResponseMode.query, .formPost])
        func aLoginIsCompletedByAnotherClientOnTheSameStore(
            _ emulator: Emulator, _ mode: LoginRequest.ResponseMode
        ) async throws {
            let (one, other) = (try clientOn(folder), try clientOn(folder))
            var request = LoginRequest(scopes: WebLogin.scopes)
            request.responseMode = mode
            request.appData = "/invoices"
            let begun = try await WebLogin.app(at: emulator, client: one).beginStoredLogin(request)
            let left = begun.expiresAt.timeIntervalSinceNow
            #expect(left > 540 && left <= 600)
            let app = try await WebLogin.app(at: emulator, client: other)
            let done = try await app.completeStoredLogin(callback: app.approve(begun), binding: begun.cookie())
            #expect(done.appData == "/invoices" && done.identity != nil)
            #expect(try await emulator.callAPI(try await done.session.freshToken()) == 200)
            try await one.shutDown()
            try await other.shutDown()
        }

        @Test func ofTwoClientsThatGetOneCallbackAtOnceExactlyOneLogsIn() async throws {
            let clients = [try clientOn(folder), try clientOn(folder)]
            let apps = [
                try await WebLogin.app(at: .visma, client: clients[0]),
                try await WebLogin.app(at: .visma, client: clients[1]),
            ]
            let begun = try await apps[0].beginStoredLogin(LoginRequest(scopes: WebLogin.scopes))
            let (callback, binding) = (try await apps[0].approve(begun), try begun.cookie())
            let codes = await withTaskGroup(of: String.self) { group in
                for app in apps {
                    group.addTask {
                        do {
                            let done = try await app.completeStoredLogin(callback: callback, binding: binding)
                            return try await done.session.refresh().generation == 2 ? "logged in" : "?"
                        } catch {
                            return (error as? GrantlineError)?.code ?? "\(error)"
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(codes.contains("logged in"))
            #expect(codes.contains("callback_already_used") || codes.contains("login_unknown"), "\(codes)")
            for client in clients { try await client.shutDown() }
        }

        @Test func anAttackersOwnCallbackInAnotherBrowserIsRefused() async throws {
            let app = try await WebLogin.app(at: .visma)
            let request = LoginRequest(scopes: WebLogin.scopes)
            let (attackers, victims) = (try await app.beginStoredLogin(request), try await app.beginStoredLogin(request))
            let callback = try await app.approve(attackers)
            for binding in [try victims.cookie(), .cookieHeader("")] {
                let refused = await grantlineError {
                    try await app.completeStoredLogin(callback: callback, binding: binding)
                }
                #expect(refused?.code == "browser_mismatch")
            }
            // It was not used up: the right browser may still come, once.
            _ = try await app.completeStoredLogin(callback: callback, binding: attackers.cookie())
            let again = await grantlineError {
                try await app.completeStoredLogin(callback: callback, binding: attackers.cookie())
            }
            #expect(again?.code == "login_unknown" && again?.advice == .logInAgain)
        }

        @Test func aNativeApplicationNeedsNoCookie() async throws {
            let app = try await nativeApp()
            var request = LoginRequest(scopes: WebLogin.scopes)
            request.redirectURI = Known.nativeCallback
            let begun = try await app.beginStoredLogin(request)
            #expect(begun.binding == nil)
            guard case .url(let url) = try await ScriptedBrowser().logIn(at: begun.url) else {
                Issue.record("it came as a form")
                return
            }
            let done = try await app.completeStoredLogin(callback: .url(url))
            #expect(try await Emulator.visma.callAPI(try await done.session.freshToken()) == 200)
        }

        @Test func itPrintsNeitherStateNorCookie() async throws {
            let begun = try await WebLogin.app(at: .visma).beginStoredLogin(LoginRequest(scopes: WebLogin.scopes))
            var dumped = ""
            dump(begun, to: &dumped)
            let value = try #require(begun.binding).exposeValue()
            for shown in ["\(begun)", dumped] { #expect(!shown.contains("state=") && !shown.contains(value)) }
        }
    }
}

import Foundation
import Grantline
import ScriptedBrowser
import Testing

extension AtTheEmulator {
    /// The end of a user's session at the provider: asked for here, or told by the provider.
    @Suite struct LogoutTests {
        private let landing = "https://app.example/"

        @Test(arguments: Emulator.both)
        func aLogoutEndsTheSessionHereAndThereAndComesBackWithItsState(_ emulator: Emulator) async throws {
            let session = try await WebLogin.app(at: emulator).logIn().session
            #expect(try await emulator.callAPI(try await session.freshToken()) == 200)
            let begun = try await session.beginLogout(postLogoutRedirectURI: landing, uiLocales: "nb en")
            #expect(begun.revocation == .done)
            #expect(await grantlineError { try await session.freshToken() }?.code == "session_ended")
            let url = try #require(begun.redirect.url)
            #expect(url.absoluteString.contains("ui_locales=nb+en"))
            guard case .url(let back) = try await ScriptedBrowser().logIn(at: url) else {
                Issue.record("it came as a form")
                return
            }
            #expect(back.hasPrefix(landing))
            #expect(begun.redirect.isAnswered(by: .url(back)))
            #expect(Callback.url(back).state == begun.redirect.state)
            #expect(!begun.redirect.isAnswered(by: .url("\(landing)?state=guessed")))
            #expect(!begun.redirect.isAnswered(by: .url(landing)))
        }

        @Test func r194ALogoutWhoseProviderCannotBeReachedHasNoURLAndSaysWhy() async throws {
            let nobodyThere = try Provider.discover("http://127.0.0.1:1")
            let app = try WebApp(
                Registration(
                    nobodyThere, clientID: "isv_web", clientSecret: Known.webSecret,
                    redirectURIs: [Known.webCallback]))
            let begun = try await app.session("nobody").beginLogout()
            #expect(begun.revocation == .nothingToRevoke)
            #expect(begun.redirect.url == nil && begun.redirect.failure?.code == "connect_failed")
            #expect(try await WebLogin.app(at: .visma).logIn().session.beginLogout().redirect.failure == nil)
        }

        @Test func nothingOfALogoutShowsTheIDToken() async throws {
            let begun = try await WebLogin.app(at: .visma).logIn().session.beginLogout()
            let hint = "id_token_hint="
            #expect(try #require(begun.redirect.url).absoluteString.contains(hint))
            var dumped = ""
            dump(begun, to: &dumped)
            for shown in ["\(begun)", "\(begun.redirect)", dumped] { #expect(!shown.contains(hint)) }
        }

        @Test func theProviderTellsWhichSessionIsOver() async throws {
            let notifier = try Notifier()
            let app = try await WebLogin.app(at: notifier.emulator)
            let identity = try #require(try await app.logIn().identity)
            try await notifier.emulator.endSessions(of: "anna@example.com")
            let form = try notifier.told().body
            let notice = try await app.checkLogoutNotice(form)
            #expect(notice.subject == identity.subject && notice.sessionID == identity.sessionID)
            #expect(abs(notice.issuedAt.timeIntervalSinceNow) < 60)
            #expect(!"\(notice)".contains(try #require(notice.sessionID)))
            #expect(await grantlineError { try await app.checkLogoutNotice(form) }?.code == "logout_token_repeated")

            _ = try await app.logIn()
            try await notifier.emulator.fault("logout-token", "broken-signature")
            try await notifier.emulator.endSessions(of: "anna@example.com")
            let wrong = try notifier.told().body
            #expect(await grantlineError { try await app.checkLogoutNotice(wrong) }?.code == "id_token_signature_invalid")
        }

        @Test(arguments: ["", "token=a", "logout_token=a&logout_token=b"])
        func aRequestWithoutALogoutTokenIsRefused(_ form: String) async throws {
            let app = try await WebLogin.app(at: .visma)
            #expect(await grantlineError { try await app.checkLogoutNotice(form) }?.code == "logout_token_missing")
        }
    }
}

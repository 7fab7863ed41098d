import Foundation
import Grantline
import ScriptedBrowser
import Testing

extension AtTheEmulator {
    /// The listener's own tests are the driver's: here is what Swift adds.
    @Suite struct BrowserLogins {
        private let http = PlainHttp()
        private let request = LoginRequest(scopes: WebLogin.scopes, appData: "/invoices")

        @Test(arguments: Emulator.both)
        func aUserLogsInWithOneCallInTheBrowserThatIsOpened(_ emulator: Emulator) async throws {
            let (opened, open) = AsyncStream<URL>.makeStream()
            var options = BrowserLoginOptions()
            options.openWith = { open.yield($0) }
            options.donePage = .text(language: "nb", title: "Du er logget inn", message: "Lukk vinduet.")
            let app = try await nativeApp(at: emulator)
            async let done = app.logInWithBrowser(request, options)
            let url = try #require(await opened.first { _ in true })
            #expect(try await page(of: url).contains("Lukk vinduet."))
            let login = try await done
            #expect(login.appData == "/invoices")
            #expect(try await emulator.callAPI(login.session.freshToken()) == 200)
            await closes(port(of: url))
        }

        @Test func aUserWhoRefusesIsATypedErrorAndReadsSo() async throws {
            var request = request
            request.prompts = [.consent]
            let login = try await nativeApp().beginBrowserLogin(request, byHand())
            #expect(try await page(of: login.url, as: .refuses).contains("access_denied"))
            #expect(await grantlineError { try await login.outcome() }?.code == "access_denied")
        }

        @Test func overSSHTheUserPastesTheURL() async throws {
            let login = try await nativeApp().beginBrowserLogin(request, byHand())
            #expect(try await !login.browserOpened())
            let url = try await redirected(from: login.url)
            let foreign = url.replacingOccurrences(of: "state=", with: "state=x")
            #expect(await grantlineError { try login.paste(foreign) }?.code == "state_mismatch")
            try login.paste(" \(url)\n")
            _ = try await login.outcome().session.freshToken()
            #expect(!"\(login)".contains("state"))
        }

        @Test func f038WithoutABrowserTheURLIsShownOrPrintedAndTheLoginWaitsOn() async throws {
            let app = try await nativeApp()
            var soonOver = byHand()
            soonOver.timeLimit = .zero
            let timedOut = await grantlineError { try await app.logInWithBrowser(request, soonOver) }
            #expect(timedOut?.code == "login_timed_out")
            let (shown, show) = AsyncStream<URL>.makeStream()
            var options = BrowserLoginOptions(showURL: { show.yield($0) })
            options.opensBrowser = false
            async let done = app.logInWithBrowser(request, options)
            _ = try await page(of: #require(await shown.first { _ in true }))
            _ = try await done
        }

        @Test func f036WhenTheTimeRunsOutOrItIsCancelledThePortIsFree() async throws {
            var options = byHand()
            options.timeLimit = .zero
            let late = try await nativeApp().beginBrowserLogin(request, options)
            let timedOut = await grantlineError { try await late.outcome() }
            #expect(timedOut?.code == "login_timed_out" && timedOut?.advice == .logInAgain)
            await closes(port(of: late.url))
            let login = try await nativeApp().beginBrowserLogin(request, byHand())
            login.cancel()
            #expect(await grantlineError { try await login.outcome() }?.code == "cancelled")
            await closes(port(of: login.url))
        }

        @Test func f037APortThatIsTakenIsATypedError() async throws {
            let app = try await nativeApp()
            let first = try await app.beginBrowserLogin(request, byHand())
            var options = byHand()
            options.port = UInt16(port(of: first.url))
            #expect(
                await grantlineError { try await app.beginBrowserLogin(request, options) }?.code
                    == "loopback_port_taken")
            first.cancel()
        }

        @Test func f040ATaskThatIsCancelledClosesThePort() async throws {
            let (opened, open) = AsyncStream<URL>.makeStream()
            var options = BrowserLoginOptions()
            options.openWith = { open.yield($0) }
            let app = try await nativeApp()
            let loggingIn = Task { [request, options] in try await app.logInWithBrowser(request, options) }
            let url = try #require(await opened.first { _ in true })
            loggingIn.cancel()
            await #expect(throws: CancellationError.self) { try await loggingIn.value }
            await closes(port(of: url))
        }

        private func byHand() -> BrowserLoginOptions {
            var options = BrowserLoginOptions()
            options.opensBrowser = false
            return options
        }

        /// The URL with which the browser comes back.
        private func redirected(from url: URL, as user: ScriptedBrowser.User = .accepts) async throws -> String {
            guard case .url(let redirected) = try await ScriptedBrowser().logIn(at: url, as: user) else {
                throw CameAsAForm()
            }
            return redirected
        }

        /// The page at which the browser ends.
        private func page(of url: URL, as user: ScriptedBrowser.User = .accepts) async throws -> String {
            let sentOn = try await http.get(redirected(from: url, as: user))
            #expect(sentOn.status == 303)
            return try await http.get("http://127.0.0.1:\(port(of: url))/callback/done").body
        }

        private func port(of url: URL) -> Int {
            let query = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
            let redirect = query.first { $0.name == "redirect_uri" }?.value ?? ""
            return URL(string: redirect)?.port ?? 0
        }

        /// Waits until nobody listens there any more.
        private func closes(_ port: Int) async {
            while (try? await http.get("http://127.0.0.1:\(port)/")) != nil {}
        }
    }
}

private struct CameAsAForm: Error {}

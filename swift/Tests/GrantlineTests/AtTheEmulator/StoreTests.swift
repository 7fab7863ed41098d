import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    /// Sessions in an SQLite file.
    @Suite struct Stores {
        private let emulator = Emulator.visma
        private let folder: Folder

        init() throws {
            folder = try Folder()
        }

        @Test func aNewClientOnTheSameFileGoesOnWithTheSession() async throws {
            let one = try clientOn(folder)
            let first = try await nativeApp(client: one).loggedIn(as: "anna's").freshToken()
            try await one.shutDown()
            let before = try await emulator.arrived("isv_native")
            let other = try clientOn(folder)
            let session = try await nativeApp(client: other).session("anna's")
            #expect(try await session.freshToken() == first)
            #expect(try await emulator.arrived("isv_native") == before)
            let second = try await session.refresh()
            #expect(second.generation == first.generation + 1 && second.isSaved)
            #expect(try await emulator.callAPI(second) == 200)
            try await other.shutDown()
        }

        @Test func twoClientsOnOneFileShareWhatEitherRefreshed() async throws {
            let (one, other) = (try clientOn(folder), try clientOn(folder))
            let session = try await nativeApp(client: one).loggedInLongAgo(as: "anna's")
            let before = try await emulator.arrived("isv_native")
            let token = try await nativeApp(client: other).session("anna's").freshToken()
            #expect(try await session.freshToken() == token)
            #expect(try await emulator.arrived("isv_native") == before + 1)
            try await one.shutDown()
            try await other.shutDown()
        }

        @Test func theNamesOfLivingSessionsAreListedInOrder() async throws {
            let app = try await nativeApp(client: clientOn(folder))
            for name in ["carl's", "anna's", "bo's"] { _ = try await app.loggedIn(as: name) }
            try await app.session("bo's").end()
            var names: [String] = []
            for try await name in app.sessions() { names.append(name) }
            #expect(names == ["anna's", "carl's"])
        }

        @Test func aFileWantsKeysOrALoudWord() async throws {
            let store = try Store.sqlite(folder.file("sessions.db"))
            #expect(await grantlineError { try Client(.init(store: store)) }?.code == "sealing_key_missing")
            _ = try Client(.init(store: store, sealingKeys: .dangerousPlaintext))
        }

        @Test func anotherKeyDoesNotOpenTheSessionAndAnOlderOneDoes() async throws {
            _ = try await nativeApp(client: clientOn(folder)).loggedIn(as: "anna's")
            let store = try Store.sqlite(folder.file("sessions.db"))
            let other = try SealingKeys.createFile(folder.file("sealing.key"))
            #expect(await refusal(of: store, other) == "sealing_key_unknown")
            #expect(await refusal(of: store, try .fromFile(folder.file("sealing.key"))) == "sealing_key_unknown")
            let rotated = try SealingKeys.fromText(TestKeys.otherText, older: [TestKeys.text])
            let app = try await nativeApp(client: Client(.init(store: store, sealingKeys: rotated)))
            #expect(try await emulator.callAPI(app.session("anna's").freshToken()) == 200)
        }

        @Test func recordsInClearAreOpenedOnALoudWordOnly() async throws {
            let store = try Store.sqlite(folder.file("sessions.db"))
            let unsealed = try Client(.init(store: store, sealingKeys: .dangerousPlaintext))
            _ = try await nativeApp(client: unsealed).loggedIn(as: "anna's")
            #expect(await refusal(of: store, try TestKeys.ours()) == "record_in_clear")
            let lenient = try TestKeys.ours().dangerousAlsoOpenPlaintext()
            let app = try await nativeApp(client: Client(.init(store: store, sealingKeys: lenient)))
            #expect(try await emulator.callAPI(app.session("anna's").freshToken()) == 200)
        }

        @Test func keysThatCannotBeHadAreRefusedWithWhatToChange() async throws {
            let nowhere = folder.file("no.key")
            #expect(await code { try SealingKeys.fromFile(nowhere) } == "invalid_client_setting")
            #expect(await code { try SealingKeys.fromText("short") } == "sealing_key_malformed")
            #expect(await code { try SealingKeys.fromText(TestKeys.text, older: [""]) } == "sealing_key_malformed")
            #expect(await code { try SealingKeys.fromEnvironment("GRANTLINE_NO_SUCH_KEY") } == "invalid_client_setting")
            try SealingKeys.createFile(folder.file("sealing.key"))
            #expect(await code { try SealingKeys.createFile(folder.file("sealing.key")) } == "invalid_client_setting")
        }

        @Test func placesThatCannotBeUsedAreRefusedWithWhatToChange() async throws {
            #expect(await code { try Store.sqlite(folder.file("no/such/folder.db")) } == "store_denied")
            #expect(await code { try Store.redis("no url") } == "store_denied")
            #expect(await code { try Store.postgres("no url") } == "store_denied")
        }

        @Test func aFileThatIsSomethingElseIsRefusedAndStaysAsItIs() async throws {
            let letter = Data("Dear customer, this is no database at all, and never was one.".utf8)
            try letter.write(to: URL(fileURLWithPath: folder.file("sessions.db")))
            #expect(await code { try Store.sqlite(folder.file("sessions.db")) } == "store_damaged")
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("sessions.db"))) == letter)
        }

        @Test func clientsThatAreGivenTheSameMemoryShareIt() async throws {
            let store = Store.memory()
            let first = try await nativeApp(client: Client(.init(store: store))).loggedIn(as: "anna's").freshToken()
            let other = try await nativeApp(client: Client(.init(store: store))).session("anna's")
            #expect(try await other.freshToken() == first)
        }

        @Test func serviceTokensAreSharedWhereThatIsWanted() async throws {
            let store = Store.memory()
            func app() async throws -> ServiceApp {
                try await serviceApp(at: emulator, client: Client(.init(store: store, shareServiceTokens: true)))
            }
            let before = try await emulator.arrived("isv_service")
            let first = try await app().token(for: Known.bakery, scopes: ["visma_api:read"])
            #expect(try await app().token(for: Known.bakery, scopes: ["visma_api:read"]) == first)
            #expect(try await emulator.arrived("isv_service") == before + 1)
        }

        private func code<Value>(_ call: () async throws -> Value) async -> String? {
            await grantlineError(call)?.code
        }

        private func refusal(of store: Store, _ keys: SealingKeys) async -> String? {
            await code {
                try await nativeApp(client: Client(.init(store: store, sealingKeys: keys))).session("anna's").freshToken()
            }
        }
    }
}

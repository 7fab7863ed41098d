import Foundation
import Testing

@testable import Grantline

/// A folder that goes with its holder.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("grantline-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        // What cannot be removed is the system's to clear.
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// The keys of the tests.
enum TestKeys {
    static let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    static let otherText = "HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="

    static func ours() throws -> SealingKeys { try .fromText(text) }
}

/// A client on an SQLite file in that folder: each is what a process would have.
func clientOn(_ folder: Folder) throws -> Client {
    try clientOn(.sqlite(folder.file("sessions.db")))
}

func clientOn(_ store: Store) throws -> Client {
    try Client(.init(store: store, sealingKeys: TestKeys.ours()))
}

/// A blob store in memory, which does before each call what it is told to.
final class MemoryBlobs: BlobStore {
    typealias Hook = @Sendable () async throws -> Void

    let kept = Locked<[String: Data]>([:])
    private let loading: Hook
    private let saving: Locked<Hook>

    init(loading: @escaping Hook = {}, saving: @escaping Hook = {}) {
        self.loading = loading
        self.saving = Locked(saving)
    }

    /// Takes the mark of the next refresh's attempt, and does that before what comes of it, until ``takeAll()``.
    func takeOnlyTheMark(
        otherwise: @escaping Hook = { throw StoreFailure(.full, detail: "no room") }
    ) {
        let saves = Locked(0)
        saving.with {
            $0 = {
                let isMark = saves.with { saves in
                    saves += 1
                    return saves == 1
                }
                if !isMark { try await otherwise() }
            }
        }
    }

    func doBeforeSaving(_ hook: @escaping Hook) {
        saving.with { $0 = hook }
    }

    func takeAll() {
        doBeforeSaving {}
    }

    func load(_ name: String) async throws -> Data? {
        try await loading()
        return kept.with { $0[name] }
    }

    func save(_ name: String, _ bytes: Data) async throws {
        try await saving.with { $0 }()
        kept.with { $0[name] = bytes }
    }

    func delete(_ name: String) async {
        kept.with { $0[name] = nil }
    }

    func list(_ prefix: String) async -> [String] {
        kept.with { $0.keys.filter { $0.hasPrefix(prefix) } }
    }
}

/// A blob store in the files of a folder. A name is written in base64, since it may be longer than a file's name in one
/// piece: each piece but the last is a folder.
struct FileBlobs: BlobStore {
    let folder: Folder

    func load(_ name: String) async throws -> Data? {
        let path = path(name)
        return FileManager.default.fileExists(atPath: path) ? try Data(contentsOf: URL(fileURLWithPath: path)) : nil
    }

    func save(_ name: String, _ bytes: Data) async throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: url, options: .atomic)
    }

    func delete(_ name: String) async throws {
        if FileManager.default.fileExists(atPath: path(name)) { try FileManager.default.removeItem(atPath: path(name)) }
    }

    func list(_ prefix: String) async throws -> [String] {
        let entries = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return entries.filter { $0.hasSuffix(".blob") }.compactMap(name(of:)).filter { $0.hasPrefix(prefix) }
    }

    private func path(_ name: String) -> String {
        let text = Array(Data(name.utf8).base64EncodedString().replacingOccurrences(of: "/", with: "_"))
        let pieces = stride(from: 0, to: text.count, by: 200).map { String(text[$0..<min($0 + 200, text.count)]) }
        return folder.file(pieces.joined(separator: "/") + ".blob")
    }

    private func name(of entry: String) -> String? {
        let text = entry.dropLast(5).replacingOccurrences(of: "/", with: "").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A shared store in memory.
final class MemoryShared: SharedStore {
    private struct State {
        var kept: [String: Versioned] = [:]
        var versions = 0
    }

    private let state = Locked(State())
    private let isCareless: Bool
    private let loading: MemoryBlobs.Hook

    /// - Parameter isCareless: whether it writes over any version.
    init(isCareless: Bool = false, loading: @escaping MemoryBlobs.Hook = {}) {
        self.isCareless = isCareless
        self.loading = loading
    }

    func load(_ name: String) async throws -> Snapshot {
        try await loading()
        let clock = Int64(Date().timeIntervalSince1970 * 1000)
        return Snapshot(clockMilliseconds: clock, kept: state.with { $0.kept[name] })
    }

    func replace(_ name: String, expected: String?, _ bytes: Data) async -> Bool {
        state.with { state in
            guard isCareless || state.kept[name]?.version == expected else { return false }
            state.versions += 1
            state.kept[name] = Versioned(version: "\(state.versions)", bytes: bytes)
            return true
        }
    }

    func delete(_ name: String, expected: String) async -> Bool {
        state.with { state in
            guard state.kept[name]?.version == expected else { return false }
            state.kept[name] = nil
            return true
        }
    }

    func list(_ prefix: String, after: String?, limit: Int) async -> [String] {
        let names = state.with { Array($0.kept.keys) }
        let ordered = names.filter { $0.hasPrefix(prefix) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let later = ordered.drop { name in after.map { !$0.utf8.lexicographicallyPrecedes(name.utf8) } ?? false }
        return Array(later.prefix(limit))
    }
}

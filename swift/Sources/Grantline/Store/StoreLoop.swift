internal import GrantlineGenerated

/// Does the work of the application's stores, each piece in a task of its own that no caller can end: a refresh that was
/// sent must still be saved. A store's loop ends by itself when neither the application nor a client has the store any more.
enum StoreLoop {
    static func run<Work: Sendable>(
        next: @escaping @Sendable () async -> Work?, answer: @escaping @Sendable (Work) async -> Void
    ) {
        Task.detached {
            while let work = await next() {
                Task.detached { await answer(work) }
            }
        }
    }
}

extension BlobWork {
    func answer(from store: some BlobStore) async {
        switch self {
        case .load(let name, let reply):
            await reply.answer { reply.loaded(bytes: try await store.load(name)) }
        case .save(let name, let bytes, let reply):
            await reply.answer {
                try await store.save(name, bytes.exposeSecret())
                reply.done()
            }
        case .delete(let name, let reply):
            await reply.answer {
                try await store.delete(name)
                reply.done()
            }
        case .list(let prefix, let reply):
            await reply.answer { reply.listed(names: try await store.list(prefix)) }
        }
    }
}

extension SharedWork {
    func answer(from store: some SharedStore) async {
        switch self {
        case .load(let name, let reply):
            await reply.answer { reply.loaded(try await store.load(name)) }
        case .replace(let name, let expected, let bytes, let reply):
            await reply.answer {
                reply.decided(did: try await store.replace(name, expected: expected, bytes.exposeSecret()))
            }
        case .delete(let name, let expected, let reply):
            await reply.answer { reply.decided(did: try await store.delete(name, expected: expected)) }
        case .list(let prefix, let after, let limit, let reply):
            await reply.answer {
                reply.listed(names: try await store.list(prefix, after: after, limit: Int(limit)))
            }
        }
    }
}

extension StoreReply {
    /// Whatever the store throws is an answer: somebody waits for one.
    fileprivate func answer(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch let failure as Grantline.StoreFailure {
            failed(kind: failure.kind.native, detail: failure.detail)
        } catch {
            // Only its type: nobody knows what its description holds.
            failed(kind: .misbehaved, detail: "\(type(of: error))")
        }
    }

    fileprivate func loaded(_ snapshot: Snapshot) {
        if let kept = snapshot.kept {
            loadedVersion(clockMs: snapshot.clockMilliseconds, version: kept.version, bytes: kept.bytes)
        } else {
            loadedNothing(clockMs: snapshot.clockMilliseconds)
        }
    }
}

extension StoreFailure.Kind {
    fileprivate var native: StoreFailureKind {
        switch self {
        case .unavailable: .unavailable
        case .full: .full
        case .denied: .denied
        case .damaged: .damaged
        case .tooNew: .tooNew
        case .misbehaved: .misbehaved
        }
    }
}

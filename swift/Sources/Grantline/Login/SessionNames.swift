/// The names of an application's sessions that have not ended, in the order of their bytes.
///
/// They are read from the store in pages, as they are asked for; what begins or ends meanwhile may be missed.
public struct SessionNames: AsyncSequence, Sendable {
    typealias Page = @Sendable (_ after: String?, _ limit: UInt32) async throws -> [String]

    private let page: Page

    init(_ page: @escaping Page) {
        self.page = page
    }

    public func makeAsyncIterator() -> Iterator { Iterator(page) }

    /// One reading of them.
    public struct Iterator: AsyncIteratorProtocol {
        private static let limit: UInt32 = 500

        private let page: Page
        private var last: String?
        private var rest: ArraySlice<String> = []
        private var isLastPage = false

        fileprivate init(_ page: @escaping Page) {
            self.page = page
        }

        /// The next name.
        ///
        /// - Throws: whatever keeps the store from listing them; `CancellationError` if the task was cancelled.
        public mutating func next() async throws -> String? {
            if rest.isEmpty, !isLastPage {
                let names = try await page(last, Self.limit)
                // A shorter page is the last one.
                isLastPage = names.count < Int(Self.limit)
                last = names.last
                rest = names[...]
            }
            return rest.popFirst()
        }
    }
}

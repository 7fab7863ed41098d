import Foundation
import Grantline

/// Sends nothing: answers as it is told, and remembers what it was asked to send.
actor ScriptedPerformer: HttpPerformer {
    private(set) var requests: [HttpRequest] = []
    private let answer: HttpResponse

    init(_ status: Int, headers: [String: String] = ["content-type": "application/json"], body: String) {
        answer = HttpResponse(
            status: status, headers: headers.map { HttpHeader($0, $1) }, body: Data(body.utf8))
    }

    func perform(_ request: HttpRequest) async throws(HttpFailure) -> HttpResponse {
        requests.append(request)
        return answer
    }
}

extension HttpRequest {
    /// Its body as text.
    var form: String { String(decoding: body ?? Data(), as: UTF8.self) }

    /// The header of that name, in any case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

// Performs one request with `URLSessionPerformer` and prints the outcome: for what `URLSession` may not survive.
//
// Arguments: the URL, and the time limit in milliseconds.
import Foundation
import Grantline

let request = HttpRequest(
    method: "POST", url: CommandLine.arguments[1],
    headers: [HttpHeader("Content-Type", "application/x-www-form-urlencoded")], body: Data("a=b".utf8),
    timeout: .milliseconds(Int(CommandLine.arguments[2]) ?? 0))
do throws(HttpFailure) {
    print("status", try await URLSessionPerformer().perform(request).status)
} catch {
    print(error.kind.rawValue, error.sent.rawValue)
}

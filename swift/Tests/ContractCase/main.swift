// Performs one request with `URLSessionPerformer` in a process of its own, for what a test program may not survive or
// could not measure. Prints the outcome and, where the system tells, the most memory that it took, in bytes.
//
// Arguments: the URL, the time limit in milliseconds, and a URL that answers once the server has done with the request.
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

// What still arrives could pile up until then.
_ = try? await URLSessionPerformer().perform(
    HttpRequest(method: "GET", url: CommandLine.arguments[3], timeout: .seconds(20)))
let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace)
print((peak?.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024)

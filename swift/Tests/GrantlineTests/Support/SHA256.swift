import Foundation

/// SHA-256 (FIPS 180-4), since Foundation on Linux has none. published.json holds it to the RFC's values.
enum SHA256 {
    /// `BASE64URL-ENCODE(SHA256(ASCII(text)))`, without padding.
    static func base64URL(_ text: String) -> String {
        Data(hash(Array(text.utf8))).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private static func hash(_ message: [UInt8]) -> [UInt8] {
        var state = fractions(of: 8, root: { $0.squareRoot() })
        let constants = fractions(of: 64, root: { cbrt($0) })
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += bytes(UInt64(message.count) * 8)
        for block in stride(from: 0, to: padded.count, by: 64) {
            compress(&state, padded[block..<block + 64], constants)
        }
        return state.flatMap { bytes($0) }
    }

    private static func compress(_ state: inout [UInt32], _ block: ArraySlice<UInt8>, _ constants: [UInt32]) {
        var w = stride(from: block.startIndex, to: block.endIndex, by: 4).map { at in
            block[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for i in 16..<64 {
            let s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3)
            let s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10)
            w.append(w[i - 16] &+ s0 &+ w[i - 7] &+ s1)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ w[i]
            let t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
        }
        state = zip(state, [a, b, c, d, e, f, g, h]).map { $0 &+ $1 }
    }

    /// The first 32 bits of the fractional parts of the roots of the first primes.
    private static func fractions(of count: Int, root: (Double) -> Double) -> [UInt32] {
        let primes = (2...).lazy.filter { n in !(2..<n).contains { n % $0 == 0 } }
        return primes.prefix(count).map { UInt32((root(Double($0)).truncatingRemainder(dividingBy: 1)) * 4_294_967_296) }
    }

    private static func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    private static func bytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
}

/// A type that holds a secret and prints as its `description` says, whichever way it is printed: with `print`, in a
/// debugger, by `dump` or through a mirror.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["description": description], ancestorRepresentation: .suppressed)
    }
}

// swift-tools-version: 6.0
import PackageDescription

// `cargo xtask test swift` generates what this package needs before it builds: the C header in
// Sources/GrantlineFFI and the Swift file in Sources/GrantlineGenerated. The Rust library is found through
// `-Xlinker -L`, which xtask passes, since a dependency may carry no unsafe flags.
let package = Package(
    name: "Grantline",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [
        .library(name: "Grantline", targets: ["Grantline"]),
        .executable(name: "demo", targets: ["demo"]),
    ],
    targets: [
        .systemLibrary(name: "GrantlineFFI"),
        .target(name: "GrantlineGenerated", dependencies: ["GrantlineFFI"]),
        .target(name: "Grantline", dependencies: ["GrantlineGenerated"]),
        .executableTarget(name: "demo", dependencies: ["Grantline", "ScriptedBrowser"]),
        .target(name: "ScriptedBrowser", dependencies: ["Grantline"], path: "Tests/ScriptedBrowser"),
        .executableTarget(name: "contract-case", dependencies: ["Grantline"], path: "Tests/ContractCase"),
        .executableTarget(name: "interop", dependencies: ["Grantline"], path: "Tests/Interop"),
        .testTarget(name: "GrantlineTests", dependencies: ["Grantline", "ScriptedBrowser", "contract-case"]),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

/// The six features that this compiler still keeps for Swift 7.
let upcoming = [
  "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
  "InferIsolatedConformances", "NonisolatedNonsendingByDefault", "ImmutableWeakCaptures",
]
let house: [SwiftSetting] =
  upcoming.map { .enableUpcomingFeature($0) }
  + [.strictMemorySafety(), .treatAllWarnings(as: .error)]
  // Every struct of the pipeline has one owner, a task; debug builds go on checking that at run time.
  + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
  name: "sperrwerk",
  products: [.executable(name: "sperrwerk", targets: ["sperrwerk"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The system's libraries, and the little C that only C may do.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CSystem", providers: [.apt(["libarchive-dev", "libmaxminddb-dev"])]),
    .target(name: "CLuaHost", dependencies: ["CLua"]),

    // The pipeline, in the order in which a log line passes through it. `Events` alone is `public`: this
    // compiler inlines nothing that is `package` over a module's border, which costs a tenth of a replay.
    .target(name: "Events", swiftSettings: house),
    .target(name: "Collectors", dependencies: ["Events", "CSystem"], swiftSettings: house),
    .target(name: "Lua", dependencies: ["CLua", "CLuaHost"], swiftSettings: house),
    .target(name: "Policy", dependencies: ["Lua", "Events"], swiftSettings: house),
    .target(name: "Engine", dependencies: ["Policy", "Events", "CSystem"], swiftSettings: house),
    .executableTarget(
      name: "sperrwerk",
      dependencies: [
        "Events", "Collectors", "Policy", "Engine",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house),

    .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: house),
    // Counts what the tests allocate.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .testTarget(
      name: "CollectorsTests", dependencies: ["Collectors", "Events", "CAllocations"],
      exclude: ["Fixtures"],
      swiftSettings: house),
    .testTarget(
      name: "LuaTests", dependencies: ["Lua"], exclude: ["Fixtures"], swiftSettings: house),
    .testTarget(name: "PolicyTests", dependencies: ["Policy", "Events"], swiftSettings: house),
    .testTarget(name: "CommandTests", dependencies: ["sperrwerk"], swiftSettings: house),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "Collectors", "Policy", "Events"],
      swiftSettings: house),
  ]
)

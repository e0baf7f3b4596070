/// Cresset's version, by semantic versioning.
public let cressetVersion = "0.1.0"

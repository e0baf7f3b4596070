/// Cresset's version, following semantic versioning.
public let cressetVersion = "0.1.0"

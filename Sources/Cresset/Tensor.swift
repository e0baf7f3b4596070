@_exported import CressetBackend

/// How the colours of a picture file are stored, where that is not as three samples of eight bits.
///
/// Every one of them is read as RGB of eight bits a channel, as ``Image/init(contentsOf:options:)`` says.
public enum ColorMode: String, Sendable, Hashable, CaseIterable {
    /// Black or white, one bit a pixel.
    case bilevel
    /// Greys.
    case grey
    /// Numbers of colours in a table.
    case palette
    /// Cyan, magenta, yellow and black.
    case inks = "CMYK"
    /// Opacity beside the colours.
    case transparency
    /// More than eight bits a sample.
    case deep = "16 bit"
}

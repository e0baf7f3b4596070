import Foundation
import Testing

/// Small files of many formats, drawn and decoded with Pillow 13.0 (`scripts/compare-pillow` draws more of them).
struct FormatFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let width: Int
    let height: Int
    /// The FNV-1a hash of the pixels that `ImageOps.exif_transpose(image).convert("RGB")` gives.
    let hash: UInt64
    let file: [UInt8]

    var testDescription: String { name }

    init(_ name: String, _ width: Int, _ height: Int, _ hash: UInt64, _ base64: String) {
        self.name = name
        self.width = width
        self.height = height
        self.hash = hash
        file = Array(Data(base64Encoded: base64)!)
    }

    static func named(_ name: String) -> FormatFixture { all.first { $0.name == name }! }

    static let all: [FormatFixture] = [
        FormatFixture(
            "webp lossless", 7, 5, 0x5c7fb256c308884d,
            "UklGRj4AAABXRUJQVlA4TDIAAAAvBgABALkyRPQ/dhHR/4CCNpKUY/TvGP4liAVT3B/HxIIp3pdPMQHQCKM4ScODGv/AAQ=="),
        FormatFixture(
            "webp alpha exif 6", 5, 7, 0x919de35dff87fe65,
            "UklGRnwAAABXRUJQVlA4WAoAAAAYAAAABgAABAAAVlA4TDsAAAAvBgABELkyRPQ/dhHR/4CCNpKUY/TvGP4liAVT3B/HxIIp3pdP"
                + "BNm2oR2gCJ8A6CEYCkeiwTtU4x+4AABFWElGGgAAAElJKgAIAAAAAQASAQMAAQAAAAYAAAAAAAAA"),
        FormatFixture(
            "webp xmp 8", 5, 7, 0xf78bc0acdb70ae95,
            "UklGRnIAAABXRUJQVlA4WAoAAAAEAAAABgAABAAAVlA4TDIAAAAvBgABALkyRPQ/dhHR/4CCNpKUY/TvGP4liAVT3B/HxIIp3pdP"
                + "MQHQCKM4ScODGv/AAVhNUCAZAAAAPHggdGlmZjpPcmllbnRhdGlvbj0iOCIvPgA="),
        FormatFixture(
            "webp animated", 10, 8, 0x784b1a67f33cd09d,
            "UklGRuABAABXRUJQVlA4WAoAAAASAAAACQAABwAAQU5JTQYAAAAAAAAAAABBTk1GWgAAAAIAAAEAAAMAAAIAAAAAAAJWUDhMQgAA"
                + "AC8DgAAAX6CgbRumkvkj7g4NsgHKlL1AJmCxz+dTRP84Ekgw/5E0APSAQPYHg/0HgQBBAIlSCikMt8IKo0b0P6jLAUFOTUZSAQAA"
                + "AAAAAAAACQAABwAAAAAAAlZQOEw5AQAALwnAARB3wqa29iZK2Fnrr4AIiIN4ZGRkZERCekLv/bdhkG0klMvDvNmbPElVjsSJbe1N"
                + "9Ds6Li4Oh2MFSFTbCJ7pfROzg15VLy4ubvq4uN/9Lk5h27ZtDAKTjmBXHg55UhMnusXXHup8QoBd/XB/VSY9DHR7v0zVwYcIu/0p"
                + "krRgHlrwdAfcASAlLIwXWBgeCIqjhQa+A0EPZCAu4jEL7fEH5aNxA3BQkEAmjgt4hgV6SNB0NN+AHB7QAZl2HONpi7/HHbQ9Ghgo"
                + "BwHNkTnHGTy0kB470NVoZPBwOMg7Hk7z/hZ30Y+upgwEOAwAgEzjs23bzLZdRP/jD2MUKyqGE+I0J6mmG2U1L2uWF+fNYKrbflK0"
                + "w9lqH6RlN5qvD5dH1Y8Xm+P1+QEmy+3p9vqCCLE7398/CCUZAQA="),
        FormatFixture(
            "tiff", 7, 5, 0x5c7fb256c308884d,
            "SUkqAIAAAACAAAADISgEZEoCDI3gkZJQIDJchkZN4SDIFgMZDACDkqgcgHoGEdPhMnMQOFV0icuBYDDIdx4wAonIUHlxVBY1M8Pn"
                + "h6CpDCGGEYFEc1g0uJAJHFahlDNoRJt/i1YCwGDIog0nHYIGpNhVDMAOKJyiVfAoYNqAgAAKAAABAwABAAAABwAAAAEBAwABAAAA"
                + "BQAAAAIBAwADAAAA/gAAAAMBAwABAAAABQAAAAYBAwABAAAAAgAAABEBBAABAAAACAAAABUBAwABAAAAAwAAABYBAwABAAAABQAA"
                + "ABcBBAABAAAAdwAAABwBAwABAAAAAQAAAAAAAAAIAAgACAA="),
        FormatFixture(
            "tiff cmyk packbits", 7, 5, 0x5c7fb256c308884d,
            "SUkqAJoAAAD//xnNANr+zQC1+80AkPbNAGvvzQBG5s0AIdvNABv0/M0Az/vGAKr4vwCF87gAYOyxADvjqgAW2KMAG+n5zQDE+L8A"
                + "n/WxAHrwowBV6ZUAMOCHAAvVeQAb3vbNALn1uACU8qMAb+2OAErmeQAl3WQAANJPABvT880ArvKxAInvlQBk6nkAP+NdABraQQD1"
                + "zyUAAAoAAAEDAAEAAAAHAAAAAQEDAAEAAAAFAAAAAgEDAAQAAAAYAQAAAwEDAAEAAAAFgAAABgEDAAEAAAAFAAAAEQEEAAEAAAAI"
                + "AAAAFQEDAAEAAAAEAAAAFgEDAAEAAAAFAAAAFwEEAAEAAACRAAAAHAEDAAEAAAABAAAAAAAAAAgACAAIAAgA"),
        FormatFixture(
            "tiff group4", 31, 5, 0xebd0024a9696b9d2,
            "SUkqADwAAAA8jCI+R0YRHRhEdKEEIQTCC4QVggSStIECYUWwgv4UcILgi/xtOCBJD3QQTBAqCI/gAgAgCQAAAQMAAQAAAB8AAAAB"
                + "AQMAAQAAAAUAAAACAQMAAQAAAAEAAAADAQMAAQAAAAQAAAAGAQMAAQAAAAEAAAARAQQAAQAAAAgAAAAWAQMAAQAAAAUAAAAXAQQA"
                + "AQAAADQAAAAcAQMAAQAAAAEAAAAAAAAA"),
        FormatFixture(
            "tiff jpeg", 16, 16, 0xe1264b557fb8fe60,
            "SUkqAEoAAAD/2P/AABEIABAAEANSEQBHEQBCEQD/2gAMA1IARwBCAAA/APM4x84rzCuPrThU7RS0YqjEPmFLQK1IVG0UtSAV/9kL"
                + "AAABAwABAAAAEAAAAAEBAwABAAAAEAAAAAIBAwADAAAA1AAAAAMBAwABAAAABwAAAAYBAwABAAAAAgAAABEBBAABAAAACAAAABUB"
                + "AwABAAAAAwAAABYBAwABAAAAEAAAABcBBAABAAAAQgAAABwBAwABAAAAAQAAAFsBBwAhAQAA2gAAAAAAAAAIAAgACAD/2P/bAEMA"
                + "DQkKCwoIDQsKCw4ODQ8TIBUTEhITJxweFyAuKTEwLiktLDM6Sj4zNkY3LC1AV0FGTE5SU1IyPlphWlBgSlFST//EAB8AAAEFAQEB"
                + "AQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHw"
                + "JDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqi"
                + "o6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/Z"),
        FormatFixture(
            "tiff predictor orientation 5", 5, 7, 0x47c66c60632820fd,
            "SUkqAF4AAACAAAADISgEACUBwcCwcDwcEwcFgAFgOCAEDwiLgWLgeLgmLgsDhYDRUHQiSgWSgeSgmSgsHCEExUKwiZgWZgeZgmZg"
                + "sKiwGRUOQiggWggeggmggsOQEAwAAAEDAAEAAAAHAAAAAQEDAAEAAAAFAAAAAgEDAAMAAAD0AAAAAwEDAAEAAAAFAAAABgEDAAEA"
                + "AAACAAAAEQEEAAEAAAAIAAAAEgEDAAEAAAAFAAAAFQEDAAEAAAADAAAAFgEDAAEAAAAFAAAAFwEEAAEAAABWAAAAHAEDAAEAAAAB"
                + "AAAAPQEDAAEAAAACAAAAAAAAAAgACAAIAA=="),
        FormatFixture(
            "tiff premultiplied 16 big endian", 5, 3, 0xa679fc18970780fe,
            "TU0AKgAAAIBupod2bqz7nPBekV/862JEqlF3Iwcypy9V/9bdXoM4rVC6pQE2gJxWhlO2gFF0tnYd2/blzYrNmtdEsBTimIJVR6vk"
                + "jf77tu/4xtyddqQ5sw8leApszmq6w20HYaC6XitnShe0xCw78pCkt3NUgobzVeKduRekLmwACgEAAAMAAAABAAUAAAEBAAMAAAAB"
                + "AAMAAAECAAMAAAAEAAAA/gEDAAMAAAABAAEAAAEGAAMAAAABAAIAAAERAAQAAAABAAAACAEVAAMAAAABAAQAAAEWAAMAAAABAAMA"
                + "AAEXAAQAAAABAAAAeAFSAAMAAAABAAEAAAAAAAAAEAAQABAAEA=="),
        FormatFixture(
            "tiff palette 4 bits", 5, 3, 0x8611cf5fb8020bad,
            "SUkqABIAAACEwGqzYMhtlCUACgAAAQMAAQAAAAUAAAABAQMAAQAAAAMAAAACAQMAAQAAAAQAAAADAQMAAQAAAAEAAAAGAQMAAQAA"
                + "AAMAAAARAQQAAQAAAAgAAAAVAQMAAQAAAAEAAAAWAQMAAQAAAAMAAAAXAQQAAQAAAAkAAABAAQMAMAAAAJAAAAAAAAAAdlA8Vtx5"
                + "SBrOOM1DbCBvxA40FZXwaNdy8NfoLJGIdmsHy/eP7q4dFiJmsgKH0g0c9MHB+z1HBQw1eXXZXjn7ARI+NWX2ZxKpOQTAKjBE8Qhv"
                + "K1T+d2UY1zwj2MtjYtQv"),
        FormatFixture(
            "tiff float", 5, 3, 0x3b615b3a4008be60,
            "SUkqAEQAAAAgTyZBZRwjQwC1jkOmUPjBcUUQQ7k7IkOYaxBAgaIvQs0alUPNpJVDfwrxwPXpRENXaY1DI4ADQgXlI0MKAAABAwAB"
                + "AAAABQAAAAEBAwABAAAAAwAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAACAAAABUBAwABAAAA"
                + "AQAAABYBAwABAAAAAwAAABcBBAABAAAAPAAAAFMBAwABAAAAAwAAAAAAAAA="),
        FormatFixture(
            "tiff ycbcr", 5, 3, 0xb41fb8b34c19c5fd,
            "SUkqADYAAAAAEAQLETdqvGixrl0Yjn3YdnCTrHqnpYV2NxuX/wGzkOHSTcZnAA6wy4g0Ft4ACgAAAQMAAQAAAAUAAAABAQMAAQAA"
                + "AAMAAAACAQMAAwAAALQAAAADAQMAAQAAAAEAAAAGAQMAAQAAAAYAAAARAQQAAQAAAAgAAAAVAQMAAQAAAAMAAAAWAQMAAQAAAAMA"
                + "AAAXAQQAAQAAAC0AAAASAgMAAgAAAAEAAQAAAAAACAAIAAgA"),
        FormatFixture(
            "tiff planes", 5, 3, 0x49cd7378760f32fa,
            "SUkqADgAAAB1+uFYwLkmHIF3Md2mt+EAEDCKlevjlV2tZYhzkMQ1ABWi9Ga9u+IyPjFv/EBo8gAKAAABAwABAAAABQAAAAEBAwAB"
                + "AAAAAwAAAAIBAwADAAAAtgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAADAAAAvAAAABUBAwABAAAAAwAAABYBAwABAAAA"
                + "AwAAABcBBAADAAAAyAAAABwBAwABAAAAAgAAAAAAAAAIAAgACAAIAAAAGAAAACgAAAAPAAAADwAAAA8AAAA="),
        FormatFixture(
            "tiff tile", 5, 3, 0x1709308eab190b95,
            "SUkqAAgBAACZOw6TcSbmvrqsswRNfQJhqoCjzORKlZvOeiZU+kwoAGSb/m723pgcXSqjNuC3wTip7qpxi/MGRXUqIFPGG5DQpa68"
                + "FhidoU4dlCehtVnuSDfCYhriJ3uEk7K6yKk1Hw7KB4AGLz2iYW5a3cfNpHiPwpW7zjo8u231DlF/d5yYWM5gnrW1yRzHrgWOPyMc"
                + "55Cyc9S8M7z3EI1CzWwqsdml3MEfO/+1hBi8ms32hM2/wmeloWY+UIeCxOx6Xx0CsvQ1gSLcMIx6jzBgjl5qZp4j1aHhqt3uUEp+"
                + "ksorGThRsTnJ4NdS4SHghQ9IQiYThQda0O0MEy6B8A+SqvmBCkHPCgAAAQMAAQAAAAUAAAABAQMAAQAAAAMAAAACAQMAAQAAAAgA"
                + "AAADAQMAAQAAAAEAAAAGAQMAAQAAAAEAAAAVAQMAAQAAAAEAAABCAQMAAQAAABAAAABDAQMAAQAAABAAAABEAQQAAQAAAAgAAABF"
                + "AQQAAQAAAAABAAAAAAAA"),
        FormatFixture(
            "gif interlaced", 7, 9, 0xa29ffa3c75c26aba,
            "R0lGODdhBwAJAIIAANgjyuIlUqkYfIsUbWoQUEkLPR4wURwFMywAAAAABwAJAAAIMAAPHChAgECAAAIJDjg4kMAAAQIQKhQAAMDA"
                + "hxQNTKzYcEDFABoJULSo8SEAkAYCAgA7"),
        FormatFixture(
            "gif offset transparent", 12, 9, 0x11d836e6ddc3b5a0,
            "R0lGODdhDAAJAIEAALwaaIAOTkgHQBUEMiH5BAEAAAIALAMAAgAGAAQAAAgUAAcMEBAgAICBBA0iNHgwIQAAAQEAOw=="),
        FormatFixture(
            "gif local palette beyond the screen", 6, 4, 0x7b618c8eb64d4c0d,
            "R0lGODdhBQADAIEAALwaaIAOTkgHQBUEMiwAAAAABgAEAIFkZWZnaGlqa2xtbm8IFAAHDBAQIACAgQQNIjR4MCEAAAEBADs="),
        FormatFixture(
            "bmp 4 bits top down", 5, 3, 0xaab09f1ff46429c1,
            "Qk2CAAAAAAAAAHYAAAAoAAAABQAAAP3///8BAAQAAAAAAAAAAAATCwAAEwsAAAAAAAAAAAAAvzksAGVRQwAVT/IA9gkqAGF1/ACC"
                + "yR4AXEebAEH4JQA5CgMA4n8MANiXDwDkT3MA7mY1AD1dyQCNjWMAPVNLAHSOnACIyQMALGj3AA=="),
        FormatFixture(
            "bmp 1 bit os2", 9, 3, 0x22259386321003d9,
            "Qk0sAAAAAAAAACAAAAAMAAAACQADAAEAAQBDRwEkHXt2zAAAwloAAPZIAAA="),
        FormatFixture(
            "bmp 16 bits", 5, 3, 0xf6f2de10b58716c1,
            "Qk1aAAAAAAAAADYAAAAoAAAABQAAAAMAAAABABAAAAAAAAAAAAATCwAAEwsAAAAAAAAAAAAAB8naj60YGUcmIwAAk6o29uelKhZc"
                + "vwAAn2BTjm1Vx0sssgAA"),
        FormatFixture(
            "bmp fields 565", 5, 3, 0xff245eb270a91491,
            "Qk1mAAAAAAAAAEIAAAAoAAAABQAAAAMAAAABABAAAwAAAAAAAAATCwAAEwsAAAAAAAAAAAAAAPgAAOAHAAAfAAAA4bkwHjb1yhCA"
                + "awAAzfqOc1g6fCQvtAAAKVnaj1apoMN9ywAA"),
        FormatFixture(
            "bmp fields 32", 5, 3, 0x5576959c41b3028f,
            "Qk2CAAAAAAAAAEYAAAA4AAAABQAAAAMAAAABACAAAwAAAAAAAAATCwAAEwsAAAAAAAAAAAAAAAAA/wAA/wAA/wAA/wAAAHFYDGLc"
                + "h5KWgAIe42i4gM1z0UgrxLXGqcDPKLffCS9GyXCOxWbk55hpcFjht17Fm3FYk34Mm09ZtOdmGQ=="),
        FormatFixture(
            "bmp rle4", 5, 3, 0x2f09a01c901bdabc,
            "Qk2IAAAAAAAAAHYAAAAoAAAABQAAAAMAAAABAAQAAgAAAAAAAAATCwAAEwsAAAAAAAAAAAAAvzksAGVRQwAVT/IA9gkqAGF1/ACC"
                + "yR4AXEebAEH4JQA5CgMA4n8MANiXDwDkT3MA7mY1AD1dyQCNjWMAPVNLAAUSAAAABRI0UAAAAAWaAAAAAQ=="),
        FormatFixture(
            "bmp rle8 delta", 5, 3, 0xc9ff85b8c2e2227e,
            "Qk1kAAAAAAAAAFYAAAAoAAAABQAAAAMAAAABAAgAAQAAAAAAAAATCwAAEwsAAAgAAAAAAAAAIVbsANlnDAC630YA6GGHACnbIABE"
                + "XywArWTMAPMyoQACAQACAQEBAwAABQcAAQ=="),
        FormatFixture(
            "pbm bytes", 9, 2, 0x599e2ded5dbc2d4e,
            "UDQKIyBhIGNvbW1lbnQKIDkgMgqlgFoA"),
        FormatFixture(
            "pbm text", 3, 2, 0xe253a1fbaeac57c6,
            "UDEgMyAyCjEwMSAjIG5vCjAgMSAw"),
        FormatFixture(
            "pgm 100", 3, 1, 0xc88bc42a94cd368c,
            "UDUgMyAxIDEwMCAAMv8="),
        FormatFixture(
            "ppm text 1000", 2, 1, 0xcae9bbd1dacd4fb9,
            "UDMKMiAxCjEwMDAKMCAxIDUwMCA5OTggOTk5IDEwMDAK"),
        FormatFixture(
            "ppm 65535", 1, 1, 0x76eb1918c5d15110,
            "UDYgMSAxIDY1NTM1ChI0gAD//w=="),
    ]
}

import CressetData
import CressetVision
import Foundation
import Testing

/// AVIF pictures, where the system has libavif.
@Suite(.enabled(if: AVIFFixture.isReadable, "libavif is not installed")) struct AVIFTests {
    /// Larger than what a check of a folder reads of it at first: of the beginning libavif says that it is damaged.
    @Test func largeFilesAreKeptAndCutOnesAreNot() throws {
        try PictureFixtures.withFolder { folder in
            let cut = [1000, 4096, 4500, AVIFFixture.file.count - 1]
            var files = ["a/whole.avif": AVIFFixture.file]
            for count in cut { files["a/\(count).avif"] = Array(AVIFFixture.file.prefix(count)) }
            try PictureFixtures.write(files, in: folder)
            let pictures = try ImageFolder(folder, transform: ToTensor()).checked(workers: 1)
            #expect(pictures.samples.map { $0.path.string.hasSuffix("whole.avif") } == [true])
            #expect(pictures.skipped.count == cut.count)
            #expect(pictures.skipped.allSatisfy { $0.reason.contains("truncated AVIF") })
        }
    }

    @Test func theGeneralBrandMayComeFirst() throws {
        var file = AVIFFixture.file
        file.replaceSubrange(8..<12, with: "mif1".utf8)
        #expect(try Image(decoding: file) == Image(decoding: AVIFFixture.file))
    }
}

enum AVIFFixture {
    /// Whether libavif is there.
    static let isReadable: Bool = {
        do {
            _ = try Image(decoding: file)
            return true
        } catch ImageError.missingLibrary { return false } catch { return true }
    }()

    /// Noise, 52 x 48 pixels, written by Pillow 13.0.
    static let file = Array(
        Data(
            base64Encoded:
                "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcG"
                + "l0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAASXgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABq"
                + "aXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAANAAAADAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAB"
                + "dpcG1hAAAAAAAAAAEAAQQBAoMEAAASZm1kYXQSAAoJOBVzvaQENBpAMs4kEgJDSgIIIPkAAt1dSB5pP/qpHuODTKk9xhsE8rFr35dGSzyVIln3"
                + "DU7/59fCca1ImFfBrQmiHuod52N2R6+7phpWqP138CqMp1Tt+ZUw3Orp1ug4T4t2PxB0TO3vlMR0UyUq5QY/KIMDxU9bJOHprxIOvPV+LZK0Sg"
                + "UynOcgyoCcooq7TniOs0zgFNpMKNqmaGT+seBWbToUn2OVMK3ZrvTARpTY3uZjumFahUdUSd4/ZKKCeTYM1NXRjkakwUsEpnVIAikAKePQvjVG"
                + "OfDvszB24Ih1e8Dy5EnqeyZuWnWs76+Jp7Cbbf5UDuAR9SxY5oKkyzNK3yEVHV6wfpT+Ctb6VbYkHEvh8ERP3jTg6HbvdRCNUzcem7hX5+tL5I"
                + "tj1L3xd0gS+j13CLaL2ZS76RXduEx8MkR5vA4yaDQF5zfe2ba54lEJkTBwJRNE4DX1+1XIc2htU2R8xmJEkhw9fi2kMNbcwXD/Xu4P1Z3GeCi+"
                + "cNLPuaPVGT3xCSbRXUDGTRhdcgG7A02CgWUwMzo+VSHT5KHgvUu+f9BGeAcB6zkxrsjU+zdkjMi+5mVXkui6ylBHqBxb8jx4YEMojSibeY5PLC"
                + "fIouriM/x+OG0E5LnSZpVlnt6AwRCgChx3av2o0dSYncoX7gADycI5FVi2+endNTbfdd/bJe2/OKIP09PqN+14QW2nTU/yC6uJtpgGRBv3OsYV"
                + "Q+H8p6ViBYTs3I7uzm+dh2oLwuJPNMiIHjjeAOtf6cGde7m63LkzFPaEMW8JjMEqixHa73UVYi3cUtnullopUoeq17AhUSsSsHl5FF1nRTl8XB"
                + "XcZDF8xChLGfbttWcy2IQ6jULnp63+nJLsGuVsy/VVROPuU8EP/7EDAed2nBmj3zAd834+k9Jsm1zmoHI/89dNhESbrF+7vKVvO5UiLLSgFTc6"
                + "35PNnfEy0W9RKMHea1mxgxl2W03gwPK0OhNDMg34X8fojeWg3v7xe934jLTK1SiEGS9r4IFSCruCUVIdp7wG02lNdCHoC1+LMdCd2DcuHri7zT"
                + "HWb+RGA1IwvA8FKNIXkiLl0RHTxhrTXFZaxxmwtVtv7Sn0xh/LM8SOf/NyUIH0oGq7BdUIHfOoBfYBA2zU7zbqYogmFFI99OJnFnZgQap5+rTE"
                + "AihVv5A5yNFzlcM++5A37xxB1C+cJ/SqrG+BnlzR3ZJKf9ych4UXf2y+psdQ1vZNdnFRTBPzumE0LtRC0atbE4Z3tm6tXngSwQxecufwvLZPUr"
                + "ccI7TW0VU+tTB0HjXKvZHpmtDIRWz0Ni5qJzWQtgJb5YfiLBIIX4SfY9ss3dG48dgzpyX+I96CcKce6VSFzQQAKd3X0tjRS3EDRq7GRRtZJCSH"
                + "R115d2dTLn+ra6hPSChxiG3PF4HWMWHCN+dO3QL/SxCWghZZspE8HC3cyO4PTkquNA4oWW4ue9aM0ChAuBwfFmxaj31YtU+QUB2mQ2IpE02OFO"
                + "QLTx+KETDC1Ld3NI9mqfhbRj4Dptk9uxJOmRksYevNJVU4WF/E/AdTr07AI6R+EFDesYxRtNSVviBrLFprURfmLfiKybgdHZb2SJqhF+NU63AX"
                + "vriVAbhNUW1adgx66Xbc/OHBzxgxDWDn+sAl/iPUk1LCMuiBkHA1XLkMReKNSACJmtfLPG4pwcbUuUpQRVUYbBrsvvaVyBY17sGc4yFcFNiP9F"
                + "Hj+zjmI+eKzpdT8pzPgSH04gHcVws5BYcZKhyXkMOTjXX7FkULVjQrzTzigCvhEXeI3wCvUrdUPxvTfHL/wrVCBn3REOB8z7nN2/F8WHWbEcSP"
                + "6UpjQ38wV4avw2wF8WdeOMq/hl4FehMdMyIIL7utP0IYIYnA0KZ9u6uJ1fOSGhIPZXE9bzMy2htZRcxSwBcboBhRamVF4iuRwSDKu+vh4xL4by"
                + "8w+Jfj5nru6eg71ToTdeNkStccsKlkp1XnGK6CkHuJWC1aTaxJc+sWpOZNzxWMpJDAGQ/aTXqYSCJuh166F+eRq7Is5gGFG8HUk+JeUu1YSIHq"
                + "/14+hl+XBr+kwzx0ng866rx6Ovni2zIRS4Chl26T1XSwT32FwvPmHStyKFv0MtGVhLQvavm4KgRX4kJm+Q6f4kmTsZ3tU3Z+Qp2mIIbti3/BCy"
                + "RcZWfI/hZM54r1W6Lr5cvSGKQodHzupbVHSRKNJNdRntOLB9mm2ddDJ0ZLdl1oFMISsm33R6ffFHykA463KtlCnBAB9RU1rRQfRUs5DBN/miVJ"
                + "W4ety8L2ee2+LaT/RTBRML3+xLYB4Ca/gzbjRvv50TGBCPWSqxCxyPx3j80C77cJuXCPnDK94uDhMlBU2G59H1tu7h6nRnBG1WWFSRyO2AE4Us"
                + "u+YmRELu4UNhGXKE6MPNr4SMfayvORkskEgPs9US5SfveD6p7E8oWiv7RybOsJhUYRdad2yGTUCHICh2Lhsk/mMogXg7x5VfXzS5fNwRQJoLfK"
                + "EILOCyFieDAWaKzbfa8THkK45k1ea4kw/IFRH24WO+8KRuHrG7SEIE3YJ6u5+duta9rFswm6mKtkvLddoBffuw1rCg2/hbLktwH21ZR9Mc2Be6"
                + "4ClUjbjtjMpGUxnM/28JJbSJg+BxpTl21Ipxo6YHioE6q+l66sEmI/MYpTxUVFMTY9NXhMdh0NWfOLiZvTr0djLJpDfxYRYN33+4Pg4S9aKGVK"
                + "dPunFYDZWJo/CgdkmaTN66bmNf4O12iwgf21NM6HszryUcOMeA3B0B0gS1NN44+klLTAyWks/EUN3NQV+kMASPJ/a9cCLRjqNqUm2IqhPq6dZK"
                + "Dx5L4R+KZj+ptqiy0QNuCLz2fozxbu20nYzoyBAhy8lUi9J2x8JQoX59ehLFP0x2zQUrr05liUWr3fRDLAcqlWYIF28rSyOb5txiMET/rXuFXk"
                + "XtGmolTtWwK4eTFx6S7nhthAIM2vZG2AeGZx2cT+ukKrI4sekBexEozjb1DZSFnSkBHywGaz7s1RDxhQ7tN9iM8ZtOkFHAlEEpgI/iauZaJ5OT"
                + "kU3NRl03NeM/eHMpwUEJ17k8+swg1JTDmUvunluc/sP8jw2IMhD7MoOfIVmRqevlaiYjfNCHIilfwRFPsh7FWYVU8iT6J6nNGJUwsfL0Cm8UNH"
                + "Ki8xTQJ+5NktojHrDhmvheYEs3lqz9tEkxrJUwtiZeD5Q7s4QxPrgLGSvqbbzagnIB/rIH+QR0MSmLBdhsEV+CbBSICBeqZkci0o+1u3yH3Ule"
                + "edF43jMS4w7ZILLNIrisNHHoGqWmuzvdp3R/yE8PsQ3wPbqtdauiiLo2H/7OisMDE0se3RZbbjQZk6pKjK2znfRabwPz9Icb2RftBpMcTQ0rPe"
                + "WtfZK3cvxr/jNNg/ySOrn0tkWNwHIVe8Vzzbk5EfAv/oZSqlsJnyWTMqjsdz4m4GxXKBrzoI9UiqCPidEpFB3gUuxoIB4Y3yCUPmbMJLzNFw7T"
                + "9kRns2ePKagGsqAoZevW/Vz1A1KmChHpUX0zoVTDdtcwnDbWVYLmrAafkRv7aba6Zx/8Xs9ZWTBy44kvncWfYQJm32TFURuJw/Z1Afba13LLaL"
                + "IGpJQvZPcIibjKDfcX7fPOnxRaOVXQXo5YAOXb6aGHI3+OOW09LK6S67hT7VD1tTXU+fAzLucQ/GtZWcDgSP4IvEfj5xaIR/dGWfbDIzn6Q9w+"
                + "QFROozekbZiXRqe0E4N1KBXueqdDFqH/b8JAcgM0vzdqHMdfxPmnQI98z2rghAMym3ScsFl0ygL53gncmSNNttKJoOZlT3Np7TP4Z6EomyZZAP"
                + "BL4I2+r5tbwwAhvHZbLPk+TgRFud9YqGQ7hfEsfPreSZQIBXQeydS4NiRtvIaahL46xEtuFLx7ASA6ci5mJ/xFFvjki85LZxcq7r0qJhv/kGNi"
                + "+BmJIm+3m5c49UP1+Xic2ltoVER6WPt/LGRq55mmNyaBsgWRiea4ml8YOy/zfjIwg6jldj+LJgS8GPr3Y+TOr9CBOS6OZb1RmAqyUF2rNaKkiq"
                + "uau3A5b5Y/BzyaKI8fqZyMISoMwOjrpVKmvBxz2gbeL5vC4xEh0GUdvRFrDSqmeBypl6/C3pXQBSCRxgeXXMKLW7EKSqZrvc1xEjJHfr+AqjrW"
                + "LEy/7+7u70JoZeYtchjYymDRMKer0RF3mpJW+ZJY43AOSKL9WUK0lUXDsCMDeqLoI2jLewjtTxO5JS4r8gFdOhHamZeK7+B78kevZi5Sap3VNj"
                + "jspTWLZ0D42q2M/ASpxQluHhl+a1wDbDk3VIq9RX8eNtRwNoa8qvztuwfe4PFhcjZVtg9COaPu0f59Hmg6/8Wj5CnyGYoEk7EYjwHuON1oscNk"
                + "4xLxFSLURFXXAZO3pUP7W9O5V7hz2H+CXWKs9KYZDPsdyIpx6GYbnzlRrSOZFU1tlKBkF1ahRJ+cmh62P4hwftXeQc2K5fNDgmhxg434xfwa2b"
                + "Gu9By3N9u7ppVdaA5+rD1JJrRUd4XM8FBwIKO2M3AiGey5sjsJbg6IAJcPS26SByps/571L1s2GaO5tjvzOR/963TcmcuSwst82WYAIAjYocRR"
                + "ftejws1pMTUNE0GGN2QZnUDbuoy+dPQvZqolCQtHSXg1ULYc0WybFD4430y0Y70zl91QJLWs+C2X3CUVRfp8WtWEKtGBYdqPcqcmETC0i+iEzD"
                + "atIFD1YIR+mlcFIKHF3JwDNbU7hKug0yV/Boi3QvOG/qH92i8+fJVxRgjPvgoGN9B6N9hmMVRHpeRESmvNU1i8pEhiqXkzof3t1UYqYSAmabdy"
                + "mv/nVLIEKLAn1FhGZrTH0F4copaEt76K/b+txFzUhV9fR69as4KPU5YkVaKFn60zzdnlh98LdNcvqGMnq3Rey9CfURw52TmxmU9UXgg1nRMb3K"
                + "WeVtb17+Rn5KMhVii5tWYOVxXVu2U4tJR9vDwoHfjYXvLOvFYFA4Z4SzijwU/ZyiiIDNRR2izvJ9W6o2qgZgfy29N4FxvTppLQzOJNvaIfTw/F"
                + "Z9DuQnflYrPwI1uPgYKaI6ZwcSvYcg1h1U3J+/Cgt3/Ct2gU+UESM86lKCYv5bIqSSblLC2pfMoO7qkxXZVG5UA2oXwxu+tdWmUe7IQLqJh7mr"
                + "cTip0Jkj54gzJwh0hzDTTFWkLSvCat9AzMmI18hsQXhhXwYQD/vy3LBKMCXdBz7p3ahBfwoCP0LdZASL5RlLo4kuhEel0K+A/AUGbpdSoEVXyW"
                + "kgBvPxY6QY/90dZLPppcnY8pj5T7A1GMVzdNA2YLdgziUfm518AHyJC+CcNMI8OyTgyl65BKaHITBEd//GZ4JqLYarHFqWCAz+beaYLh4RuNTH"
                + "kvilepXrA9CB2WncOtd+9MhhdByJQChODGkdrUR2gRoYFiYce5j/jmDGLR/hFgW9UhFuRMF9S/cWA2MbBcA3UhLkDt1Ug//a+TI1TsdA4rmOKX"
                + "/YelwV2QM4KE2CqMWF7iqd9egWnv/3U32auUWgdgMf+1CsBbMoyrE8YY+ysWJ9pwTgwsMB9ze0VGRyNa1hhr0p4TbcpCzODcezwopr7eAK5AeI"
                + "69I0lA89w9GppSPLCggm2iKO9xDWKBU83NBZYyjwN6xP1tFkbVUJmN+OT3zQ2eVfOt7SYBhDVSsogR2G+PSbH3rUkLskZP4pMCDyHBCR8SMKcI"
                + "PCrZvntvNiFsCNGfGQ4vD+0B7Ohl8BdoG+7X4nQQSgBxSH8lMHYTx8ABDtDqO9aSgZxGdVTICadPyW3+zDjuW4psagCrpLcB1m1H4SsabFRTAq"
                + "WM+tTwstWJNx81phPF5F8fE/gbxt8rOrVVBB1lsdWXgCmNiFZ8h+EsF7XpOCwMaXK+DXPIKVApuDyJJGQLCQ5q0GcSJANSuTYo/h7UpxHaOBAz"
                + "6bUXbldvdUFxA1aRZbbRbsabeaGLbYUPzmzMHykNKCYXrvd0lAla3WErf7T4SAfHIMFcLmVH/fbDNovCIVsqaN3r+FLJKcQ2WauNtQegAWZa/m"
                + "q0Cxjfd5si8QhYE20hyFUpffha2sn0/+lDtgTPOjqGIyJ5KUVxqXxPr+2l8z9azrHIKB5xw27RpZzp53/t6MGD7CS7zW/BDNYKW+pVAeQV9tmV"
                + "jZ7+5hK3SqW04aj1qkztNE0+HK2IDXvDRH6+Mkb15GCI3AD5llJZi5hpc2f84Zh/6TKh2O6KslQEVnW7fqdU5PNsIco4e2jQV+IJH4BNnJASOB"
                + "o3a3f45P5292OhMkK6KLbtUZX/irGdhW/QhA"
        )!)
}
